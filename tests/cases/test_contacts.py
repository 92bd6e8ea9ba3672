"""Contacts who aren't suitable are replaced (N9); one that is to be replaced is called for."""

from datetime import date

import pytest

from domain.case.dates import add_months
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, DateKind, Value
from tests.cases.cases import CITY, before, called, days, due, enter, seen
from tests.domain.books import CALENDAR


def found_wanting() -> tuple[CaseFacts, date]:
    case, on = before("6a")
    return enter(case, "6a", on, contacts_fit="replace"), on


@pytest.mark.rule("contacts_suit", "contacts_replaced")
def test_who_is_not_suitable_is_replaced_within_a_month() -> None:
    case, on = found_wanting()
    assert called(case, on) == {"contacts_change"}
    assert "contacts_change" not in {item.step.id for item in seen(case, on).anytime}
    assert due(case, "contacts_replaced", on) == add_months(on, 1)
    (limit,) = [d for d in seen(case, on).deadlines if d.limit == "contacts_replaced"]
    assert (limit.kind, limit.source) == (DateKind.ADVISED, "P")
    for shift, late in ((-1, False), (0, False), (1, True)):
        day = days(add_months(on, 1), shift)
        answers: dict[str, Value] = {"changed_on": day}
        problems = check_entry(CITY, case, "contacts_change", answers, day, CALENDAR)
        noted = [(p.code, p.refuses) for p in problems if p.rule == "contacts_replaced"]
        assert noted == ([("too_late", False)] if late else [])
    replaced = enter(case, "contacts_change", days(on, 3))
    assert called(replaced, days(on, 3)) == set()
    assert "contacts_change" in {item.step.id for item in seen(replaced, days(on, 3)).anytime}


def test_contacts_who_suit_are_changed_whenever_it_happens_and_nobody_waits_for_it() -> None:
    case, on = before("6a")
    fine = enter(case, "6a", on, contacts_fit="fit")
    assert called(fine, on) == set()
    assert "contacts_change" in {item.step.id for item in seen(fine, on).anytime}
    assert not [d for d in seen(fine, on).deadlines if d.step == "contacts_change"]


@pytest.mark.rule("contacts_suit")
@pytest.mark.parametrize(
    ("on", "asked"),
    [(date(2026, 5, 10), False), (date(2026, 5, 11), True), (date(2026, 5, 12), True)],
)
def test_the_text_of_2014_said_nothing_of_it(on: date, asked: bool) -> None:
    problems = check_entry(CITY, CaseFacts(on), "6a", {"reviewed_on": on}, on, CALENDAR)
    wanted = [(p.code, p.rule) for p in problems if p.field == "contacts_fit"]
    assert wanted == ([("required", "contacts_suit")] if asked else [])
