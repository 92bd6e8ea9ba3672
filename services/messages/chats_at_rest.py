"""Chats that have nothing in the inbox, and where their conversations stand: what comes in for such
a chat is its oldest update and needs neither be looked up nor opened.

Worked example, chat c:

    17  finished, and c has no other row     c rests, at conversation S17
    18  stored                               c rests no more; 18 is next, at S17, and the only one
    18  finished                             nothing follows it, unasked; c rests, at S18
    19, 20  stored in one commit             19 is next, at S18; what follows it has to be asked

Of one process alone: any other could take a chat meanwhile. Each method is called in the same
moment as the commit it tells of ends, before anything else is written.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Sequence

from services.messages.conversation_changes import Conversations
from services.messages.group_commit import InboxUpdate

MOST = 512
"""Chats that are remembered; one takes some 5 kB."""

Stored = Callable[[Conversations], InboxUpdate]
"""An update just stored, which wants to know where its chat's conversations stand."""


class ChatsAtRest:
    """Losing one costs a look. `most`: 0 where other processes work on the same inbox."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[str, Conversations] = OrderedDict()
        self._single: set[str] = set()

    def busy(self, chats: Collection[str]) -> dict[str, Conversations]:
        """Called before updates of `chats` are stored: return those that have rested until now."""
        self._single.difference_update(chats)
        return {chat: self._known.pop(chat) for chat in chats if chat in self._known}

    def stored(
        self, rested: dict[str, Conversations], updates: Sequence[tuple[str, int, Stored]]
    ) -> dict[str, InboxUpdate]:
        """Return the next update of each chat that had `rested`. `updates`: chat, number and maker
        of all that a commit has stored."""
        for chat, _, _ in updates:
            # What was finished while the commit waited for its turn has said that it rests.
            self._known.pop(chat, None)
        found: dict[str, InboxUpdate] = {}
        for chat, _, made in sorted(updates, key=lambda update: update[1]):
            if chat in rested and chat not in found:
                found[chat] = made(rested[chat])
        numbers = Counter(chat for chat, _, _ in updates)
        self._single.update(chat for chat in rested if numbers[chat] == 1)
        return found

    def ends(self, chat: str) -> bool:
        """Whether nothing follows the update of a chat that is being finished; False where that
        isn't known."""
        return chat in self._single

    def rests(self, chat: str, conversations: Conversations) -> None:
        """Nothing of a chat is left."""
        self._single.discard(chat)
        self._known[chat] = conversations
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def forget(self, chat: str) -> None:
        """A chat was looked up: it has something after all, or somebody else has stored it."""
        self._known.pop(chat, None)
        self._single.discard(chat)
