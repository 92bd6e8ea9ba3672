"""By which day a report from the public is answered (docs/procedure.md § 3 and § 6)."""

from dataclasses import dataclass
from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.dates import shift
from domain.rulebook.schema import Rulebook, Unit


@dataclass(frozen=True)
class AnswerTime:
    """How long an answer may take. A week where a rulebook sets no time. `practice`: no document
    says so (P)."""

    days: int = 7
    unit: Unit = Unit.DAYS
    practice: bool = False

    @classmethod
    def of(cls, book: Rulebook) -> "AnswerTime":
        if not book.report_days:
            return A_WEEK
        return cls(book.report_days, book.report_unit, book.report_source == "P")

    def last_day(self, received_on: date, calendar: WorkCalendar) -> date:
        """Counted from the day of receipt, which doesn't count itself."""
        return shift(received_on, self.days, self.unit, calendar)[0]


A_WEEK = AnswerTime()


def answer_day(book: Rulebook, received_on: date, calendar: WorkCalendar) -> date:
    """The last day for an answer, counted from the day of receipt, which doesn't count itself."""
    return shift(received_on, book.report_days, book.report_unit, calendar)[0]
