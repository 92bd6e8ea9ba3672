"""Cases made by chance, under every text, without a city and with each of two: no date that was
taken precedes what it follows, nothing historic is refused for a rule of 2026 alone, and no finding
of a report ends the case of a member."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.rulebook import EXAMPLES
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, Problem, ProblemCode, Value
from domain.case.progress import assess
from domain.case.replay import Fold
from domain.case.reports import answers_of
from domain.rulebook.listing.rules import rules_of
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Field, FieldType, Limit, LimitKind, Rulebook, Step
from tests.chance import examples
from tests.domain.books import CALENDAR
from tests.domain.walk import due, fill, made

BOOKS = pytest.mark.parametrize("name", ["national_2026", "yakeshi", "linhe"])
STARTS = (date(2014, 6, 3), date(2021, 3, 1), date(2024, 10, 8), date(2026, 6, 1))
"""Whole under the text of 2014, into that of 2026, and whole under it."""


def of(name: str) -> Rulebook:
    return load(name, EXAMPLES if name == "linhe" else None)


def shifted(step: Step, answers: dict[str, Value], chance: Random) -> dict[str, Value]:
    """Some dates a little or far off, as they are mistyped or made up."""
    moved = dict(answers)
    for field in step.fields:
        value = moved.get(field.id)
        if type(value) is date and chance.random() < 0.3:
            moved[field.id] = value + timedelta(days=chance.choice((-400, -31, -1, 1, 31)))
    return moved


def led(book: Rulebook, start: date, chance: Random) -> Iterator[tuple[CaseFacts, Step, Entry]]:
    """What was taken of a case, each with the case before it, under the text of its day."""
    case, today = CaseFacts(start), start
    for _ in range(120):
        ready = [i.step for i in assess(book, case, today, CALENDAR).open
                 if i.possible and due(i, today)]  # fmt: skip
        if not ready:
            today += timedelta(days=15)
            continue
        step = book.step_on(ready[0].id, today)
        straight = fill(step, today, chance, straight=True)
        for answers in (shifted(step, straight, chance), straight):
            on = answers[step.day]
            version = book.step_on(step.id, on)
            if not refused(book, case, step.id, answers, today) and isinstance(on, date):
                yield case, version, made(case, step, on, answers).entries[-1]
                case = made(case, step, on, answers)
                break
        else:
            today += timedelta(days=15)


def refused(
    book: Rulebook, case: CaseFacts, step: str, answers: dict[str, Value], today: date
) -> list[Problem]:
    return [p for p in check_entry(book, case, step, answers, today, CALENDAR) if p.refuses]


def orders(step: Step) -> Iterator[tuple[Field, Limit]]:
    for field in step.fields:
        for limit in field.limits:
            if field.type is FieldType.DATE and limit.refuses and limit.value == 0:
                yield field, limit


def day_named(case: CaseFacts, own: Entry, name: str) -> date | None:
    """Read plainly: the newest entry of the step, or the one being made."""
    step, _, asked = name.partition(".")
    known = [e for e in (*case.entries, own) if e.step == step]
    if not known:
        return None
    value = known[-1].answers.get(asked) if asked else known[-1].done_on
    return value if isinstance(value, date) else None


@BOOKS
@given(start=st.sampled_from(STARTS), chance=st.randoms(use_true_random=False))
@examples(4, 30)
def test_no_date_that_was_taken_precedes_what_it_follows(
    name: str, start: date, chance: Random
) -> None:
    book = of(name)
    taken = 0
    for case, step, own in led(book, start, chance):
        taken += 1
        done = {entry.step: entry.done_on for entry in case.entries}
        assert all(own.done_on >= done[before] for before in step.after if before in done)
        for field, limit in orders(step):
            value = own.answers.get(field.id)
            days = (day_named(case, own, part) for part in limit.of.split("|"))
            other = next((day for day in days if day), None)
            if isinstance(value, date) and other is not None:
                first = limit.kind is LimitKind.NOT_BEFORE
                assert value >= other if first else value <= other, (step.id, limit.id)
    assert taken > 3


def _own_order(earlier: Rulebook, step: Step, problem: Problem) -> bool:
    """Whoever enters a step that the earlier text hadn't still can't enter it before what it
    follows: that is the order of days, and no rule."""
    before = problem.code is ProblemCode.DAY_BEFORE_CONDITION
    return before and step.id not in earlier.by_id


@BOOKS
@given(start=st.sampled_from(STARTS[:3]), chance=st.randoms(use_true_random=False))
@examples(4, 30)
def test_nothing_historic_is_refused_for_a_rule_of_2026_alone(
    name: str, start: date, chance: Random
) -> None:
    """Neither for a rule that the text of the day hadn't, nor with an article of the later one."""
    book = of(name)
    assert book.earlier is not None
    known = {rule.id for rule in rules_of(book.earlier)}
    for case, step, own in led(book, start, chance):
        wrong = shifted(step, dict(own.answers), chance)
        on = wrong[step.day]
        if not isinstance(on, date) or on >= book.in_force:
            continue
        for problem in refused(book, case, step.id, wrong, date(2035, 1, 1)):
            if _own_order(book.earlier, step, problem):
                continue
            assert not problem.rule or problem.rule in known, problem
            assert not problem.source.startswith("N"), problem


@BOOKS
@given(start=st.sampled_from(STARTS), chance=st.randoms(use_true_random=False))
@examples(3, 20)
def test_no_finding_ends_the_case_of_a_member(name: str, start: date, chance: Random) -> None:
    """Whatever was found, whenever, and whatever was found before: the general meeting decides."""
    book = of(name)
    assert book.reported is not None
    for case, _, own in led(book, start, chance):
        fold = Fold(book, case, CALENDAR)
        if not fold.approved or fold.over:
            continue
        on, found = own.done_on, case
        for finding in chance.sample(book.findings, k=min(2, len(book.findings))):
            answers = dict(answers_of(book.reported, finding.id, on))
            found = made(found, book.reported, on, answers)
            after = Fold(book, found, CALENDAR)
            assert (after.ended, after.status) == (None, fold.status), (own.step, finding.id)
            assert not {"finding_ballot", "finding_decision"} & after.calls.keys()
