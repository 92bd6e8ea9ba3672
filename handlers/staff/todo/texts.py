"""待办: each line one person, one step, one day."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from domain.case.urgency import Urgency
from handlers.staff.city_moves import texts as city_texts
from handlers.staff.duties import texts as duty_texts
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.todo.views import TodoItem, TodoKind

SHOWN = 6
"""Lines on one screen: a phone shows the last ones above the buttons, so the most urgent have to be
in sight as well."""


def heading(urgency: Urgency) -> str:
    return words.bold(kind_name(urgency))


def kind_name(urgency: Urgency) -> str:
    names = {
        Urgency.OVERDUE: _("已逾期"),
        Urgency.WEEK: _("7天内"),
        Urgency.READY: _("可以办了"),
        Urgency.LATER: _("以后"),
    }
    return names[urgency]


def nothing(opens_cases: bool) -> list[str]:
    """What else there is to do, for those who may."""
    more = [_("要开始新的一件，按“开始新的一件”。")] if opens_cases else []
    return [_("现在没有要您办的事。"), *more]


def todo(items: tuple[TodoItem, ...], first: int, today: date) -> list[str]:
    """A page of them from `first` on, each with its number among all."""
    lines = [head(items)]
    seen: Urgency | None = None
    for number, item in numbered(items, first):
        if item.urgency is not seen:
            lines += ["", heading(item.urgency)]
            seen = item.urgency
        lines.append(f"{number}. {line(item, today)}")
    return lines


def head(items: tuple[TodoItem, ...]) -> str:
    """How many; where they take several pages, also how many of each kind."""
    said = ngettext("待办{n}项", "待办{n}项", len(items)).format(n=len(items))
    found = kinds(items)
    if len(items) <= SHOWN or len(found) == 1:
        return said
    return " · ".join([said, *(of_kind(kind, number) for kind, number in found.items())])


def of_kind(urgency: Urgency, number: int) -> str:
    """In the head, and onto the button that leads to the first of them."""
    return _("{kind}{n}项").format(kind=kind_name(urgency), n=number)


def kinds(items: tuple[TodoItem, ...]) -> Mapping[Urgency, int]:
    """How many there are of each kind, in their order."""
    return Counter(item.urgency for item in items)


def numbered(items: tuple[TodoItem, ...], first: int) -> Iterator[tuple[int, TodoItem]]:
    return enumerate(items[first : first + SHOWN], first + 1)


def line(item: TodoItem, today: date) -> str:
    if item.kind is TodoKind.CHECK and item.answer_by is not None:
        return _("随机抽查 · {organisation} · 整改期限{day}，{left}").format(
            organisation=words.typed(item.organisation),
            day=words.short_day(item.answer_by, today),
            left=words.left(item.answer_by, today),
        )
    if item.duty is not None:
        return " · ".join([
            duty_texts.title(item.duty),
            words.typed(item.organisation),
            words.left(item.duty.due_on, today),
        ])  # fmt: skip
    if item.kind is TodoKind.ARRIVAL:
        return city_texts.todo(item.person, item.organisation)
    if item.step is None:
        return report_line(item, today)
    parts = [words.typed(item.person), words.step_name(item.step.id, item.step.title)]
    if item.kind is not TodoKind.ENTER:
        parts.append(waiting(item.kind))
    if item.deadline is not None:
        parts.append(words.due(item.deadline, today))
    return " · ".join(parts)


def report_line(item: TodoItem, today: date) -> str:
    """A report is named by nothing but its day."""
    if item.answer_by is None:
        return _("群众反映")
    return _("群众反映 · 答复期限{day}，{left}").format(
        day=words.short_day(item.answer_by, today), left=words.left(item.answer_by, today)
    )


def button(number: int, item: TodoItem) -> str:
    """Not HTML: a button shows what it is given."""
    verbs = {
        TodoKind.ENTER: _("填写"),
        TodoKind.SIGN: _("签字"),
        TodoKind.DRAFT: _("接着填"),
        TodoKind.INSTRUCT: _("批示"),
        TodoKind.INVESTIGATE: _("核实"),
        TodoKind.REPLY: _("回复"),
        TodoKind.CHECK: _("整改"),
        TodoKind.DUTY: _("登记"),
        TodoKind.ARRIVAL: _("看一看"),
    }
    matters = {
        TodoKind.INSTRUCT: _("群众反映"),
        TodoKind.INVESTIGATE: _("群众反映"),
        TodoKind.REPLY: _("群众反映"),
        TodoKind.CHECK: _("随机抽查"),
        TodoKind.DUTY: _("年度报告"),
    }
    name = matters.get(item.kind, item.person)
    return f"{number}. {name} · {verbs[item.kind]}"


def earlier() -> str:
    return _("‹ 上一页")


def later() -> str:
    return _("下一页 ›")


def again() -> str:
    return _("刷新")


def waiting(kind: TodoKind) -> str:
    names = {
        TodoKind.ENTER: _("待填"),
        TodoKind.SIGN: _("待签字"),
        TodoKind.DRAFT: _("填了一半"),
        TodoKind.INSTRUCT: _("待批示"),
        TodoKind.INVESTIGATE: _("待核实"),
        TodoKind.REPLY: _("待回复"),
        TodoKind.CHECK: _("待整改"),
        TodoKind.DUTY: _("待登记"),
    }
    return names[kind]
