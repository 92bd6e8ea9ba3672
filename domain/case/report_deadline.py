"""By which day a report from the public is answered (docs/procedure.md § 3 and § 6)."""

from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.dates import shift
from domain.rulebook.schema import Rulebook


def answer_day(book: Rulebook, received_on: date, calendar: WorkCalendar) -> date:
    """The last day for an answer, counted from the day of receipt, which doesn't count itself."""
    return shift(received_on, book.report_days, book.report_unit, calendar)[0]
