"""A report as the front doors see it."""

from dataclasses import dataclass
from datetime import date

from domain.reports import Channel, RegisterState


@dataclass(frozen=True)
class ReportCard:
    """A report in the register, without what it says. `finding`: of the rulebook's, or
    withdrawn. `person`: whose case it is about, "" for none."""

    report_id: str
    channel: Channel
    received_on: date
    answer_by: date
    state: RegisterState
    finding: str
    case_id: str | None
    person: str
    organiser: str
    organiser_id: str | None
