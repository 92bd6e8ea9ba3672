"""A calendar that says the same of the days that were asked leaves a case as it is."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.calendar import WatchedCalendar, WorkCalendar, days_between
from domain.case.facts import CaseFacts
from domain.case.outlook import Outlook, outlook_of
from domain.case.progress import assess, dates_by, dates_of
from domain.case.replay import Fold
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Rulebook
from tests.chance import examples
from tests.domain.books import CALENDAR
from tests.domain.walk import straight_way

WAYS = [(book, straight_way(book)) for book in (load("national_2026"), load("yakeshi"))]
NEAR = 30
"""Days before and after the last entry within which another calendar may differ."""


def outlook(book: Rulebook, facts: CaseFacts, today: date, calendar: WorkCalendar) -> Outlook:
    # New facts, since a replay is remembered with them.
    alone = CaseFacts(facts.opened_on, facts.entries, facts.holds)
    return outlook_of(Fold(book, alone, calendar), assess(book, alone, today, calendar), today)


def other(chance: Random, around: date) -> WorkCalendar:
    """A calendar of which a few days are worked, or aren't, and a year may have become known."""
    first = around - timedelta(days=NEAR)
    days = [
        first + timedelta(days=chance.randint(0, 2 * NEAR)) for _ in range(chance.randint(0, 5))
    ]
    years = frozenset(year for year in (2027, 2028) if chance.random() < 0.3)
    return WorkCalendar({day: chance.random() < 0.5 for day in days}, years=years)


@examples(10, 100)
@given(chance=st.randoms(use_true_random=False))
def test_where_it_says_the_same_of_the_days_asked_everything_stays(chance: Random) -> None:
    same = 0
    for book, way in WAYS:
        for entry, facts in way:
            today = entry.done_on
            before, calendar = outlook(book, facts, today, CALENDAR), other(chance, today)
            after = outlook(book, facts, today, calendar)
            asked = before.asked
            if asked is None or CALENDAR.answers(*asked) == calendar.answers(*asked):
                assert after == before
                same += 1
    assert same


@examples(10, 100)
@given(chance=st.randoms(use_true_random=False))
def test_dates_are_counted_by_another_calendar_without_the_entries(chance: Random) -> None:
    for book, way in WAYS:
        for entry, facts in way:
            calendar = other(chance, entry.done_on)
            known = dates_of(book, facts, CALENDAR)
            assert dates_by(book, known, calendar) == dates_of(book, facts, calendar)


def test_plans_move_dates_on_some_days_of_the_way() -> None:
    """So that the test above has something to miss."""
    chance, moved, asking = Random(7), 0, 0
    for _ in range(10):
        for book, way in WAYS:
            for entry, facts in way:
                before = outlook(book, facts, entry.done_on, CALENDAR)
                after = outlook(book, facts, entry.done_on, other(chance, entry.done_on))
                moved += after.pending != before.pending
                asking += before.asked is not None
    assert 0 < moved < asking


@given(
    first=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    length=st.integers(0, 20),
    changed=st.integers(-5, 25),
    worked=st.booleans(),
)
def test_the_mark_changes_with_what_is_said_and_only_then(
    first: date, length: int, changed: int, worked: bool
) -> None:
    last, day = first + timedelta(days=length), first + timedelta(days=changed)
    calendar = WorkCalendar({day: worked}, "plan")
    alike = all(
        (CALENDAR.is_working(one), CALENDAR.knows(one))
        == (calendar.is_working(one), calendar.knows(one))
        for one in days_between(first, last)
    )
    assert (CALENDAR.answers(first, last) == calendar.answers(first, last)) is alike


def test_whatever_is_asked_is_noted() -> None:
    first, last = date(2027, 3, 1), date(2027, 3, 10)
    asking = {
        "is_working": lambda c: c.is_working(first),
        "knows": lambda c: c.knows(first),
        "nth_working_day": lambda c: c.nth_working_day(first, 3),
        "move": lambda c: c.move(first, 3),
        "knows_all": lambda c: c.knows_all(first, last),
        "working_days": lambda c: c.working_days(first, last),
        "rest_days": lambda c: c.rest_days(first, last),
        "make_up_days": lambda c: c.make_up_days(first, last),
    }
    for name, ask in asking.items():
        watched = WatchedCalendar.over(CALENDAR)
        assert watched.span is None
        assert ask(watched) == ask(CALENDAR), name
        assert watched.span is not None, name
        begin, end = watched.span
        assert first <= begin <= end <= last, name
    known = WatchedCalendar.over(WorkCalendar(years=frozenset({2027})))
    assert known.knows_all(first, last)
    assert known.span == (first, last)
