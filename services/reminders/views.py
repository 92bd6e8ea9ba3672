"""A date somebody is told of."""

from dataclasses import dataclass

from domain.case.facts import Deadline
from domain.rulebook.schema import Step


@dataclass(frozen=True)
class ReminderLine:
    """A date somebody is told of. `mine`: the reader has to act, not only to know."""

    case_id: str
    person: str
    organisation: str
    step: Step
    deadline: Deadline
    mine: bool
