"""Working days: known years from `chinesecalendar`, a file of overrides, Monday to Friday beyond.

A day past the known years is never an error: it is computed and marked provisional (RULES § 7).
"""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from chinese_calendar.constants import holidays, workdays

FIRST_YEAR = 2004
LAST_YEAR: int = max(day.year for day in holidays)
_RELEASE = importlib.metadata.version("chinesecalendar")


@dataclass(frozen=True)
class WorkCalendar:
    """`overrides`: day → True when it is worked, whatever the library says."""

    overrides: Mapping[date, bool] = field(default_factory=dict)
    revision: str = ""

    @property
    def version(self) -> str:
        """Stored beside every computed date, so that a later plan can be recognised."""
        return f"{_RELEASE}+{self.revision}" if self.revision else _RELEASE

    @property
    def covered(self) -> tuple[int, int]:
        return FIRST_YEAR, LAST_YEAR

    def knows(self, day: date) -> bool:
        return day in self.overrides or FIRST_YEAR <= day.year <= LAST_YEAR

    def is_working(self, day: date) -> bool:
        if day in self.overrides:
            return self.overrides[day]
        if day in workdays:
            return True
        return day.weekday() < 5 and day not in holidays

    def nth_working_day(self, first: date, number: int) -> date:
        """The `number`th working day (from 1) at or after `first`."""
        day = first
        while True:
            number -= self.is_working(day)
            if number <= 0:
                return day
            day += timedelta(days=1)

    def working_days(self, first: date, last: date) -> int:
        """How many working days lie in first … last, both included."""
        return sum(self.is_working(day) for day in days_between(first, last))

    def rest_days(self, first: date, last: date) -> tuple[date, ...]:
        return tuple(day for day in days_between(first, last) if not self.is_working(day))


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day of first … last, both included."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
