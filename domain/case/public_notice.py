"""How long a public notice runs (docs/procedure.md § 3 and § 6; N13 and the city's 15 days)."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar.calendar import WorkCalendar
from domain.rulebook.schema import Step


@dataclass(frozen=True)
class NoticePeriod:
    """First full day, last day, and the two days that compete for it. `rest_days`: not worked;
    `make_up_days`: worked at a weekend. `asked_days`, `asked_working_days`: the lengths demanded.
    `counts_posting`: the day of posting is the first day."""

    first_day: date
    last_day: date
    by_calendar: date
    by_working_days: date
    working_days: int
    rest_days: tuple[date, ...]
    provisional: bool
    make_up_days: tuple[date, ...] = ()
    asked_days: int = 0
    asked_working_days: int = 0
    counts_posting: bool = False


def notice_of(step: Step, posted_on: date, calendar: WorkCalendar) -> NoticePeriod:
    """The period of a notice step posted on a day."""
    return notice_period(
        posted_on, step.notice_days, step.notice_working_days, calendar, step.notice_from
    )


def last_day_of(step: Step, posted_on: date, calendar: WorkCalendar) -> tuple[date, bool]:
    """The last day of the same period, and whether it is provisional: all that a date is counted
    from, and a third of the way."""
    first, by_calendar, by_working = _ends(
        posted_on, step.notice_days, step.notice_working_days, calendar, step.notice_from
    )
    last = max(by_calendar, by_working)
    return last, not calendar.knows_all(first, last)


def notice_period(
    posted_on: date, days: int, working_days: int, calendar: WorkCalendar, first_after: int = 1
) -> NoticePeriod:
    """The day of posting doesn't count, unless a rulebook sets so (`first_after` 0). Last day: the
    later of `days` calendar days and `working_days` working days; a length of 0 demands nothing."""
    first, by_calendar, by_working = _ends(posted_on, days, working_days, calendar, first_after)
    last = max(by_calendar, by_working)
    return NoticePeriod(
        first_day=first,
        last_day=last,
        by_calendar=by_calendar,
        by_working_days=by_working,
        working_days=calendar.working_days(first, last),
        rest_days=calendar.rest_days(first, last),
        provisional=not calendar.knows_all(first, last),
        make_up_days=calendar.make_up_days(first, last),
        asked_days=days,
        asked_working_days=working_days,
        counts_posting=first_after == 0,
    )


def _ends(
    posted_on: date, days: int, working_days: int, calendar: WorkCalendar, first_after: int
) -> tuple[date, date, date]:
    """The first day, and the two that compete for the last one."""
    first = posted_on + timedelta(days=first_after)
    # Also a notice without a length in calendar days hangs on its first day.
    by_calendar = first + timedelta(days=max(days, 1) - 1)
    by_working = calendar.nth_working_day(first, working_days) if working_days > 0 else first
    return first, by_calendar, by_working
