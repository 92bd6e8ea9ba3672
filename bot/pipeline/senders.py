"""What goes out goes to the source of its recipient's chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.core.chats import source_of, within
from services.core.ports import Messenger, Outgoing, RetryLater, Unreachable


@dataclass(frozen=True)
class BySource:
    """`first` delivers to the chats of the first source, `others` to those of each other one, by
    its number."""

    first: Messenger
    others: Mapping[int, Messenger] = field(default_factory=dict)

    async def deliver(self, message: Outgoing) -> int:
        """As `Messenger.deliver`. Somebody of a source that isn't set any more can't be reached:
        then the next level up hears of it."""
        source = source_of(message.chat_id)
        messenger = self.others.get(source) if source else self.first
        if messenger is None:
            raise Unreachable(message.person_id)
        try:
            return await messenger.deliver(replace(message, chat_id=within(message.chat_id)))
        except RetryLater as wait:
            if not self.others:
                raise
            # One messenger that is away is no reason to be silent in the others.
            raise RetryLater(wait.seconds) from wait
