"""Where the days begin."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day of an aware time in Shanghai."""
    return moment.astimezone(ZONE).date()
