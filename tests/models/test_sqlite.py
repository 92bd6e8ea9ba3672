"""The one trip to SQLite's thread gives what SQLAlchemy's four gave."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import column, func, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import select

from services.core.database import Database

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MANY = 1_000


async def _filled(database: Database) -> None:
    writing = database.engine.execution_options(yinlu_write=True)
    async with writing.begin() as connection:
        await connection.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)"))
        rows = [{"id": number, "name": f"第{number}"} for number in range(MANY)]
        added = await connection.execute(text("INSERT INTO thing VALUES (:id, :name)"), rows)
        assert added.rowcount == MANY


async def test_rows_come_at_once_one_by_one_and_in_parts(database: Database) -> None:
    await _filled(database)
    async with database.read() as session:
        connection = await session.connection()
        everything = text("SELECT id, name FROM thing ORDER BY id")
        assert (await connection.execute(everything)).first() == (0, "第0")
        assert len((await connection.execute(everything)).all()) == MANY
        stream = await connection.stream(everything)
        parts = [len(part) async for part in stream.partitions(300)]
        assert parts == [300, 300, 300, 100]


async def test_looks_side_by_side_are_never_too_many(database: Database) -> None:
    await _filled(database)
    counted = select(func.count()).select_from(text("thing"))
    async with AsyncExitStack() as looks:
        for _ in range(100):
            session = await looks.enter_async_context(database.look())
            assert (await session.exec(counted)).one() == MANY


async def test_a_look_sees_one_moment(database: Database, second: Database) -> None:
    await _filled(database)
    names: Any = select(column("name")).select_from(text("thing")).where(column("id") == 7)
    async with database.look() as session:
        assert (await session.exec(names)).one() == "第7"
        async with second.write() as writing:
            await writing.exec(text("UPDATE thing SET name = ''"))  # type: ignore[call-overload]
        assert (await session.exec(names)).one() == "第7"
    async with database.look() as session:
        assert (await session.exec(names)).one() == ""


async def test_what_a_change_gives_back_and_how_many_it_met(database: Database) -> None:
    await _filled(database)
    writing = database.engine.execution_options(yinlu_write=True)
    async with writing.begin() as connection:
        changed = await connection.execute(text("UPDATE thing SET name = '' WHERE id < 10"))
        assert changed.rowcount == 10
        gone = await connection.execute(text("DELETE FROM thing WHERE id = 7 RETURNING id"))
        assert gone.all() == [(7,)]


async def test_errors_keep_their_names_and_nothing_of_the_transaction_stays(
    database: Database, second: Database
) -> None:
    await _filled(database)
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.exec(text("DELETE FROM thing"))  # type: ignore[call-overload]
            again = text("INSERT INTO thing VALUES (1, 'a'), (1, 'b')")
            await session.exec(again)  # type: ignore[call-overload]
    with pytest.raises(OperationalError):
        async with database.read() as session:
            await session.exec(text("SELECT * FROM nothing"))  # type: ignore[call-overload]
    async with second.read() as session:
        counted = await session.exec(text("SELECT count(*) FROM thing"))  # type: ignore[call-overload]
        assert counted.scalar_one() == MANY
