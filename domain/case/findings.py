"""What a finding on a report leads to, by where the person stands (docs/procedure.md § 3; N31)."""

from datetime import date

from domain.case.facts import Answers, Entry
from domain.case.replay import Fold
from domain.rulebook.schema import ReportFinding, Step


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
