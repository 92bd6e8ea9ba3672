"""The gateway and a real Matrix server: what is sent is seen, and what is written comes, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from aiogram.exceptions import TelegramForbiddenError, TelegramServerError
from aiogram.types import BufferedInputFile

from bot.processes.gateway import transactions_for
from gateway.matrix.client import MatrixPlatform, MatrixSettings
from gateway.server import Gateway, Tokens, listening
from gateway.store import Store
from tests.gateway.house import BOT, MORNING, PUBLIC, RING, TOKEN, Bot
from tests.gateway.synapse import PASSWORD, Member, Synapse, serving
from tests.gateway.test_core import buttons
from tests.messenger.conftest import picture
from tests.messenger.libraries import aiogram_bot

pytestmark = pytest.mark.slow
M = TypeVar("M", bound=Member)


@dataclass
class Place:
    """A server with the bot's account, and a gateway that can be begun again over one file."""

    server: Synapse
    folder: Path
    account: str
    offset: int = 0
    members: list[Member] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bot]:
        url = f"sqlite+aiosqlite:///{self.folder / 'gateway.db'}"
        tenant = "loc.test"
        store = Store(transactions_for(url), RING, lambda: MORNING, "matrix", tenant)
        keys = self.folder / "matrix"
        settings = MatrixSettings(self.server.url, self.account, PASSWORD, keys, "pickle")
        gateway = Gateway(store, MatrixPlatform(settings, store), BOT, Tokens(TOKEN, PUBLIC))
        async with listening(gateway, "127.0.0.1", 0):
            task = asyncio.create_task(gateway.run())
            bot = aiogram_bot(gateway.url, TOKEN)
            try:
                async with asyncio.timeout(60):
                    await gateway.platform.reached()
                made = Bot(bot, gateway, self.offset)
                yield made
                self.offset = made.offset
            finally:
                await bot.session.close()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await store.transactions.close()

    async def member(
        self,
        name: str,
        encrypts: bool = False,
        kind: type[M] = Member,  # type: ignore[assignment]
    ) -> M:
        made = await kind.of(self.server, name, self.folder / name, encrypts)
        self.members.append(made)
        return made


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with serving(tmp_path / "synapse") as server:
        made = Place(server, tmp_path, await server.register("yinlu"))
        yield made
        for member in made.members:
            await member.client.close()


async def next_update(bot: Bot) -> dict[str, object]:
    """Waits for it."""
    async with asyncio.timeout(60):
        while not (found := await bot.updates(waits=20)):
            pass
    assert len(found) == 1, found
    return found[0]


def text_of(update: dict[str, object]) -> object:
    message = update["message"]
    assert isinstance(message, dict)
    return message.get("text")


async def test_a_conversation_in_a_plain_room(place: Place) -> None:
    wang = await place.member("wang")
    async with place.running() as bot:
        await wang.opens(place.account)
        await wang.joined_by(place.account)
        await wang.writes("你好")
        started = await next_update(bot)
        assert text_of(started) == "/start"
        chat = started["message"]["chat"]["id"]  # type: ignore[index]
        sent = await bot.api.send_message(
            chat, "<b>选</b>一个", parse_mode="HTML", reply_markup=buttons("甲", "乙")
        )
        assert await wang.hears("选一个", "A 甲", "B 乙")
        await bot.api.edit_message_text(
            "再选一个", chat_id=chat, message_id=sent.message_id, reply_markup=buttons("丙")
        )
        # Other letters: an A written before this was seen would press what isn't read yet.
        assert await wang.hears("再选一个", "C 丙")
        assert (wang.edits, len(wang.sees())) == (1, 1)
        await wang.chooses("丙")
        query = (await next_update(bot))["callback_query"]
        assert query["data"] == "do:丙"  # type: ignore[index]
        await bot.api.answer_callback_query(query["id"], "好的")  # type: ignore[index]
        await bot.api.edit_message_text("选了丙", chat_id=chat, message_id=sent.message_id)
        await wang.hears("选了丙")
        assert wang.sees() == ["好的", "选了丙"]
        await bot.api.delete_message(chat, sent.message_id)
        paper = BufferedInputFile(b"paper", "纪要.docx")
        await bot.api.send_document(chat, paper, caption="纪要")
        await wang.hears("纪要")
        assert wang.sees() == ["好的", "纪要"]
        (file,) = wang.files.values()
        assert (await wang.client.download(file.url)).body == b"paper"

        # A group is answered by nothing, whoever writes there.
        li = await place.member("li")
        room = wang.room
        await wang.opens(place.account, str(li.client.user_id))
        await li.client.join(wang.room)
        await wang.joined_by(place.account)
        await wang.writes("待办")
        wang.room = room
        await wang.writes("在这里")
        assert text_of(await next_update(bot)) == "在这里"


async def test_nothing_is_lost_or_seen_twice_around_a_kill_of_either_side(place: Place) -> None:
    wang = await place.member("wang")
    async with place.running() as bot:
        await wang.opens(place.account)
        await wang.joined_by(place.account)
        await wang.writes("你好")
        chat = (await next_update(bot))["message"]["chat"]["id"]  # type: ignore[index]
        await place.server.kill()
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "一")
        await place.server.start()
        # Asked again, as the bot does.
        await bot.api.send_message(chat, "一")
        await wang.hears("一")
        assert wang.sees() == ["一"]
    # Away, while somebody writes more than the stream gives at once.
    for number in range(60):
        await wang.writes(f"第{number}句")
    async with place.running() as bot:
        texts: list[object] = []
        async with asyncio.timeout(60):
            while len(texts) < 60:
                texts += [text_of(one) for one in await bot.updates()]
                await asyncio.sleep(0.05)
        assert texts == [f"第{number}句" for number in range(60)]
        await bot.api.send_message(chat, "二")
        await wang.hears("二")
        await wang.client.room_leave(wang.room)
        left = await next_update(bot)
        assert left["my_chat_member"]["new_chat_member"]["status"] == "kicked"  # type: ignore[index]
        with pytest.raises(TelegramForbiddenError):
            await bot.api.send_message(chat, "三")


async def test_an_encrypted_room_is_read_by_the_same_device_after_a_restart(place: Place) -> None:
    wang = await place.member("wang", encrypts=True)
    async with place.running() as bot:
        await wang.opens(place.account, encrypted=True)
        await wang.joined_by(place.account)
        await wang.writes("你好")
        chat = (await next_update(bot))["message"]["chat"]["id"]  # type: ignore[index]
        await bot.api.send_message(chat, "选一个", reply_markup=buttons("甲"))
        await wang.hears("选一个", "A 甲")
        await wang.chooses("甲")
        assert (await next_update(bot))["callback_query"]["data"] == "do:甲"  # type: ignore[index]
        await bot.api.send_document(chat, BufferedInputFile(b"paper", "纪要.docx"))
        device = bot.gateway.platform.client.device_id  # type: ignore[attr-defined]
    await wang.writes("等你回来")
    async with place.running() as bot:
        assert text_of(await next_update(bot)) == "等你回来"
        assert bot.gateway.platform.client.device_id == device  # type: ignore[attr-defined]
        await bot.api.send_message(chat, "在了")
        await wang.hears("在了")
        (file,) = wang.files.values()
        sealed = (await wang.client.download(file.url)).body
        assert sealed != b"paper"
        # Nothing of it can be read on the server.
        written = b"".join(path.read_bytes() for path in place.server.folder.glob("homeserver.db*"))
        assert "等你回来".encode() not in written
        assert "选一个".encode() not in written
        assert picture() not in written
