"""A messenger for tests of the public bot: it records every call and keeps the chat as people see
it. Below it is the real application of python-telegram-bot."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from telegram.request import BaseRequest, RequestData

ME = {"id": 43, "is_bot": True, "first_name": "引路·群众反映", "username": "yinlu_public_bot"}


@dataclass
class Seen:
    """A message of the bot as it stands in a chat."""

    id: int
    text: str
    buttons: dict[str, dict[str, Any]]
    protected: bool


@dataclass
class Telegram(BaseRequest):
    """`calls`: method and parameters, in order. `refusals`: answers to give instead, per method."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    chat: dict[int, Seen] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
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
        self.calls.append((name, said))
        return 200, json.dumps({"ok": True, "result": self._result(name, said)}).encode()

    def _result(self, name: str, said: dict[str, Any]) -> Any:
        if name == "getMe":
            return ME
        if name == "sendMessage":
            return self._sent(said)
        if name == "getFile":
            return {"file_id": said["file_id"], "file_unique_id": "u", "file_path": said["file_id"]}
        if name == "deleteMessages":
            assert 0 < len(said["message_ids"]) <= 100
            for number in said["message_ids"]:
                self.chat.pop(number, None)
        return True

    def _sent(self, said: dict[str, Any]) -> dict[str, Any]:
        shown = unescape(re.sub(r"</?(b|i|code)>", "", said["text"]))
        assert 0 < len(shown.encode("utf-16-le")) // 2 <= 4096
        self.last += 1
        rows = said.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = {button["text"]: button for row in rows for button in row}
        protected = said.get("protect_content", False)
        self.chat[self.last] = Seen(self.last, said["text"], buttons, protected)
        return {
            "message_id": self.last,
            "date": 0,
            "chat": {"id": said["chat_id"], "type": "private"},
        }

    def refuse(self, name: str, status: int, times: int = 1, **body: Any) -> None:
        given = {"error_code": status, "description": "refused", **body}
        self.refusals.setdefault(name, []).extend([(status, given)] * times)

    def called(self, name: str) -> list[dict[str, Any]]:
        return [said for method, said in self.calls if method == name]
