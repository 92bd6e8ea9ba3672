"""Views of a report for the front doors."""

from dataclasses import dataclass
from datetime import date

from domain.reports import Channel, RegisterState
from domain.rulebook.schema import ReportFinding, Text


@dataclass(frozen=True)
class ReportedCase:
    """A case that a report is about. `awaited`: what keeps it at its gates now. `over`: it has
    ended."""

    case_id: str
    person: str
    awaited: tuple[Text, ...] = ()
    over: bool = False


@dataclass(frozen=True)
class PossibleFinding:
    """A finding that may be given, and the steps it calls for as the case stands; none where the
    case goes on, is over, or there is no case."""

    finding: ReportFinding
    steps: tuple[Text, ...]


@dataclass(frozen=True)
class Outcomes:
    """What may be found of one case that a report is about; `about` is None where it is about
    none."""

    about: ReportedCase | None
    findings: tuple[PossibleFinding, ...]


@dataclass(frozen=True)
class ReportCard:
    """A report in the register, without what it says. `finding`: of the rulebook's, or
    withdrawn. `about`: the cases that it is about."""

    report_id: str
    channel: Channel
    received_on: date
    answer_by: date
    state: RegisterState
    finding: str
    about: tuple[ReportedCase, ...]
    organiser: str
    organiser_id: str | None
    practice: bool = False
    """How soon it is answered stands in no document (P)."""

    @property
    def cases(self) -> tuple[str, ...]:
        return tuple(item.case_id for item in self.about)
