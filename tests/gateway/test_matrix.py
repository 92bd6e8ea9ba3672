"""The gateway and a real Matrix server: what is sent is seen, and what is written comes, once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

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
    now: datetime = MORNING
    members: list[Member] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bot]:
        url = f"sqlite+aiosqlite:///{self.folder / 'gateway.db'}"
        tenant = "loc.test"
        store = Store(transactions_for(url), RING, lambda: self.now, "matrix", tenant)
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


async def test_what_people_did_in_a_day_without_a_gateway_is_told_in_order_and_answered(
    place: Place,
) -> None:
    wang, li = await place.member("wang"), await place.member("li")
    async with place.running() as bot:
        await wang.opens(place.account)
        await wang.joined_by(place.account)
        await wang.writes("你好")
        chat = (await next_update(bot))["message"]["chat"]["id"]  # type: ignore[index]
        old = await bot.api.send_message(chat, "昨天的事", reply_markup=buttons("办", "不办"))
        taken = await bot.api.send_message(chat, "收回的事", reply_markup=buttons("看"))
        await bot.api.send_message(chat, "今天的事", reply_markup=buttons("甲", "乙"))
        await wang.hears("今天的事", "E 乙")
    before = {body.split("\n")[0]: event for event, body in wang.shown.items()}
    place.now += timedelta(hours=12)
    first = await wang.writes("上午写的")
    await wang.chooses("乙")
    await replies(wang, before["昨天的事"], "B")
    await replies(wang, before["收回的事"], "C")
    await wang.writes("* 上午改的", **rewrites(first, "上午改的"))
    await wang.sends_file("照片.png", picture(), "image/png")
    # Somebody new, who has asked the account into a room that it isn't in.
    await li.opens(place.account)
    await li.writes("有人吗")
    place.now += timedelta(hours=12)
    async with place.running() as bot:
        found = await bot.updates(20)
        async with asyncio.timeout(60):
            while len(found) < 7:
                found += await bot.updates(20)
        assert [done(one) for one in found if chat_of(one) == chat] == [
            "上午写的", "do:乙", "do:不办", "do:看", "改成 上午改的", "一张照片",
        ]  # fmt: skip
        (greeted,) = [one for one in found if chat_of(one) != chat]
        assert text_of(greeted) == "/start"
        # Each press has an answer, a day after it: what was asked still stands there.
        presses = [one["callback_query"] for one in found if "callback_query" in one]
        for press in presses:
            await bot.api.answer_callback_query(press["id"], f"收到{press['data']}")
            await wang.hears(f"收到{press['data']}")
        # A screen that changes comes below what they wrote meanwhile, and its letters with it.
        await bot.api.edit_message_text(
            "昨天的事已过期", chat_id=chat, message_id=old.message_id, reply_markup=buttons("再办")
        )
        await wang.hears("昨天的事已过期")
        assert wang.sees()[-1].startswith("昨天的事已过期")
        assert before["昨天的事"] not in wang.shown
        await bot.api.delete_message(chat, taken.message_id)
        await wang.hears("昨天的事已过期")
        async with asyncio.timeout(60):
            while before["收回的事"] in wang.shown:
                await wang.looks()
        # Its letter presses nothing any more, and is what they wrote.
        await replies(wang, before["收回的事"], "C")
        assert text_of(await next_update(bot)) == "C"
        await wang.chooses("再办")
        assert done(await next_update(bot)) == "do:再办"
        # Nothing of that day is told again.
        assert await bot.updates() == []
    async with place.running() as bot:
        await wang.writes("第二天")
        assert text_of(await next_update(bot)) == "第二天"


def done(update: Mapping[str, Any]) -> str:
    """What somebody wrote, pressed, rewrote or sent."""
    if "callback_query" in update:
        return str(update["callback_query"]["data"])
    if "edited_message" in update:
        return f"改成 {update['edited_message']['text']}"
    message = update["message"]
    return str(message.get("text") or ("一张照片" if "photo" in message else ""))


def chat_of(update: Mapping[str, Any]) -> int:
    inner = update.get("callback_query") or update
    message = inner.get("message") or inner["edited_message"]
    return int(message["chat"]["id"])


async def replies(somebody: Member, event: str, text: str) -> None:
    await somebody.writes(text, **{"m.relates_to": {"m.in_reply_to": {"event_id": event}}})


def rewrites(event: str, text: str) -> dict[str, Any]:
    fresh = {"msgtype": "m.text", "body": text}
    return {"m.new_content": fresh, "m.relates_to": {"rel_type": "m.replace", "event_id": event}}


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
