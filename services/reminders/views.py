"""A line of a digest, as the front door sees it."""

from dataclasses import dataclass

from domain.case.facts import Deadline
from domain.rulebook.schema import Step


@dataclass(frozen=True)
class ReminderLine:
    """A deadline to be told of. `mine`: the reader has to act; else they supervise. `ready`: it can
    be entered now."""

    case_id: str
    person: str
    organisation: str
    step: Step
    deadline: Deadline
    mine: bool
    ready: bool = False
