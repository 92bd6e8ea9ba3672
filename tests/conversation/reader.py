"""Somebody without buttons: each screen is read as text with lettered lines, and answered by a
letter or in words. So a messenger without buttons shows it, and so a voice reads it out."""

from collections.abc import Iterator
from string import ascii_uppercase

from tests.conversation.people import Somebody, unsigned
from tests.conversation.telegram import Seen, is_grid

TODAY = "今天"


def letters() -> Iterator[str]:
    """A to Z, then AA, AB and so on."""
    yield from ascii_uppercase
    for first in ascii_uppercase:
        yield from (f"{first}{second}" for second in ascii_uppercase)


class Reader(Somebody):
    """Presses nothing but by the letters of the newest menu; days are written."""

    @property
    def menu(self) -> tuple[Seen, dict[str, tuple[str, str]]]:
        """The newest message with buttons, and its lines by letter: label and data. A calendar is
        left out: nobody answers by letters what a day says sooner."""
        seen = next(one for one in reversed(self.chat.values()) if one.rows)
        lines = [button for row in seen.rows if not is_grid(row) for button in row]
        named = zip(letters(), lines, strict=False)
        return seen, {letter: (one.text, one.callback_data or "") for letter, one in named}

    @property
    def heard(self) -> str:
        """The newest screen as it is read out."""
        seen, lines = self.menu
        return "\n".join(
            [seen.text, *(f"{letter} {label}" for letter, (label, _) in lines.items())]
        )

    async def answers(self, letter: str) -> str:
        seen, lines = self.menu
        label, data = lines[letter]
        # On a screen of several questions, only who names one of its buttons can mean today.
        if unsigned(label) == TODAY:
            return await self.says(TODAY)
        return await super().presses_again(seen.message_id, data)

    async def presses(self, label: str) -> str:
        """The letter of the line with these words, or that holds them."""
        _, lines = self.menu
        exact = [one for one, (words, _) in lines.items() if label in (words, unsigned(words))]
        found = exact or [one for one, (words, _) in lines.items() if label in words]
        assert found, f"no line {label!r}:\n{self.heard}"
        return await self.answers(found[0])

    async def presses_again(self, message_id: int, data: str) -> str:
        """The letter of the line that leads there: an older menu has no letters any more."""
        seen, lines = self.menu
        found = [letter for letter, (_, one) in lines.items() if one == data]
        assert found, f"no line leads to {data}:\n{self.heard}"
        assert seen.message_id == message_id, "an older menu"
        return await self.answers(found[0])
