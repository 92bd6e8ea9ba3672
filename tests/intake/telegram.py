"""A messenger for tests of the public bot: it records every call and keeps the chat as people see
it. Below it is the real application of python-telegram-bot."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from telegram.error import TimedOut
from telegram.request import BaseRequest, RequestData

ME = {"id": 43, "is_bot": True, "first_name": "引路·群众反映", "username": "yinlu_public_bot"}

UNCHANGED = "Bad Request: message is not modified: the same content and reply markup"
NO_MESSAGE = "Bad Request: message to edit not found"


@dataclass
class Seen:
    """A message of the bot as it stands in a chat."""

    id: int
    text: str
    buttons: dict[str, dict[str, Any]]
    protected: bool
    file: str = ""
    """photo | document"""


@dataclass
class Telegram(BaseRequest):
    """`calls`: method and parameters, in order. `refusals`: answers to give instead, per method."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    chat: dict[int, Seen] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    uploads: list[bytes] = field(default_factory=list)
    last: int = 1000
    slow: Callable[[str], Awaitable[bytes]] | None = None
    """Another way to fetch a file."""

    @property
    def read_timeout(self) -> float | None:
        return 1

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        name = url.rsplit("/", 1)[-1]
        if "/file/" in url:
            return 200, await self.slow(name) if self.slow else self.files[name]
        said: dict[str, Any] = request_data.parameters if request_data else {}
        if waiting := self.refusals.get(name):
            status, body = waiting.pop(0)
            return status, json.dumps({"ok": False, **body}).encode()
        if fault := self._fault(name, said):
            return fault[0], json.dumps({"ok": False, **fault[1]}).encode()
        self.calls.append((name, said))
        if request_data is not None and request_data.multipart_data:
            self.uploads += [part[1] for part in request_data.multipart_data.values()]
        if self.lost.get(name):
            self.lost[name] -= 1
            self._result(name, said)
            raise TimedOut
        return 200, json.dumps({"ok": True, "result": self._result(name, said)}).encode()

    def _result(self, name: str, said: dict[str, Any]) -> Any:
        if name == "getMe":
            return ME
        if name == "sendMessage":
            return self._sent(said)
        if name in ("editMessageText", "editMessageMedia"):
            return self._edited(said)
        if name == "getFile":
            return {"file_id": said["file_id"], "file_unique_id": "u", "file_path": said["file_id"]}
        if name == "deleteMessages":
            assert 0 < len(said["message_ids"]) <= 100
            for number in said["message_ids"]:
                self.chat.pop(number, None)
        return True

    def _sent(self, said: dict[str, Any], edited: int = 0) -> dict[str, Any]:
        kind = said.get("media", {}).get("type", "")
        text = said["media"]["caption"] if kind else said["text"]
        shown = unescape(re.sub(r"</?(b|i|code)>", "", text))
        assert 0 < len(shown.encode("utf-16-le")) // 2 <= (1024 if kind else 4096)
        self.last += not edited
        number = edited or self.last
        rows = said.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = {button["text"]: button for row in rows for button in row}
        was = self.chat[edited].protected if edited else False
        protected = said.get("protect_content", was)
        self.chat[number] = Seen(number, text, buttons, protected, kind)
        return {
            "message_id": number,
            "date": 0,
            "chat": {"id": said["chat_id"], "type": "private"},
        }

    def _edited(self, said: dict[str, Any]) -> dict[str, Any]:
        return self._sent(said, said["message_id"])

    def _fault(self, name: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """What the messenger itself refuses."""
        if name not in ("editMessageText", "editMessageMedia"):
            return None
        seen = self.chat.get(said["message_id"])
        if seen is None:
            return 400, {"error_code": 400, "description": NO_MESSAGE}
        if name == "editMessageMedia":
            return None
        rows = said.get("reply_markup", {}).get("inline_keyboard", [])
        if (seen.text, list(seen.buttons)) == (said["text"], [b["text"] for r in rows for b in r]):
            return 400, {"error_code": 400, "description": UNCHANGED}
        return None

    def lose(self, name: str, times: int = 1) -> None:
        """The answers to these calls are lost; what they ask for is done."""
        self.lost[name] = self.lost.get(name, 0) + times

    def refuse(self, name: str, status: int, times: int = 1, **body: Any) -> None:
        given = {"error_code": status, "description": "refused", **body}
        self.refusals.setdefault(name, []).extend([(status, given)] * times)

    @property
    def told(self) -> list[str]:
        """What was written to chats, in order; the placeholder of a code, which says nothing yet,
        only where it stays one."""
        names = ("sendMessage", "editMessageText", "editMessageMedia")
        said = [said for method, said in self.calls if method in names]
        return [each["media"]["caption"] if "media" in each else each["text"] for each in said]

    def called(self, name: str) -> list[dict[str, Any]]:
        return [said for method, said in self.calls if method == name]
