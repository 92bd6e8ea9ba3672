"""When a date is worth a word, how soon it matters, and that it ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case.facts import DateKind, Deadline
from domain.case.urgency import Urgency, current_slot, ladder, next_look, pressing, slots, urgency
from domain.rulebook.schema import Text

DUE = date(2026, 11, 30)


def deadline(*rungs: int, kind: DateKind = DateKind.LEGAL) -> Deadline:
    return Deadline("2", "talk", kind, DUE, "N7", Text("谈话", "talk"), ladder=rungs)


def test_the_rungs_come_in_order_and_the_last_late_one_goes_up() -> None:
    rungs = ladder(deadline(30, 7, 0, -1, -8))
    assert [(slot.name, slot.level) for slot in rungs] == [
        ("+30", 0), ("+7", 0), ("+0", 0), ("-1", 0), ("-8", 1),
    ]  # fmt: skip
    assert [slot.on for slot in rungs][1:4] == [date(2026, 11, 23), DUE, date(2026, 12, 1)]


def test_a_single_late_rung_stays_with_the_one_who_acts() -> None:
    assert [slot.level for slot in ladder(deadline(7, -1))] == [0, 0]


@pytest.mark.parametrize(
    ("today", "name"),
    [
        (date(2026, 11, 22), None),
        (date(2026, 11, 23), "+7"),
        (date(2026, 11, 29), "+7"),
        (DUE, "+0"),
        (date(2026, 12, 1), "-1"),
        (date(2027, 12, 1), "-1"),
    ],
)
def test_the_newest_rung_that_has_come_is_the_one_to_say(today: date, name: str | None) -> None:
    slot = current_slot(deadline(7, 0, -1), today)
    assert (slot.name if slot else None) == name


def test_after_a_pause_the_missed_rungs_are_merged_into_the_newest() -> None:
    assert [slot.name for slot in slots(deadline(30, 7, 0, -1), DUE)] == ["+0", "+7", "+30"]


def test_the_ladder_ends() -> None:
    assert next_look(deadline(7, 0, -1), DUE) == date(2026, 12, 1)
    assert next_look(deadline(7, 0, -1), date(2026, 12, 1)) is None
    assert next_look(deadline(), date(2026, 1, 1)) is None


@given(st.lists(st.integers(-60, 60), max_size=8), st.integers(-90, 90))
def test_every_rung_is_said_on_its_day_however_often_one_looks(
    rungs: list[int], pause: int
) -> None:
    said = set()
    day = DUE - timedelta(days=90)
    look: date | None = day
    while look is not None:
        said |= {slot.name for slot in slots(deadline(*rungs), look)}
        look = next_look(deadline(*rungs), look)
    assert said == {f"{rung:+d}" for rung in rungs}
    on = DUE + timedelta(days=pause)
    assert len(slots(deadline(*rungs), on)) == sum(-rung <= pause for rung in set(rungs))


@pytest.mark.parametrize(
    ("today", "kind", "expected"),
    [
        (DUE, DateKind.LEGAL, Urgency.WEEK),
        (DUE + timedelta(days=1), DateKind.LOCAL, Urgency.OVERDUE),
        (DUE - timedelta(days=7), DateKind.ADVISED, Urgency.WEEK),
        (DUE - timedelta(days=8), DateKind.LEGAL, Urgency.LATER),
        (DUE + timedelta(days=99), DateKind.EARLIEST, Urgency.LATER),
    ],
)
def test_how_soon_a_date_matters(today: date, kind: DateKind, expected: Urgency) -> None:
    assert urgency(deadline(kind=kind), today) is expected


def test_without_a_date_there_is_no_hurry() -> None:
    assert urgency(None, DUE) is Urgency.LATER


def test_what_is_overdue_presses_most_and_what_may_be_done_since_long_least() -> None:
    late, soon = deadline(), replace(deadline(), on=DUE + timedelta(days=3))
    far = replace(deadline(), on=DUE + timedelta(days=30))
    may = replace(deadline(kind=DateKind.EARLIEST), on=DUE - timedelta(days=90))
    today = DUE + timedelta(days=1)
    assert sorted([far, may, soon, late], key=lambda item: pressing(item, today)) == [
        late, soon, may, far,
    ]  # fmt: skip
