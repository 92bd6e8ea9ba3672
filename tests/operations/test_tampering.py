"""Who can write the database, but has no key, changes nothing unseen: every table and column that
decides something × change, delete, insert, swap two, put back (docs/promises.md Q11)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, select

from benchmarks.postgres import on_server
from bot.app.database import open_database
from bot.app.settings import Settings
from models import tables
from models.columns import new_id
from models.macs import OPEN_TABLES, Guarded, columns_under_mac
from models.tables import guarded_tables
from services.core.database import Database
from tests.conftest import KEYS
from tests.operations import edits
from tests.operations.conftest import Lived, live_in, opened_in
from tests.operations.edits import by_hand, found_in, name_of, table_of

pytestmark = pytest.mark.one_thread

Rows = Mapping[type[Guarded], Sequence[dict[str, Any]]]


async def test_every_edit_of_every_row_is_found(settings: Settings, lived: Lived) -> None:
    async with opened_in(settings) as database:
        await _every_edit_is_found(database)


@pytest.mark.slow
@pytest.mark.postgres
async def test_every_edit_is_found_on_postgresql(postgres_url: str) -> None:
    async with on_server(postgres_url) as url:
        database = await open_database(url, KEYS)
        try:
            await live_in(database)
            await _every_edit_is_found(database)
        finally:
            await database.close()


async def _every_edit_is_found(database: Database) -> None:
    await edits.fill(database)
    await _put_back(database)
    async with by_hand(database) as connection:
        rows = {model: await edits.two_rows(connection, model) for model in guarded_tables()}
        assert await found_in(connection) == ()
        assert all(len(two) == 2 for two in rows.values())
        found = await _changed(connection, rows) + await _swapped(connection, rows)
        found += await _deleted(connection, rows) + await _inserted(connection, rows)
    assert found > 400, found


async def _changed(connection: AsyncConnection, rows: Rows) -> int:
    """Change one column of a row, in all tables at once: each row is named."""
    number = 0
    for place in range(max(len(columns_under_mac(model)) for model in rows) + 1):
        wanted = set()
        async with connection.begin_nested() as edit:
            for model, (row, _) in rows.items():
                # The MAC itself as well.
                for name in (*columns_under_mac(model), "mac")[place : place + 1]:
                    value = edits.other(table_of(model).columns[name], row[name])
                    await edits.put(connection, model, row, **{name: value})
                    changed = row | ({name: value} if name in edits.keys_of(model) else {})
                    wanted.add(f"{name_of(model, changed)} was changed by hand")
            assert wanted <= set(await found_in(connection))
            await edit.rollback()
        number += len(wanted)
    return number


async def _swapped(connection: AsyncConnection, rows: Rows) -> int:
    """Swap one value of two rows, where they differ: both are named."""
    number = 0
    for place in range(max(len(columns_under_mac(model)) for model in rows) + 1):
        wanted = set()
        async with connection.begin_nested() as edit:
            for model, (one, two) in rows.items():
                for name in (*columns_under_mac(model), "mac")[place : place + 1]:
                    if name in edits.keys_of(model) or one[name] == two[name]:
                        continue
                    await edits.swap(connection, model, one, two, name)
                    wanted |= {f"{name_of(model, row)} was changed by hand" for row in (one, two)}
            assert wanted <= set(await found_in(connection))
            await edit.rollback()
        number += len(wanted)
    return number


async def _put_back(database: Database) -> None:
    """Write a row as the program does, then put it back by hand as it was, its MAC with it."""
    before = dict[type[Guarded], dict[str, Any]]()
    async with by_hand(database) as connection:
        for model in guarded_tables():
            if edits.changeable(model):
                before[model] = (await edits.two_rows(connection, model))[0]
    async with database.write() as session:
        for model, row in before.items():
            [stored] = await session.exec(select(model).where(*edits.here(model, row)))
            for column in edits.changeable(model)[:1]:
                setattr(stored, column.name, edits.other(column, row[column.name]))
            session.add(stored)
    async with by_hand(database) as connection:
        for model, row in before.items():
            await edits.put(connection, model, row, **row)
        found = await found_in(connection)
    assert len(found) == len(before) > 20
    assert all(item.endswith("rows were put back as they were before") for item in found)


async def _deleted(connection: AsyncConnection, rows: Rows) -> int:
    async with connection.begin_nested() as edit:
        for model, (row, _) in rows.items():
            await edits.take(connection, model, row)
        found = await found_in(connection)
        await edit.rollback()
    for model in rows:
        [said] = [item for item in found if item.startswith(f"{model.__tablename__} of chain")]
        assert said.endswith("are there")
    assert len(found) == len(rows)
    return len(rows)


async def _inserted(connection: AsyncConnection, rows: Rows) -> int:
    """Copy a row under another key, its MAC with it."""
    wanted = set()
    async with connection.begin_nested() as edit:
        for model, (row, _) in rows.items():
            key = edits.keys_of(model)[-1]
            copy = row | {
                name: row[name] + 70 if isinstance(row[name], int) else new_id()
                for name in (key, *_unique(model))
            }
            await edits.add(connection, model, copy)
            wanted.add(f"{name_of(model, copy)} was changed by hand")
        found = set(await found_in(connection))
        await edit.rollback()
    assert wanted <= found
    return len(wanted)


def _unique(model: type[Guarded]) -> list[str]:
    """Columns in which a copy would meet the row that it is copied from."""
    table = table_of(model)
    own = [column.name for column in table.columns if column.unique]
    for constraint in table.constraints:
        names = list(getattr(constraint, "columns", {}).keys())
        if type(constraint).__name__ == "UniqueConstraint" and len(names) > 1:
            own.append(next((n for n in names if n.endswith("_id") or n == "matter"), names[-1]))
    return own


def test_every_table_of_the_staff_side_lies_under_macs_or_says_why_not() -> None:
    """A new column of a table with MACs lies under them by itself; one that doesn't has to name the
    reason, as a new table has."""
    guarded = {str(model.__tablename__) for model in guarded_tables()}
    assert guarded | OPEN_TABLES.keys() == SQLModel.metadata.tables.keys()
    assert not guarded & OPEN_TABLES.keys()
    assert len(guarded) == len(tables.__all__) - len(OPEN_TABLES)
    for model in guarded_tables():
        known = {*columns_under_mac(model), *model.open_columns, "mac"}
        assert known == set(table_of(model).columns.keys())
    reasons = [*OPEN_TABLES.values()]
    reasons += [reason for model in guarded_tables() for reason in model.open_columns.values()]
    assert all(len(reason.split()) > 5 for reason in reasons)
