"""What waits for a person, as the front doors see it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.case.facts import Deadline
from domain.case.urgency import Urgency
from domain.rulebook.schema import Step
from services.duties.views import DutyLine


class TodoKind(StrEnum):
    """What the reader has to do: enter a step, sign, finish a draft, give the instruction on a
    report, check it, reply to its reporter, put right, do what comes once a year."""

    ENTER = "enter"
    SIGN = "sign"
    DRAFT = "draft"
    INSTRUCT = "instruct"
    INVESTIGATE = "investigate"
    REPLY = "reply"
    CHECK = "check"
    DUTY = "duty"
    ARRIVAL = "arrival"


@dataclass(frozen=True)
class TodoItem:
    """Something that waits for the reader. A report, a random check or a duty has no step and
    names nobody: `case_id` is its own id (of a duty the organisation), `answer_by` the day it is
    due. Somebody from another city has no step either; `organisation` is that city then. `rests`: a
    repeating step that isn't due soon. `since`: the day from which a step may be taken, where a
    rule names one."""

    case_id: str
    kind: TodoKind
    urgency: Urgency
    person: str = ""
    organisation: str = ""
    step: Step | None = None
    deadline: Deadline | None = None
    since: date | None = None
    rests: bool = False
    entry_id: str | None = None
    answer_by: date | None = None
    duty: DutyLine | None = None
