"""Somebody unknown, at a chat with the public bot."""

from dataclasses import dataclass, field
from typing import Any

from telegram import Update

from handlers.public.chat.application import Bot
from tests.intake.telegram import Seen, Telegram

SAID = "公示期间他仍在集体林地里私自开荒，邻居都看见了。"


@dataclass
class Citizen:
    """`written`: ids of their own messages."""

    bot: Bot
    telegram: Telegram
    chat: int = 77
    kind: str = "private"
    language: str = "zh-hans"
    written: list[int] = field(default_factory=list)
    _updates: int = 0

    async def says(self, text: str, **extra: Any) -> str:
        """Writes, and gives what the bot says to it; "" where it says nothing."""
        content: dict[str, Any] = {"text": text, **extra}
        if text.startswith("/"):
            length = len(text.split()[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.sends(content)

    async def sends(self, content: dict[str, Any], update: str = "message") -> str:
        self.telegram.last += 1
        self.written.append(self.telegram.last)
        message = {"message_id": self.telegram.last, "date": 1, **self._from(), **content}
        return await self._hears({update: message})

    async def presses(self, label: str, newest: bool = True) -> str:
        """The newest button of this label; an older one where not `newest`."""
        found = [m for m in self.telegram.chat.values() if label in m.buttons]
        assert found, f"no button {label!r} in {[m.buttons.keys() for m in self.screen]}"
        message = found[-1 if newest else 0]
        return await self.presses_data(message.buttons[label]["callback_data"], message.id)

    async def presses_data(self, data: str, message_id: int = 1) -> str:
        message = {"message_id": message_id, "date": 1, **self._from()}
        query = {"id": "1", "from": self._from()["from"], "chat_instance": "1", "data": data}
        return await self._hears({"callback_query": {**query, "message": message}})

    async def is_joined_by_the_bot(self) -> str:
        """Somebody adds the bot to this group."""
        me = {"id": 43, "is_bot": True, "first_name": "b"}
        was, now = ({"user": me, "status": status} for status in ("left", "member"))
        change = {**self._from(), "date": 1, "old_chat_member": was, "new_chat_member": now}
        return await self._hears({"my_chat_member": change})

    def _from(self) -> dict[str, Any]:
        person = {
            "id": self.chat,
            "is_bot": False,
            "first_name": "某",
            "language_code": self.language,
        }
        return {"from": person, "chat": {"id": self.chat, "type": self.kind}}

    async def _hears(self, what: dict[str, Any]) -> str:
        before = len(self.telegram.told)
        self._updates += 1
        update = Update.de_json({"update_id": self._updates, **what}, self.bot.bot)
        await self.bot.process_update(update)
        return "\n".join(self.telegram.told[before:])

    @property
    def screen(self) -> list[Seen]:
        return list(self.telegram.chat.values())

    def offers(self, name: str, content: bytes, size: int | None = None) -> dict[str, Any]:
        """A document to send."""
        self.telegram.files[name] = content
        length = len(content) if size is None else size
        return {"document": {"file_id": name, "file_unique_id": name, "file_size": length}}

    async def gets_to(self, question: str) -> str:
        """From the beginning to one of the questions; gives how it is asked."""
        await self.says("/start")
        said = await self.presses("我要反映")
        for name, answer in (
            ("whom", "河湾村 某某"),
            ("what", SAID),
            ("evidence", ""),
            ("sum", ""),
        ):
            if question == name:
                return said
            said = await self._answers(name, answer)
        return said

    async def _answers(self, name: str, answer: str) -> str:
        if name == "whom":
            return await self.says(answer)
        if name == "what":
            await self.says(answer)
            return await self.presses("写完了")
        return await self.presses("没有了" if name == "evidence" else "确认，交上去")

    async def files_a_report(self) -> str:
        """All the way; gives the eight characters."""
        said = await self.gets_to("code")
        return said.split("<code>")[1].split("</code>")[0]
