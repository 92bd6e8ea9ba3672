"""Working days: known years from `chinesecalendar`, a file of overrides, Monday to Friday beyond.

A day past the known years is never an error: it is computed and marked provisional
(docs/procedure.md § 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b, sha256
from importlib.metadata import version

from chinese_calendar.constants import holidays, workdays

FIRST_YEAR: int = min(day.year for day in holidays)
LAST_YEAR: int = max(day.year for day in holidays)
_RELEASE = version("chinesecalendar")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """`overrides`: day → True when it is worked, whatever the library says. `years`: years past
    the library's whose plan the overrides hold in full. `revision` names the file they came from.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    revision: str = ""
    years: frozenset[int] = frozenset()

    @property
    def version(self) -> str:
        """Stored beside every computed date, so that a later plan can be recognised."""
        if not self.overrides:
            return f"{_RELEASE}+{self.revision}" if self.revision else _RELEASE
        plan = repr((sorted(self.overrides.items()), sorted(self.years)))
        return f"{_RELEASE}+{self.revision or sha256(plan.encode()).hexdigest()[:8]}"

    @property
    def covered(self) -> tuple[int, int]:
        """First and last year whose plan is known, without a gap."""
        last = LAST_YEAR
        while last + 1 in self.years:
            last += 1
        return FIRST_YEAR, last

    def knows(self, day: date) -> bool:
        if day in self.overrides or day.year in self.years:
            return True
        return FIRST_YEAR <= day.year <= LAST_YEAR

    def knows_all(self, first: date, last: date) -> bool:
        """Whether every day of first … last is known."""
        # By years first: nearly every period lies within known ones.
        years = range(first.year, last.year + 1)
        if all(FIRST_YEAR <= year <= LAST_YEAR or year in self.years for year in years):
            return True
        return all(self.knows(day) for day in days_between(first, last))

    def is_working(self, day: date) -> bool:
        """Whether a day is worked: by our own file, else by the published holidays, else Monday to
        Friday."""
        if day in self.overrides:
            return self.overrides[day]
        # Before the weekday: a make-up day is a Saturday or Sunday that is worked.
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
            day += _DAY

    def move(self, day: date, working_days: int) -> date:
        """`day` moved on by working days (back by negative ones); 0 leaves it where it is."""
        step = _DAY if working_days > 0 else -_DAY
        left = abs(working_days)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def working_days(self, first: date, last: date) -> int:
        """How many working days lie in first … last, both included."""
        return sum(self.is_working(day) for day in days_between(first, last))

    def make_up_days(self, first: date, last: date) -> tuple[date, ...]:
        """Saturdays and Sundays that are worked."""
        days = days_between(first, last)
        return tuple(day for day in days if day.weekday() >= 5 and self.is_working(day))

    def rest_days(self, first: date, last: date) -> tuple[date, ...]:
        return tuple(day for day in days_between(first, last) if not self.is_working(day))

    def answers(self, first: date, last: date) -> str:
        """Return a mark of all that it says of first … last: two calendars with the same one move
        no date that was counted within these days."""
        said = repr([(self.is_working(day), self.knows(day)) for day in days_between(first, last)])
        return blake2b(said.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class WatchedCalendar(WorkCalendar):
    """The same calendar, which notes of which days it was asked."""

    asked: set[date] = field(default_factory=set)

    @staticmethod
    def over(calendar: WorkCalendar) -> "WatchedCalendar":
        return WatchedCalendar(calendar.overrides, calendar.revision, calendar.years)

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last of them; None where it wasn't asked."""
        return (min(self.asked), max(self.asked)) if self.asked else None

    def knows(self, day: date) -> bool:
        self.asked.add(day)
        return super().knows(day)

    def knows_all(self, first: date, last: date) -> bool:
        # Whole years are known without asking of their days.
        self.asked.update((first, last))
        return super().knows_all(first, last)

    def is_working(self, day: date) -> bool:
        self.asked.add(day)
        return super().is_working(day)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day of first … last, both included."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
