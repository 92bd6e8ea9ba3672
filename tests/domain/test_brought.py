"""What a sheet brings is refused by the quick way exactly where the whole check refuses it."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from domain.case.entry_validation import problems_brought, refusal_brought
from domain.case.facts import CaseFacts, Entry, Value
from domain.case.replay import Fold
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role
from tests.domain.books import CALENDAR

TODAY = date(2026, 11, 25)
STEPS = ("1", "2", "3", "4", "5", "6", "7", "8", "8b", "9", "11", "15", "17", "20", "22b", "23")


@pytest.mark.parametrize("name", ["yakeshi", "national_2026"])
def test_the_first_refusal_is_that_of_the_whole_check(name: str) -> None:
    book, chance, seen = load(name), Random(14), Counter[str]()
    steps = [step for step in book.steps if step.id in STEPS]
    for _ in range(60):
        fold, day = Fold(book, CaseFacts(TODAY), CALENDAR), date(2011, 1, 1)
        day += timedelta(days=chance.randrange(5000))
        for number, now in enumerate(steps, 1):
            if chance.random() < 0.1:
                continue
            # Some dates are mistyped: before the step that they follow, or still to come.
            day += timedelta(days=chance.choice((-40, 0, 1, 9, 40, 200, 380)))
            answers: dict[str, Value] = {now.day: day}
            if now.id == "1" and chance.random() < 0.7:
                answers["born_on"] = day - timedelta(days=365 * chance.choice((-1, 17, 30, 90)))
            step = book.step_on(now.id, day)
            own = Entry(number, step.id, day, answers, TODAY, "", frozenset(Role), brought=True)
            whole = [p for p in problems_brought(fold, step, own, TODAY) if p.refuses]
            assert refusal_brought(fold, step, own, TODAY) == (whole[0] if whole else None)
            if whole:
                seen[whole[0].code] += 1
            else:
                fold.take(own)
    assert seen.keys() == {"day_before_condition", "day_ahead", "too_early"}
