"""Views of a report for the front doors."""

from dataclasses import dataclass
from datetime import date

from domain.reports import Channel, RegisterState
from domain.rulebook.schema import ReportFinding, Text


@dataclass(frozen=True)
class Outcome:
    """A finding that may be given, and the steps it calls for as the case stands; none where the
    case goes on, is over, or there is no case."""

    finding: ReportFinding
    steps: tuple[Text, ...]


@dataclass(frozen=True)
class ReportCard:
    """A report in the register, without what it says. `finding`: of the rulebook's, or
    withdrawn. `person`: whose case it is about, "" for none. `awaited`: what keeps that case at its
    gates now. `over`: that case has ended."""

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
    awaited: tuple[Text, ...] = ()
    over: bool = False
    practice: bool = False
    """How soon it is answered stands in no document (P)."""
