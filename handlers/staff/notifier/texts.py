"""What is told without being asked: short, the next act first."""

from datetime import date

from domain.facts import OpenStep
from handlers.staff.shared import texts as words
from services.i18n import gettext as _
from services.views import CaseCard, EntryLine


def your_turn(card: CaseCard, step: OpenStep, today: date) -> list[str]:
    return [_("轮到您了：{person}").format(person=_who(card)), *words.next_step(step, today)]


def sign(card: CaseCard, entry: EntryLine) -> list[str]:
    return [
        _("请您签字：{person}").format(person=_who(card)),
        _("{step}，{who}已经记好。核对后签字才算办完。").format(
            step=words.step_name(entry.step.id, entry.step.title),
            who=words.typed(entry.recorded_by),
        ),
    ]


def recorded(card: CaseCard, entry: EntryLine, today: date) -> list[str]:
    lines = [
        _("已办：{person} · {step}").format(
            person=_who(card), step=words.step_name(entry.step.id, entry.step.title)
        ),
        _("{day}办，{who}记。").format(
            day=words.day(entry.done_on), who=words.typed(entry.recorded_by)
        ),
    ]
    following = card.progress.next
    return [*lines, *words.next_step(following, today)] if following else lines


def changed(card: CaseCard) -> list[str]:
    return [_("{person}有新情况，请看一下。").format(person=_who(card))]


def something() -> list[str]:
    return [_("有新情况，请看待办。")]


def _who(card: CaseCard) -> str:
    return words.bold(words.typed(card.person))
