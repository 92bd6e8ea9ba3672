"""By which day a report from the public is answered (docs/procedure.md § 3 and § 6)."""

from dataclasses import dataclass
from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.dates import shift
from domain.rulebook.schema import Rulebook, Unit


@dataclass(frozen=True)
class AnswerTime:
    """How long an answer may take. `practice`: no document says so (P)."""

    days: int
    unit: Unit = Unit.DAYS
    practice: bool = False

    @classmethod
    def of(cls, book: Rulebook) -> "AnswerTime":
        return cls(book.report_days, book.report_unit, book.report_source == "P")

    def last_day(self, received_on: date, calendar: WorkCalendar) -> date:
        """Counted from the day of receipt, which doesn't count itself."""
        return shift(received_on, self.days, self.unit, calendar)[0]


A_WEEK = AnswerTime(7)


def answer_day(book: Rulebook, received_on: date, calendar: WorkCalendar) -> date:
    """The last day for an answer to what was received on a day, as a rulebook sets it."""
    return AnswerTime.of(book).last_day(received_on, calendar)
