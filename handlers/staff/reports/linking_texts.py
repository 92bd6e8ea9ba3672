"""Saying whose case a report is about."""

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.reports.views import ReportCard, ReportedCase


def to_link() -> str:
    return _("批示：先定涉及谁")


def to_link_again() -> str:
    return _("改涉及的人")


def to_link_more() -> str:
    return _("还涉及别人")


def take_off(about: ReportedCase) -> str:
    """Not HTML: a button shows what it is given."""
    return _("去掉：{person}").format(person=about.person)


def nobody_else() -> str:
    return _("没有别人了")


def ask(offered: int | None, shown: ReportCard) -> str:
    """`offered`: how many more people the report names; None where nobody could look into it."""
    asked = words.bold(_("这件反映涉及哪一位在办的人？"))
    if shown.about:
        asked = words.bold(_("现在涉及{people}。还涉及谁？").format(people=_names(shown)))
    hint = _("反映里提到了下面的人。都不是，请输入姓名查找。") if offered else _("请输入姓名查找。")
    if offered is None:
        hint = _("这里没有打开反映的密钥，没有看里面提到了谁。请输入姓名查找。")
    return "\n".join([asked, hint, _("点了以后，还在办的那一件在核实清楚前不过下一关。")])


def nobody() -> str:
    return _("不涉及在办的")


def _names(shown: ReportCard) -> str:
    return words.names(item.person for item in shown.about)


def linked(shown: ReportCard) -> str:
    if not shown.about:
        return _("记下了：不涉及在办的人。")
    if all(item.over for item in shown.about):
        over = _("记下了：涉及{person}。这一件已经终止或者归档。")
        return over.format(person=_names(shown))
    said = _("记下了：涉及{person}，核实清楚前不能过下一关。")
    return said.format(person=_names(shown))


def has_a_part() -> str:
    """Also where the case is over, and where there is no director but this one."""
    return _(
        "记下了，还在办的话，那一件在核实清楚前不过下一关。"
        "您是那个支部的人，或者在那一件里有职责，这件反映不再由您经办，"
        "由没有关系的部领导接着办。没有这样的部领导，请先邀请一位。"
    )


def settled_already() -> str:
    return _("这件反映已经答复或者撤回，涉及的人不再改。")


def changed_meanwhile() -> str:
    return _("这件反映刚才有别人办过，这次什么都没有改。现在是：")


def none_found(name: str) -> str:
    return _("没有找到“{name}”。请核对姓名再输一遍。").format(name=words.typed(name[:20]))
