"""A disk that is full, for real: the update waits and then goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from services.core.database import Database, away
from tests.messages.conftest import said
from tests.messages.test_webhook import Hook, kept
from tests.messages.test_worker import store

LONG = "字" * 60_000
"""More than is free within the pages that are there."""


@asynccontextmanager
async def full_disk(database: Database) -> AsyncIterator[None]:
    """SQLite itself says that its file can't grow."""
    assert database.blocking is not None
    engines = (database.engine.sync_engine, database.blocking)

    def no_more(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1")
        cursor.close()

    for engine in engines:
        event.listen(engine, "connect", no_more)
    await _connected_anew(database)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "connect", no_more)
        await _connected_anew(database)


async def _connected_anew(database: Database) -> None:
    assert database.blocking is not None
    await database.engine.dispose()
    database.blocking.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_cannot_grow_confirms_nothing_and_takes_it_when_it_can(
    bot: Bot, database: Database, second: Database
) -> None:
    one = said(LONG)
    async with Hook(bot, database) as hook:
        async with full_disk(database):
            with pytest.raises(OperationalError, match="full") as problem:
                await store(database, LONG)
            assert away(problem.value)
            assert await hook.post(one) == 503
            assert await kept(second) == 0
        assert await hook.post(one) == 200
        assert await hook.post(one) == 200
    assert await kept(second) == 1
