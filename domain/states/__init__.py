"""States that are stored, by the words they are stored under.

They stand apart from the rules that lead from one to the next, because the tables name them too and
need nothing else of those rules.
"""

from enum import StrEnum


class Status(StrEnum):
    """How a case stands."""

    RUNNING = "running"
    PUT_OFF = "put_off"
    ENDED = "ended"
    ARCHIVED = "archived"


class MeetingState(StrEnum):
    """`DRAFT`: before the first vote."""

    DRAFT = "draft"
    VOTING = "voting"
    CLOSED = "closed"


class SheetKind(StrEnum):
    """Of what a sheet has rows."""

    CASES = "cases"
    MEMBERS = "members"


class SheetState(StrEnum):
    """`STAGED`: checked and waiting. `CONFIRMED`: it counts, and is entered."""

    STAGED = "staged"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


class PlanState(StrEnum):
    """How far a name has come in the plan of a year; domain.plans draws the ways."""

    PROPOSED = "proposed"
    FORWARDED = "forwarded"
    CHECKED = "checked"
    ACCEPTED = "accepted"
    STRUCK_OUT = "struck_out"
    LATER = "later"
    RETURNED = "returned"


class EndReason(StrEnum):
    """How a post ends. `MISTAKE`: the link was opened by somebody it wasn't for."""

    TERM = "term"
    MOVED = "moved"
    LEFT = "left"
    OTHER = "other"
    MISTAKE = "mistake"
