"""The webhook answers 200 after the commit and not before; what is hostile harms nothing."""

import asyncio
import hmac
import json
from io import BytesIO
from typing import Any

import pytest
from aiogram import Bot
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.pipeline import webhook as module
from bot.pipeline.turns import Turn, Turns
from bot.pipeline.webhook import SECRET, Webhook
from services.core.database import Database
from services.messages.inbox import Inbox
from tests.chance import examples
from tests.messages.conftest import NOW, said

RIGHT = {SECRET: "the-right-secret"}


class Hook:
    """A webhook with what it woke."""

    def __init__(self, bot: Bot, database: Database, turn: Turn | None = None) -> None:
        self.woken: list[str] = []
        self.inbox = Inbox(database)
        self.webhook = Webhook("staff", bot, self.inbox, lambda: NOW, self.woken.extend, turn=turn)

    async def __aenter__(self) -> "Hook":
        self.client = TestClient(TestServer(self.webhook.app("/hook", "the-right-secret")))
        await self.client.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def post(self, body: bytes | dict[str, Any], headers: Any = RIGHT) -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.client.post("/hook", data=BytesIO(data), headers=headers) as answer:
            return answer.status


async def kept(database: Database) -> int:
    inbox, number = Inbox(database), 0
    for chat in await inbox.chats("staff"):
        row = await inbox.oldest("staff", chat)
        while row is not None:
            row = await inbox.finish(row, None)
            number += 1
    return number


async def test_it_is_stored_when_200_is_answered(
    bot: Bot, database: Database, second: Database
) -> None:
    async with Hook(bot, database) as hook:
        assert await hook.post(said("x")) == 200
        assert len(hook.woken) == 1
        assert await Inbox(second).chats("staff") == tuple(hook.woken)


async def test_a_wrong_secret_stores_nothing(
    bot: Bot, database: Database, second: Database
) -> None:
    async with Hook(bot, database) as hook:
        for wrong in ({}, {SECRET: ""}, {SECRET: "the-right-secre"}, {SECRET: "é"}):
            assert await hook.post(said("x"), wrong) == 401
        async with hook.client.get("/hook", headers=RIGHT) as answer:
            assert answer.status == 405
    assert await kept(second) == 0


async def test_twice_at_once_and_again_later_is_once(
    bot: Bot, database: Database, second: Database
) -> None:
    one = said("x")
    async with Hook(bot, database) as hook:
        assert await asyncio.gather(*(hook.post(one) for _ in range(5))) == [200] * 5
        assert await kept(second) == 1
        assert await hook.post(one) == 200
    assert await kept(second) == 0


async def test_out_of_order_is_handled_in_order(
    bot: Bot, database: Database, second: Database
) -> None:
    async with Hook(bot, database) as hook:
        for number in (9003, 9001, 9002):
            assert await hook.post(said("x", update=number)) == 200
    inbox = Inbox(second)
    [chat] = await inbox.chats("staff")
    row = await inbox.oldest("staff", chat)
    assert row is not None
    assert row.update_id == 9001


async def test_what_is_no_update_is_taken_and_dropped(
    bot: Bot, database: Database, second: Database
) -> None:
    deep = b"[" * 100_000
    bodies = [b"", b"null", b"[]", b"{}", b"\xff\xfe", deep, b'{"update_id": 1e400}', b"NaN"]
    async with Hook(bot, database) as hook:
        for body in bodies:
            assert await hook.post(body) == 200
        assert await hook.post(b" " * 2_000_000) == 413
        assert await hook.post(said("\ud800")) == 200
    assert await kept(second) == 1


async def test_while_the_disk_is_full_the_messenger_brings_it_again(
    bot: Bot, database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = said("x")
    async with Hook(bot, database) as hook:
        store = hook.inbox.store

        async def full(*_: object) -> None:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

        monkeypatch.setattr(hook.inbox, "store", full)
        assert await hook.post(one) == 503
        assert hook.woken == []
        monkeypatch.setattr(hook.inbox, "store", store)
        assert await hook.post(one) == 200
    assert await kept(second) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
PARTS = st.sampled_from(["update_id", "message", "callback_query", "chat", "from", "id", "date"])
UPDATES = st.dictionaries(PARTS, JSON | st.dictionaries(PARTS, JSON), max_size=5)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@examples(20, 100)
@given(update=UPDATES)
async def test_hostile_updates_are_answered(
    bot: Bot, database: Database, update: dict[str, Any]
) -> None:
    async with Hook(bot, database) as hook:
        assert await hook.post(update) == 200


@pytest.mark.parametrize(
    ("alike", "header", "status"),
    [(False, RIGHT, 401), (True, {SECRET: "wrong"}, 200)],
)
async def test_the_secret_is_compared_in_constant_time_and_in_no_other_way(
    bot: Bot,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    alike: bool,
    header: dict[str, str],
    status: int,
) -> None:
    """Nothing else has a say in it: what `compare_digest` says decides."""
    assert module.compare_digest is hmac.compare_digest
    monkeypatch.setattr(module, "compare_digest", lambda *_: alike)
    async with Hook(bot, database) as hook:
        assert await hook.post(said("x"), header) == status


async def test_what_comes_in_is_stored_in_turn_with_other_cells(
    bot: Bot, database: Database, second: Database
) -> None:
    turns = Turns()
    turn, other = turns.new(), turns.new()
    async with Hook(bot, database, turn) as hook:
        assert await hook.post(said("x")) == 200
    assert await kept(second) == 1
    assert (turn.used > 0, other.used) == (True, 0)
