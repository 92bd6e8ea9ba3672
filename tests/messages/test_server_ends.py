"""A PostgreSQL of its own, broken off in the middle: what waits is handled once it runs again."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from benchmarks.left_behind import ends_with_us
from benchmarks.postgres import postgres_server
from bot.app.database import open_database
from bot.pipeline import worker as module
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import away
from services.messages.inbox import Inbox
from tests.conftest import KEYS
from tests.conversation.telegram import Telegram
from tests.messages.test_worker import count, counts, store, worker

pytestmark = pytest.mark.postgres
TRIES = 3
AT_ONCE = signal.SIGQUIT
"""PostgreSQL ends without putting anything in order, and has to recover when it is started."""


@pytest.fixture
def server() -> Iterator[Any]:
    """One that nobody else has anything in."""
    with postgres_server() as made:
        yield made


async def test_a_server_that_breaks_off_holds_up_the_updates_and_loses_none(
    server: Any, bot: Bot, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    tried, enough = [0], asyncio.Event()
    url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    database = await open_database(url, KEYS)
    locks = AdvisoryLocks(database)

    async def handler(message: Message, state: FSMContext) -> None:
        await counts(message, state)
        if message.text == "last words" and tried[0] == 1:
            os.kill(server.get_pid(), AT_ONCE)
        await message.answer("已保存")

    one = worker(bot, database, locks, handler)
    take = locks.acquire

    async def counted(chat: str) -> bool:
        tried[0] += 1
        if tried[0] > TRIES:
            enough.set()
        return await take(chat)

    monkeypatch.setattr(locks, "acquire", counted)
    with capture_logs() as lines:
        one.wake(await store(database, "x", "last words", "y"))
        await enough.wait()
        # It asks again and again; nothing is lost meanwhile, and nothing new is taken as kept.
        with pytest.raises((OSError, DBAPIError)) as refused:
            await store(database, "z")
        assert away(refused.value)
        await asyncio.to_thread(server.ensure_postgres_running)
        ends_with_us(server.get_pid(), AT_ONCE)
        await one.idle()
    assert {line["event"] for line in lines} == {"database_away"}
    assert await count(database) == 3
    assert await Inbox(database).parked() == ()
    one.wake(await store(database, "z"))
    await one.idle()
    assert await count(database) == 4
    assert len(telegram.chats[7]) >= 4
    await locks.close()
    await database.close()
