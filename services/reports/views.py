"""A report as the front doors see it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReportCard:
    """A report in the register, without what it says. `state`: new | checking | closed | again (its
    reporter wrote after the answer). `finding`: of the rulebook's, or withdrawn. `person`: whose
    case it is about, "" for none."""

    report_id: str
    channel: str
    received_on: date
    answer_by: date
    state: str
    finding: str
    case_id: str | None
    person: str
    organiser: str
    organiser_id: str | None
