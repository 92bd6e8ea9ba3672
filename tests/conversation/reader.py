"""Somebody without buttons: each screen is read as text with lettered lines, and answered by a
letter or in words. So a messenger without buttons shows it (`gateway.screens`), and so a voice
reads it out."""

from collections.abc import Iterator
from typing import Any

from botapi.markup import Said
from gateway.platform import Abilities, Button
from gateway.screens import Fitted, Screen, fit
from tests.conversation.people import Somebody, unsigned
from tests.conversation.telegram import Seen

TODAY = "今天"
TEXT_ALONE = Abilities(buttons=0, text_bytes=60_000, file_bytes=0)


Menu = tuple[Seen, Fitted]


class Reader(Somebody):
    """Presses nothing but by the letters of a menu; days are written. `read`: the newest message
    that stood there when they wrote last."""

    read = 0

    @property
    def menus(self) -> Iterator[Menu]:
        """Those that letters answer, as they are shown without buttons: the newest, and what came
        since something was written (`gateway.inwards`)."""
        shown = [one for one in reversed(self.chat.values()) if one.rows]
        for number, seen in enumerate(shown):
            if number and seen.message_id <= self.read:
                return
            rows = tuple(
                tuple(Button(one.text, data=one.callback_data or "") for one in row)
                for row in seen.rows
            )
            yield seen, fit(Screen(Said(seen.text), rows), TEXT_ALONE)

    @property
    def menu(self) -> Menu:
        return next(self.menus)

    async def says(self, text: str, **more: Any) -> str:
        self.read = max(self.chat, default=0)
        return await super().says(text, **more)

    @property
    def heard(self) -> str:
        """The newest screen as it is read out."""
        _, fitted = self.menu
        return "\n".join(part.said.plain for part in fitted.parts)

    async def answers(self, letter: str, menu: Menu | None = None) -> str:
        seen, fitted = menu or self.menu
        button = fitted.menu[letter]
        # On a screen of several questions, only who names one of its buttons can mean today.
        if unsigned(button.text) == TODAY:
            return await self.says(TODAY)
        return await super().presses_again(seen.message_id, button.data)

    async def presses(self, label: str) -> str:
        """The letter of the line with these words, or that holds them."""
        for menu in self.menus:
            lines = {letter: button.text for letter, button in menu[1].menu.items()}
            exact = [one for one, words in lines.items() if label in (words, unsigned(words))]
            if found := exact or [one for one, words in lines.items() if label in words]:
                return await self.answers(found[0], menu)
        raise AssertionError(f"no line {label!r}:\n{self.heard}")

    async def presses_again(self, message_id: int, data: str) -> str:
        """The letter of the line that leads there: an older menu has no letters any more."""
        seen, fitted = self.menu
        found = [letter for letter, button in fitted.menu.items() if button.data == data]
        assert found, f"no line leads to {data}:\n{self.heard}"
        assert seen.message_id == message_id, "an older menu"
        return await self.answers(found[0], (seen, fitted))
