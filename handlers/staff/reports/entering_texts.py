"""Entering a letter, a visit or a call, and what was found out while checking."""

from datetime import date

from handlers.staff.reports.texts import by_practice, channel
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _

LEAST, MOST = 10, 3000
"""Characters of what is entered."""


def enter() -> str:
    return _("登记来信、来访、来电")


def ask_channel() -> str:
    return words.bold(_("怎么反映来的？"))


def ask_about() -> str:
    return _("涉及哪一件？请输入姓名查找。\n不涉及在办的，按下面的按钮。")


def nobody() -> str:
    return _("不涉及在办的")


def ask_what(about: str) -> str:
    head = _("涉及：{about}").format(about=words.typed(about or nobody()))
    asked = _("反映了什么？请写时间、地点、事情，{least}到{most}个字。不要写反映人是谁。")
    return head + "\n\n" + asked.format(least=LEAST, most=MOST)


def words_wanted() -> str:
    return _("请用文字写，{least}到{most}个字。还没有存。").format(least=LEAST, most=MOST)


def summary(value: str, about: str, text: str) -> str:
    return _("请核对：\n\n来源：{channel}\n涉及：{about}\n\n{text}").format(
        channel=channel(value), about=words.typed(about or nobody()), text=words.typed(text)
    )


def confirm() -> str:
    return _("确认，登记")


def again() -> str:
    return _("重写内容")


def entered(by: date, practice: bool = False) -> str:
    day = words.day(by) + by_practice(practice)
    return _("已登记，最迟{day}答复。已经报部领导批示。").format(day=day)


def ask_note() -> str:
    hint = _("写清找了谁、看了什么、结果怎样，{least}到{most}个字。不要写反映人是谁。")
    return words.bold(_("核实到什么？")) + "\n" + hint.format(least=LEAST, most=MOST)


def noted() -> str:
    return _("记下了。打开内容时能看到。")
