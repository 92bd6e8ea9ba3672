"""Somebody without buttons: each screen is read as text with lettered lines, and answered by a
letter or in words. So a messenger without buttons shows it (`gateway.screens`), and so a voice
reads it out."""

from botapi.markup import Said
from gateway.platform import Abilities, Button
from gateway.screens import Fitted, Screen, fit
from tests.conversation.people import Somebody, unsigned
from tests.conversation.telegram import Seen

TODAY = "今天"
TEXT_ALONE = Abilities(buttons=0, text_bytes=60_000, file_bytes=0)


class Reader(Somebody):
    """Presses nothing but by the letters of the newest menu; days are written."""

    @property
    def menu(self) -> tuple[Seen, Fitted]:
        """The newest message with buttons, and as it is shown without."""
        seen = next(one for one in reversed(self.chat.values()) if one.rows)
        rows = tuple(
            tuple(Button(one.text, data=one.callback_data or "") for one in row)
            for row in seen.rows
        )
        return seen, fit(Screen(Said(seen.text), rows), TEXT_ALONE)

    @property
    def heard(self) -> str:
        """The newest screen as it is read out."""
        _, fitted = self.menu
        return "\n".join(part.said.plain for part in fitted.parts)

    async def answers(self, letter: str) -> str:
        seen, fitted = self.menu
        button = fitted.menu[letter]
        # On a screen of several questions, only who names one of its buttons can mean today.
        if unsigned(button.text) == TODAY:
            return await self.says(TODAY)
        return await super().presses_again(seen.message_id, button.data)

    async def presses(self, label: str) -> str:
        """The letter of the line with these words, or that holds them."""
        lines = {letter: button.text for letter, button in self.menu[1].menu.items()}
        exact = [one for one, words in lines.items() if label in (words, unsigned(words))]
        found = exact or [one for one, words in lines.items() if label in words]
        assert found, f"no line {label!r}:\n{self.heard}"
        return await self.answers(found[0])

    async def presses_again(self, message_id: int, data: str) -> str:
        """The letter of the line that leads there: an older menu has no letters any more."""
        seen, fitted = self.menu
        found = [letter for letter, button in fitted.menu.items() if button.data == data]
        assert found, f"no line leads to {data}:\n{self.heard}"
        assert seen.message_id == message_id, "an older menu"
        return await self.answers(found[0])
