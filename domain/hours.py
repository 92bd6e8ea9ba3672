"""When people may be told something nobody asked for: working days, 08:30 to 18:00 (DESIGN § 5)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = time(8, 30), time(18, 0)


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
