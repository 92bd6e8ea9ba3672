"""When people may be told something nobody asked for: working days, 08:30 to 18:00
(docs/design.md § 5)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar.calendar import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = time(8, 30), time(18, 0)


@dataclass(frozen=True)
class Wishes:
    """When somebody wants to be told within the hours: `digest` the day's reminders, nothing
    within `quiet`. `weekly`: whoever leads a branch, how it stands, once a week."""

    digest: time = OPENS
    quiet: tuple[time, time] | None = None
    weekly: bool = True


@dataclass(frozen=True)
class Choice:
    """What an organisation lets everybody wish: when the day's reminders may come, and times in
    which somebody may want to hear nothing on top of what is outside the hours. What nobody has to
    ask for stands first: at the opening, and never quiet."""

    digest: tuple[time, ...] = (OPENS, time(9), time(10), time(14))
    quiet: tuple[tuple[time, time] | None, ...] = (
        None,
        (time(12), time(14, 30)),
        (OPENS, time(10)),
    )

    def allows(self, wishes: Wishes) -> bool:
        return wishes.digest in self.digest and wishes.quiet in self.quiet


USUAL = Choice()


def lies_within(start: time, end: time) -> bool:
    """Whether a quiet time lies in the hours, and leaves some of them: what waited for its end is
    told on the same day."""
    return OPENS <= start < end < CLOSES


def out_of_quiet(moment: datetime, wishes: Wishes) -> datetime:
    """`moment` itself, or the end of the quiet time it falls into."""
    here = moment.astimezone(ZONE)
    if wishes.quiet is None or not wishes.quiet[0] <= here.time() < wishes.quiet[1]:
        return moment
    return datetime.combine(here.date(), wishes.quiet[1], ZONE)


def digest_from(moment: datetime, wishes: Wishes, calendar: WorkCalendar) -> datetime:
    """The first time at or after `moment` at which the day's reminders may come."""
    opened = next_open(moment, calendar)
    # Of the day that is open, which may be another than the one that was asked for.
    wished = datetime.combine(day_of(opened), wishes.digest, ZONE)
    return out_of_quiet(max(opened, wished), wishes)


def next_morning(moment: datetime, calendar: WorkCalendar) -> datetime:
    """The opening of the next working day."""
    return next_open(datetime.combine(day_of(moment), CLOSES, ZONE), calendar)


def day_of(moment: datetime) -> date:
    """The day of an aware time in Shanghai."""
    return moment.astimezone(ZONE).date()


def is_open(moment: datetime, calendar: WorkCalendar) -> bool:
    here = moment.astimezone(ZONE)
    return calendar.is_working(here.date()) and OPENS <= here.time() < CLOSES


def next_open(moment: datetime, calendar: WorkCalendar) -> datetime:
    """`moment` itself within the hours, else the next opening."""
    if is_open(moment, calendar):
        return moment
    here = moment.astimezone(ZONE)
    day = here.date() if here.time() < OPENS else here.date() + timedelta(days=1)
    return datetime.combine(calendar.nth_working_day(day, 1), OPENS, ZONE)
