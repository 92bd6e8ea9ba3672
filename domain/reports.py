"""Where a report stands: in the department's register, and at the public side.

register   new ──instructed──▶ checking ──answered──▶ closed ──reporter writes──▶ again ─▶ closed
public     received ─────────▶ checking ───────────▶ answered ──────────────────▶ again ─▶ answered
               └──────────────────┴── taken back by the reporter ──▶ withdrawn
           pending ─── its code reached the reporter ──▶ received
               └────── it didn't within 30 minutes ────▶ not_filed
"""

from datetime import timedelta
from enum import StrEnum

OPEN_AFTER = timedelta(days=7)
"""How long after its last day a notice can still be reported on in the chat."""


class RegisterState(StrEnum):
    """`AGAIN`: its reporter wrote after the answer, and has one by `answer_by`."""

    NEW = "new"
    CHECKING = "checking"
    CLOSED = "closed"
    AGAIN = "again"


HOLDING = (RegisterState.NEW, RegisterState.CHECKING)
"""States in which a report holds its case."""
WAITING = (*HOLDING, RegisterState.AGAIN)
"""States in which its reporter waits for an answer."""


class IntakeState(StrEnum):
    """What the reporter sees. `AGAIN`: as in the register. `PENDING`: stored, but nobody is known
    to have its code. `NOT_FILED`: what is left of it where that stayed so."""

    PENDING = "pending"
    NOT_FILED = "not_filed"
    RECEIVED = "received"
    CHECKING = "checking"
    ANSWERED = "answered"
    AGAIN = "again"
    WITHDRAWN = "withdrawn"


UNSEEN = (IntakeState.PENDING, IntakeState.NOT_FILED)
"""States in which no member of staff learns that there is a report."""


class Channel(StrEnum):
    """How a report came in."""

    BOT = "bot"
    PAGE = "page"
    LETTER = "letter"
    VISIT = "visit"
    PHONE = "phone"


ON_PAPER = (Channel.LETTER, Channel.VISIT, Channel.PHONE)
"""Those that staff enter."""
