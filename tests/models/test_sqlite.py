"""The one trip to SQLite's thread gives what SQLAlchemy's four gave."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

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
