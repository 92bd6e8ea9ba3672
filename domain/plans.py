"""The yearly plan (审查关, G三): every name goes up level by level, and each level may stop it.

proposed ──committee votes──▶ forwarded ──organiser checks──▶ checked ──organisers vote──▶ accepted
    └────────────── returned ◀──────┘                                        ├─▶ struck_out
                                                                             └─▶ later
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.rulebook.schema import Effect, Option, Role
from domain.states import PlanState

WAITS_FOR: Mapping[PlanState | None, Role] = {
    None: Role.SECRETARY,
    PlanState.RETURNED: Role.SECRETARY,
    PlanState.LATER: Role.SECRETARY,
    PlanState.ACCEPTED: Role.SECRETARY,
    PlanState.PROPOSED: Role.COMMITTEE,
    PlanState.FORWARDED: Role.ORGANISER,
    PlanState.CHECKED: Role.ORGANISER,
}
"""Whose turn it is while the step that decides is open; None: it was never proposed. One accepted
is open again where a lost appraisal led the case back."""
LEVELS = frozenset(WAITS_FOR.values())
"""Everybody who has a turn in a plan, at one level or another."""
REACHED: Mapping[PlanState, int] = {
    PlanState.PROPOSED: 1,
    PlanState.RETURNED: 1,
    PlanState.FORWARDED: 2,
    PlanState.CHECKED: 3,
    PlanState.ACCEPTED: 4,
    PlanState.STRUCK_OUT: 4,
    PlanState.LATER: 4,
}


GUIDANCE = ("conditions", "procedure", "focus")
"""The parts of a year's guidance (指导意见), in their order."""
SHORTEST_PART, LONGEST_PART = 10, 1000
"""Characters of a part."""


@dataclass(frozen=True)
class Funnel:
    """How many names reached each level of a year's plan, and where the others went."""

    proposed: int
    forwarded: int
    checked: int
    accepted: int
    struck_out: int
    later: int
    returned: int

    @property
    def undecided(self) -> int:
        """Names still on their way."""
        return self.proposed - self.accepted - self.struck_out - self.later - self.returned


def funnel(states: Iterable[PlanState]) -> Funnel:
    """Count the names of a year by how far each has come."""
    counts = Counter(states)

    def reached(level: int) -> int:
        return sum(number for state, number in counts.items() if REACHED[state] >= level)

    return Funnel(
        # By level reached, not by state: a name that was accepted was proposed as well.
        proposed=reached(1),
        forwarded=reached(2),
        checked=reached(3),
        accepted=counts[PlanState.ACCEPTED],
        struck_out=counts[PlanState.STRUCK_OUT],
        later=counts[PlanState.LATER],
        returned=counts[PlanState.RETURNED],
    )


def may_propose(state: PlanState | None, same_year: bool) -> bool:
    """A name is proposed once a year; one that was sent back, or whose case was led back, may be
    proposed again, one put off in another year."""
    if state in (None, PlanState.RETURNED, PlanState.ACCEPTED):
        return True
    return state is PlanState.LATER and not same_year


def decided_as(option: Option) -> PlanState:
    """What the organisers' conclusion makes of a name, by what it does to the case."""
    if option.effect is Effect.END:
        return PlanState.STRUCK_OUT
    return PlanState.LATER if option.effect is Effect.HOLD else PlanState.ACCEPTED
