"""A meeting as the front door sees it."""

from dataclasses import dataclass, field

from domain.case.facts import Answers, Blocker, OpenStep, Verdict
from domain.meetings import Roster
from domain.rulebook.schema import Body, Step, Text
from domain.states import MeetingState
from services.cases.views import Recorded


@dataclass(frozen=True)
class Candidate:
    """Somebody whose case comes before a body. `why`: what keeps them off its agenda today.
    `called`: what was called for earlier and has no result yet."""

    case_id: str
    person: str
    organisation: str
    step: Step
    why: tuple[Blocker, ...]
    called: tuple[OpenStep, ...] = ()


@dataclass(frozen=True)
class AgendaLine:
    """One candidate of a meeting. Decided: the totals, the verdict and the conclusion."""

    item_id: str
    case_id: str
    person: str
    step: Step
    decided: bool
    totals: Answers
    conclusion: Text | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class MeetingView:
    """`opening`: what is asked once for all; `answers`: the answers to it; `known`: those that
    stand there before anybody gives one. `verdict`: the quorum in both layers, None where no rule
    names one."""

    meeting_id: str
    body: Body
    organisation_id: str
    organisation: str
    state: MeetingState
    opening: Step
    answers: Answers
    lines: tuple[AgendaLine, ...]
    roster: Roster
    verdict: Verdict | None = None
    known: Answers = field(default_factory=dict)

    @property
    def waiting(self) -> tuple[AgendaLine, ...]:
        return tuple(line for line in self.lines if not line.decided)

    @property
    def only(self) -> AgendaLine | None:
        """The single candidate of its agenda, as long as they weren't voted on."""
        return self.waiting[0] if len(self.lines) == len(self.waiting) == 1 else None


@dataclass(frozen=True)
class VoteOutcome:
    """A candidate was voted on. `recorded`: the step that was entered by it; None for a name of a
    plan, which goes up to the next level. `following`: who is next, None at the end."""

    meeting_id: str
    line: AgendaLine
    recorded: Recorded | None
    following: AgendaLine | None
