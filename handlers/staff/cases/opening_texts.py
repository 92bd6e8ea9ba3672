"""开始新的一件."""

from collections.abc import Sequence

from handlers.staff.shared import texts as words
from services.cases.views import CaseLine
from services.core.i18n import gettext as _
from services.core.i18n import ngettext


def not_for_you() -> str:
    return _("这件事由支部书记办。您这里没有可以登记的支部。")


def ask_organisation() -> str:
    return words.bold(_("在哪个支部登记？"))


def ask_name(organisation: str) -> list[str]:
    return [
        _("登记一份入党申请，{organisation}").format(organisation=words.typed(organisation)),
        words.bold(_("申请人姓名？")),
        _("2到40个字。要找已经登记的人，也写在这里。"),
    ]


def ask_member(organisation: str) -> list[str]:
    return [
        _("登记一名正式党员，{organisation}").format(organisation=words.typed(organisation)),
        words.bold(_("姓名？")),
        _("登记后可以选作培养联系人或入党介绍人。可以把名单一次贴上来，每行一个姓名。"),
    ]


def ask_same_member(name: str) -> list[str]:
    return [
        _("本支部已经登记过{name}。").format(name=words.typed(name)),
        words.bold(_("是同一个人吗？")),
    ]


def ask_same_case(name: str) -> list[str]:
    return [
        _("{name}已有一份正在办理。").format(name=words.typed(name)),
        words.bold(_("是同一个人吗？")),
    ]


def ask_case(name: str, organisation: str) -> list[str]:
    return [
        words.bold(_("为{name}登记一份入党申请？").format(name=words.typed(name))),
        words.typed(organisation),
    ]


def ask_open(name: str) -> list[str]:
    return [words.bold(_("不再登记，打开{name}正在办的这一份？").format(name=words.typed(name)))]


def ask_meant(text: str) -> list[str]:
    return [
        words.bold(_("要打开哪一份？")),
        _("您写的是“{text}”。没有登记什么。").format(text=words.typed(text)),
    ]


def opens(line: CaseLine) -> str:
    """Not HTML: a button shows what it is given."""
    return _("打开：{person} · {branch}").format(person=line.person, branch=line.organisation)


def enters(name: str) -> str:
    """Not HTML: a button shows what it is given."""
    return _("都不是，登记{name}").format(name=name)


def ask_to_open() -> list[str]:
    return [words.bold(_("打开这一份，不登记？"))]


def nothing_entered() -> str:
    return _("没有登记新的。您找的这一份：")


def enter_case() -> str:
    return _("登记")


def enter_and_fill() -> str:
    return _("登记，接着填第一步")


def open_case() -> str:
    return _("打开")


def change_name() -> str:
    return _("‹ 改姓名")


def same_person() -> str:
    return _("是同一个人，不再登记")


def another_person() -> str:
    return _("同名的另一个人，照样登记")


def there_already() -> str:
    return _("没有重复登记。这一份正在办：")


def enrolled_before(name: str) -> str:
    return _("{name}早就登记过，没有重复登记。").format(name=words.typed(name))


def enrolled(name: str) -> str:
    return _("登记好了：{name}。").format(name=words.typed(name))


NO_NAME, THERE, ADDED = "no_name", "there", "added"
Line = tuple[str, str]
"""A name of a list as it was sent, and what became of it."""


def all_enrolled(lines: Sequence[Line]) -> list[str]:
    """What was taken, then each that wasn't, whole, so that it can be sent once more."""
    added = [name for name, found in lines if found == ADDED]
    said = [ngettext("登记好了{n}名。", "登记好了{n}名。", len(added)).format(n=len(added))]
    if added:
        said.append(_("、").join(map(words.typed, added)))
    there = [(n, name) for n, (name, found) in enumerate(lines, 1) if found == THERE]
    wrong = [(n, name) for n, (name, found) in enumerate(lines, 1) if found == NO_NAME]
    if there:
        said += ["", words.bold(_("名单上已经有，没有再登记："))]
        said += [_number(*one) for one in there]
        said.append(_("同名的另一个人，请单独登记。"))
    if wrong:
        said += ["", words.bold(_("不是姓名，没有登记："))]
        said += [_number(*one) for one in wrong]
        said.append(_("姓名2到40个字，不带数字和符号。改好再发这几行就行。"))
    return said


def _number(number: int, said: str) -> str:
    return _("第{n}行：{said}").format(n=number, said=words.typed(said))


def names_wanted() -> str:
    return _(
        "请输入姓名，2到40个字，不带数字和符号；名单每行一个姓名，一次不超过100个。"
        "不要发身份证号。什么都没有存。"
    )


def another() -> str:
    return _("再登记一名")


def opened() -> str:
    return _("登记好了。接着填第一步。")


def name_wanted() -> str:
    return _("请输入一个人的姓名，2到40个字，不带数字和符号。不要发身份证号。什么都没有存。")


def undo() -> str:
    return _("撤销登记")


def ask_undo(name: str) -> str:
    return words.bold(_("撤销{name}的登记？撤销后这一份就没有了。").format(name=words.typed(name)))


def keep() -> str:
    return _("不撤销")


def undone() -> str:
    return _("已撤销登记。")


def not_undone() -> str:
    return _("没有撤销，什么都没有改动。只有当天登记、还没有人动过的才能撤销。")


def to_case() -> str:
    return _("看这一份")
