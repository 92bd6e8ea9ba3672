"""What belongs to one update and ends with it, passed on as an argument.

Worked example, a secretary types an answer of a form (update 71), then presses save (72):

    71  the worker   makes an UpdateContext: stored conversation, held=[], cases={}
    71  the form     previews the answers: case c is read and replayed once, and put into `cases`
    71  the form     keeps the draft: the permission is checked on that c, the write goes to `held`
    71  the dialog   moves on to the next question in `conversation`, in memory
    71  the worker   ends the update in one commit: conversation, draft, the row in the inbox
    72  the worker   makes a new context, with what that commit stored
    72  `record`     takes c out of `cases` and reads it under its lock: what others entered since
                     has to count; puts it back as it is with the new entry

Killed before the commit, update 71 has written nothing and is handled again from the beginning. The
other way, writing at once and rolling back on a failure, would hold one transaction open while
messages are sent (docs/decisions/0027).
"""

from dataclasses import dataclass, field

from services.casefile.load import CaseInHand
from services.core.acts import Acts
from services.core.heads import SeenHeads
from services.messages.conversation_changes import ConversationChange, HeldWrite


@dataclass(frozen=True)
class UpdateContext:
    """Made once per update by whoever feeds it to the dispatcher.

    `act`: makes the keys by which its acts are done once, however often it is handled.
    `conversation`: where the chat's conversations stand. `held`: writes that go into the commit
    which ends the update; None where nothing ends it that way: then each is committed at once.
    `cases`: the cases read for it, by id, so that one update reads and replays a case once. An act
    takes its case out and reads it under the lock of its case; what it leaves behind is put back.
    `heads`: those that were read with who writes, by which a kept case is known to be current.
    """

    act: Acts
    conversation: ConversationChange = field(default_factory=ConversationChange)
    held: list[HeldWrite] | None = None
    cases: dict[str, CaseInHand] = field(default_factory=dict)
    heads: SeenHeads = field(default_factory=SeenHeads)
