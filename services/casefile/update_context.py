"""What belongs to one update and ends with it, passed on as an argument."""

from dataclasses import dataclass, field

from domain.permissions import Place
from services.casefile.load import LoadedCase
from services.core.acts import Acts
from services.messages.conversation import ConversationState
from services.messages.held_writes import HeldWrite


@dataclass(frozen=True)
class CaseInHand:
    """A case as it was when this update first read it. `place`: where the sender stands in it."""

    loaded: LoadedCase
    place: Place


@dataclass(frozen=True)
class UpdateContext:
    """Made once per update by whoever feeds it to the dispatcher.

    `act`: makes the keys by which its acts are done once, however often it is handled.
    `conversation`: where the chat's conversations stand. `held`: writes that go into the commit
    which ends the update; None where nothing ends it that way: then each is committed at once.
    `cases`: the cases read for it, by id, so that one update reads and replays a case once; an act
    on a case takes it out.
    """

    act: Acts
    conversation: ConversationState = field(default_factory=ConversationState)
    held: list[HeldWrite] | None = None
    cases: dict[str, CaseInHand] = field(default_factory=dict)
