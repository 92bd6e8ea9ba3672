"""A person of the local messenger, for tests that read as stories.

await secretary.says("/start")
await secretary.sees("待办")
await secretary.presses("待办")
"""

from collections.abc import Iterable
from io import BytesIO
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, FormData

TIMEOUT = 120.0


class NotSeen(AssertionError):
    """What was waited for didn't come; the message shows the screen."""


class MessengerClient:
    """The people side of one server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = ClientSession(url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()

    async def get(self, path: str, **query: Any) -> Any:
        async with self.session.get(path, params=query) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.session.post(path, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def advance(self, step: str) -> None:
        """Moves the clock on by "7d", "2h", "30m"."""
        await self.post("/api/clock", {"advance": step})

    async def person(self, name: str, bot: str, language: str | None = None) -> "Person":
        """Somebody at their chat with a bot; a new name is added."""
        body = {"language_code": language} if language else {}
        answer = await self.post(f"/api/people/{name}", body)
        return Person(self, name, bot, answer["user_id"])


class Person:
    """One person in one chat. `since` is the counter before their last act."""

    def __init__(self, messenger: MessengerClient, name: str, bot: str, user_id: int) -> None:
        self.messenger, self.name, self.bot, self.user_id = messenger, name, bot, user_id
        self.since = 0

    async def says(self, text: str, **extra: Any) -> int:
        """Writes a message; gives its id. Extra: forward=True, edit=message id, sticker=True."""
        await self._mark()
        body = {"bot": self.bot, "text": text, **extra}
        answer = await self.messenger.post(f"/api/people/{self.name}/messages", body)
        return int(answer["message_id"])

    async def sends(
        self, content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg", **extra: str
    ) -> None:
        """Sends a picture or a document."""
        await self._mark()
        form = FormData({"bot": self.bot, **extra}, quote_fields=False)
        form.add_field("file", BytesIO(content), filename=name, content_type=kind)
        path = f"/api/people/{self.name}/messages"
        async with self.messenger.session.post(path, data=form) as answer:
            answer.raise_for_status()

    async def presses(self, label: str, message_id: int | None = None) -> None:
        """Presses the newest button whose label holds `label`; waits until there is one."""
        path = f"/api/people/{self.name}/presses"
        # Before the mark: what comes while the button is waited for is no answer to the press.
        message, button = await self._button(label, message_id)
        await self._mark()
        body = {"bot": self.bot, "message_id": message["id"], "data": button["callback_data"]}
        await self.messenger.post(path, body)

    async def presses_data(self, data: str) -> None:
        """A button that carries `data`, under the newest message, wherever it came from."""
        newest = (await self.screen())[-1]
        await self._mark()
        body = {"bot": self.bot, "message_id": newest["id"], "data": data}
        await self.messenger.post(f"/api/people/{self.name}/presses", body)

    async def sees(self, *texts: str, since: int | None = None) -> str:
        """Waits for a bot message, new or edited since the last act, that holds all `texts`."""
        start = self.since if since is None else since

        def holds(chat: dict[str, Any]) -> str | None:
            for message in reversed(chat["messages"]):
                fresh = message["seq"] > start and message["from"] == "bot"
                if fresh and not message["deleted"] and all(t in words(message) for t in texts):
                    return words(message)
            toasts = [toast["text"] for toast in chat["toasts"] if toast["seq"] > start]
            # What a press answers in a line that fades is read like a message.
            return next((toast for toast in toasts if all(t in toast for t in texts)), None)

        return str(await self._wait(holds, f"to see {' and '.join(map(repr, texts))}"))

    async def until(self, marks: Iterable[str], since: int | None = None) -> str:
        """Waits for a bot message, new or edited since the last act, that holds one of `marks`."""
        start, wanted = self.since if since is None else since, tuple(marks)

        def holds(chat: dict[str, Any]) -> str | None:
            for message in reversed(chat["messages"]):
                fresh = message["seq"] > start and message["from"] == "bot"
                said = words(message)
                if fresh and not message["deleted"] and any(mark in said for mark in wanted):
                    return said
            return None

        return str(await self._wait(holds, f"to see one of {', '.join(map(repr, wanted))}"))

    async def message_with(self, text: str) -> int:
        """Waits for a bot message that holds `text`; gives the id of the newest one."""

        def find(chat: dict[str, Any]) -> int | None:
            shown = (m for m in reversed(chat["messages"]) if not m["deleted"])
            ids = (m["id"] for m in shown if m["from"] == "bot" and text in m["text"])
            return next(ids, None)

        return int(await self._wait(find, f"a message with {text!r}"))

    async def screen(self) -> list[dict[str, Any]]:
        """The bot's messages that are still there, oldest first."""
        chat = await self.chat()
        return [m for m in chat["messages"] if m["from"] == "bot" and not m["deleted"]]

    async def last(self) -> str:
        shown = await self.screen()
        return words(shown[-1]) if shown else ""

    async def _mark(self) -> None:
        self.since = (await self.chat())["seq"]

    async def chat(self, **query: Any) -> Any:
        path = f"/api/people/{self.name}/messages"
        return await self.messenger.get(path, bot=self.bot, **query)

    async def _button(
        self, label: str, message_id: int | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        def find(chat: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
            for message in reversed(chat["messages"]):
                if message["deleted"] or message_id not in (None, message["id"]):
                    continue
                buttons = [b for row in message["buttons"] for b in row if "callback_data" in b]
                exact = [b for b in buttons if b["text"] == label]
                # The exact label first: "改1" must not press "改10".
                for button in exact or [b for b in buttons if label in b["text"]]:
                    return message, button
            return None

        found: tuple[dict[str, Any], dict[str, Any]] = await self._wait(find, f"a button {label!r}")
        return found

    async def _wait(self, find: Any, what: str) -> Any:
        chat = await self.chat()
        left = TIMEOUT
        while (found := find(chat)) is None:
            seq = chat["seq"]
            chat = await self.chat(after=seq, wait=2)
            # Only silence uses up the time: a bot that goes on talking is at work, however slow
            # the machine.
            left -= 2 if chat["seq"] == seq else 0.02
            if left <= 0:
                raise NotSeen(f"{self.name} waited for {what}. On screen:\n{picture(chat)}")
        return found


def words(message: dict[str, Any]) -> str:
    """A message with its buttons, as read aloud."""
    labels = [" | ".join(b["text"] for b in row) for row in message["buttons"]]
    return "\n".join([message["text"], *(f"[{label}]" for label in labels)])


def picture(chat: dict[str, Any], most: int = 4) -> str:
    shown = [m for m in chat["messages"] if not m["deleted"]][-most:]
    toasts = [f"({toast['text']})" for toast in chat["toasts"][-1:]]
    return "\n---\n".join([f"{m['from']}: {words(m)}" for m in shown] + toasts)
