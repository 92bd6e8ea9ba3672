"""When people may be told something, and when they want to."""

from datetime import datetime, time

import pytest

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import (
    CLOSES,
    OPENS,
    USUAL,
    ZONE,
    Wishes,
    digest_from,
    is_open,
    next_morning,
    out_of_quiet,
)

CALENDAR = WorkCalendar()
NOON = Wishes(quiet=(time(12), time(14, 30)))
MORNING = Wishes(digest=time(9), quiet=(OPENS, time(10)))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "wishes", "expected"),
    [
        (at(24, 11, 59), NOON, at(24, 11, 59)),
        (at(24, 12), NOON, at(24, 14, 30)),
        (at(24, 14, 29), NOON, at(24, 14, 30)),
        (at(24, 14, 30), NOON, at(24, 14, 30)),
        (at(24, 12), Wishes(), at(24, 12)),
    ],
)
def test_the_quiet_time_ends_and_then_it_is_said(
    moment: datetime, wishes: Wishes, expected: datetime
) -> None:
    assert out_of_quiet(moment, wishes) == expected


@pytest.mark.parametrize(
    ("moment", "wishes", "expected"),
    [
        (at(24, 7), Wishes(), at(24, 8, 30)),
        (at(24, 8, 31), Wishes(), at(24, 8, 31)),
        (at(24, 8, 31), Wishes(digest=time(10)), at(24, 10)),
        (at(24, 11), Wishes(digest=time(10)), at(24, 11)),
        (at(24, 8, 31), MORNING, at(24, 10)),
        (at(27, 18), Wishes(digest=time(14)), at(30, 14)),
        (at(24, 12, 5), NOON, at(24, 14, 30)),
    ],
)
def test_the_days_reminders_come_at_the_time_that_was_wished(
    moment: datetime, wishes: Wishes, expected: datetime
) -> None:
    assert digest_from(moment, wishes, CALENDAR) == expected


def test_the_next_morning_is_that_of_a_working_day() -> None:
    assert next_morning(at(24, 9), CALENDAR) == at(25, 8, 30)
    assert next_morning(at(27, 17, 59), CALENDAR) == at(30, 8, 30)


def test_whatever_can_be_wished_lies_within_the_hours() -> None:
    asked = 0
    for digest in USUAL.digest:
        for quiet in USUAL.quiet:
            wishes = Wishes(digest, quiet)
            assert USUAL.allows(wishes)
            for hour in range(24):
                told = digest_from(at(24, hour, 17), wishes, CALENDAR)
                assert is_open(told, CALENDAR)
                assert out_of_quiet(told, wishes) == told
                asked += 1
    assert asked == 288
    assert not USUAL.allows(Wishes(CLOSES))
