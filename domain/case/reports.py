"""What a report from the public asks of a case: by which day it is answered, and what a finding
leads to, by where the person stands (docs/procedure.md § 3 and § 6; N31)."""

from dataclasses import dataclass
from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.dates import shift
from domain.case.facts import Answers, Entry
from domain.case.replay import Fold
from domain.rulebook.schema import ReportFinding, Rulebook, Step, Unit


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


def leads_to(finding: ReportFinding, fold: Fold, today: date) -> tuple[Step, ...]:
    """The steps that would be called for; () where the case goes on, or is over."""
    step = fold.book.reported
    if step is None:
        return ()
    entry = Entry(0, step.id, today, answers_of(step, finding.id, today), today)
    return tuple(fold.book.step(name) for name in fold.called_by(entry))


def answers_of(step: Step, finding_id: str, today: date) -> Answers:
    """All that a case keeps of a report: the class in which it was settled, and the day."""
    return {step.day: today, step.choices[0].id: finding_id}
