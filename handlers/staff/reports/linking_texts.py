"""Saying whose case a report is about."""

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.reports.views import ReportCard


def to_link() -> str:
    return _("批示：先定涉及谁")


def to_link_again() -> str:
    return _("改涉及的人")


def ask(offered: int) -> str:
    asked = words.bold(_("这件反映涉及哪一位在办的人？"))
    hint = _("反映里提到了下面的人。都不是，请输入姓名查找。") if offered else _("请输入姓名查找。")
    return "\n".join([asked, hint, _("点了以后，那一件在核实清楚前不过下一关。")])


def nobody() -> str:
    return _("不涉及在办的")


def linked(shown: ReportCard) -> str:
    if not shown.person:
        return _("记下了：不涉及在办的人。")
    said = _("记下了：涉及{person}，核实清楚前不能过下一关。")
    return said.format(person=words.typed(shown.person))


def has_a_part() -> str:
    return _(
        "记下了，那一件在核实清楚前不过下一关。您在那一件里有职责，这件反映不再由您经办，"
        "由在那一件里没有职责的部领导或组织员接着办。"
    )


def none_found(name: str) -> str:
    return _("没有找到“{name}”。请核对姓名再输一遍。").format(name=words.typed(name[:20]))
