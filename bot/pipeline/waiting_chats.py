"""In which order chats are served: invited people before all others, and within both, whoever was
served goes behind those who wait."""

from collections.abc import Container


class WaitingChats:
    def __init__(self) -> None:
        # Dictionaries for their order.
        self._people: dict[str, None] = {}
        self._others: dict[str, None] = {}

    def add(self, chat: str, people: bool) -> None:
        """Behind those who wait; a chat that waits already keeps its place, or goes from the others
        to the people."""
        if people:
            self._others.pop(chat, None)
            self._people.setdefault(chat)
        elif chat not in self._people:
            self._others.setdefault(chat)

    def take(self, running: Container[str], others: bool) -> tuple[str, bool] | None:
        """The next chat that isn't `running`, and whether it is one of the people; `others`:
        whether there is room for one of those."""
        found = self.next(running, others)
        if found is not None:
            chat, people = found
            del (self._people if people else self._others)[chat]
        return found

    def next(self, running: Container[str], others: bool) -> tuple[str, bool] | None:
        """As `take`; it stays where it is."""
        for chats, people in ((self._people, True), (self._others if others else {}, False)):
            chat = next((chat for chat in chats if chat not in running), None)
            if chat is not None:
                return chat, people
        return None
