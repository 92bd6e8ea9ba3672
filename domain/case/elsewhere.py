"""What counts on of a case that goes to another city, as the rulebook has it for whoever comes from
outside: the same answers that a branch would enter by hand from the papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.calendar.calendar import WorkCalendar
from domain.case.answers import check_answer
from domain.case.facts import Answers, CaseFacts, Deadline, Entry, Progress, Value
from domain.case.progress import assess
from domain.rulebook.kinds import FieldType
from domain.rulebook.questions import Cover
from domain.rulebook.schema import Option, Rulebook, Step

FIRST = 1
OF_ROWS = (FieldType.PROOF, FieldType.PERSON, FieldType.PERSONS, FieldType.ORGANISATION)
"""Kinds of answers that name rows of the city they were given in."""
MOVED_AWAY = "moved_away"
"""How a case ends whose person goes elsewhere."""


@dataclass(frozen=True)
class Standing:
    """As what somebody goes. `step`: the one by which the other branch takes them in, "" where
    nothing was done yet that counts on; `field_id`, `option`: its answer; `days`: its dates;
    `ends`: days that follow, such as the end of probation, by the name of their rule."""

    step: str = ""
    field_id: str = ""
    option: Option | None = None
    days: Mapping[str, date] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)

    @property
    def answers(self) -> Answers:
        """What the other branch needn't ask."""
        if self.option is None:
            return {}
        return {self.field_id: self.option.id, **self.days}


class CountsOtherwise(Exception):
    """Reckoned anew from what counts on, a day of this case would be another one, such as the end
    of a probation that was extended: that goes on paper."""


def entrance(book: Rulebook) -> tuple[Step, str] | None:
    """Return the step by which somebody comes from outside, and its field that says as what."""
    step = next((step for step in book.steps if step.from_outside), None)
    if step is None:
        return None
    return step, next(one.id for one in step.fields if any(o.covers for o in one.options))


def standing(book: Rulebook, facts: CaseFacts, today: date, calendar: WorkCalendar) -> Standing:
    """Return as what somebody would go today. Raises CountsOtherwise."""
    progress = assess(book, facts, today, calendar)
    found, done = entrance(book), {entry.step: entry.done_on for entry in progress.done}
    if found is None:
        return Standing()
    step, name = found
    fitting = [one for one in step.field(name).options if _fits(one.covers, done)]
    if not fitting:
        return Standing()
    covers = fitting[-1].covers
    days = {one.day: done[one.known_by] for one in covers if one.known_by}
    made = Standing(step.id, name, fitting[-1], days, _ends(progress.landmarks))
    if _ends(_there(book, facts, made, today, calendar).landmarks) != made.ends:
        raise CountsOtherwise
    return made


def _fits(covers: tuple[Cover, ...], done: Mapping[str, date]) -> bool:
    known = [one for one in covers if one.known_by]
    return bool(known) and all(one.known_by in done and one.up_to in done for one in known)


def _ends(landmarks: tuple[Deadline, ...]) -> Mapping[str, date]:
    return {one.limit: one.on for one in landmarks}


def _there(
    book: Rulebook, facts: CaseFacts, made: Standing, today: date, calendar: WorkCalendar
) -> Progress:
    """Return how the other branch would find it, once it has entered what is sent to it."""
    step = book.step(made.step)
    first = [entry for entry in facts.entries if entry.step == book.steps[0].id][-1:]
    taken = Entry(
        number=max((entry.number for entry in first), default=0) + FIRST,
        step=step.id,
        done_on=today,
        answers={step.day: today, **made.answers},
        recorded_on=today,
        rulebook=book.id,
    )
    return assess(book, CaseFacts(facts.opened_on, (*first, taken)), today, calendar)


def told(step: Step, answers: Mapping[str, Any], today: date) -> dict[str, Value]:
    """Return those answers that say something by themselves, as this rulebook takes them: no
    photo and nobody's id, which mean nothing in another city; no option that isn't known here."""
    return {
        one.id: answers[one.id]
        for one in step.fields
        if one.id in answers
        and one.type not in OF_ROWS
        and check_answer(one, answers[one.id], today) is None
    }


def way_out(step: Step) -> Option | None:
    """Return the answer of a step by which somebody leaves for elsewhere; None where it has
    none."""
    options = (option for one in step.fields for option in one.options)
    return next((option for option in options if option.status == MOVED_AWAY), None)
