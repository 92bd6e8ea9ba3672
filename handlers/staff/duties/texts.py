"""What is said of a yearly duty."""

from datetime import date

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.duties.views import DutyLine


def duty(item: DutyLine, today: date) -> list[str]:
    lines = [
        words.bold(title(item)),
        words.typed(item.organisation),
        "",
        _("{text}（{source}）").format(
            text=words.read(item.text), source=words.source(item.source)
        ),
    ]
    if item.done_on is not None:
        return [*lines, "", _("{day}已办。").format(day=words.day(item.done_on))]
    return [
        *lines,
        _("建议{day}前办完（{source}），{left}。").format(
            day=words.day(item.due_on),
            source=words.source(item.day_source),
            left=words.left(item.due_on, today),
        ),
        "",
        _("报告报出以后，按“已经办了”。"),
    ]


def title(item: DutyLine) -> str:
    return _("{year}年：{title}").format(year=item.year, title=words.read(item.title))


def to_tick() -> str:
    return _("已经办了")


def to_duty() -> str:
    return _("打开")


def ticked() -> str:
    return _("已登记。")
