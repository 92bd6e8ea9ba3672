"""What somebody can do to a row who may write the database and has no key, generated from the
tables themselves."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Table,
    UniqueConstraint,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from sqlmodel import select as select_row
from sqlmodel.ext.asyncio.session import AsyncSession

from models.columns import EnumText, JSONTuple, UTCDateTime
from models.macs import Guarded
from models.tables import guarded_tables
from services.core.database import Database
from services.operations.integrity import changed_by_hand, keys_of

Values = Mapping[str, Any]


def table_of(model: type[Guarded]) -> Table:
    found = inspect(model).local_table
    assert isinstance(found, Table)
    return found


def name_of(model: type[Guarded], row: Values) -> str:
    """As the doctor names a row."""
    return f"{model.__tablename__} {'/'.join(str(row[key]) for key in keys_of(model))}"


@asynccontextmanager
async def by_hand(database: Database) -> AsyncIterator[AsyncConnection]:
    """A connection past everything of ours, also past foreign keys; rolled back at the end."""
    free = database.engine.execution_options(yinlu_write=True, yinlu_schema=True)
    async with free.connect() as connection:
        if database.shared:
            await connection.execute(text("SET session_replication_role = replica"))
        yield connection
        await connection.rollback()
        # SQLite keeps its foreign keys off for as long as the connection lives.
        await connection.invalidate()


async def found_in(connection: AsyncConnection) -> tuple[str, ...]:
    """What the doctor finds, seen from inside the transaction."""
    async with AsyncSession(bind=connection) as session:
        return (await changed_by_hand(session))[1]


async def two_rows(connection: AsyncConnection, model: type[Guarded]) -> Sequence[Values]:
    keys = [table_of(model).columns[key] for key in keys_of(model)]
    rows = (await connection.execute(select(table_of(model)).order_by(*keys).limit(2))).mappings()
    return [dict(row) for row in rows]


def here(model: type[Guarded], row: Values) -> list[Any]:
    return [table_of(model).columns[key] == row[key] for key in keys_of(model)]


def changeable(model: type[Guarded]) -> list[Column[Any]]:
    """The columns that no other row refers to or is referred to by."""
    keys = {*keys_of(model), "mac", *model.open_columns}
    columns = table_of(model).columns
    return [one for one in columns if one.name not in keys and not one.foreign_keys]


async def put(connection: AsyncConnection, model: type[Guarded], row: Values, **to: Any) -> None:
    await connection.execute(update(table_of(model)).where(*here(model, row)).values(**to))


async def take(connection: AsyncConnection, model: type[Guarded], row: Values) -> None:
    await connection.execute(delete(table_of(model)).where(*here(model, row)))


async def add(connection: AsyncConnection, model: type[Guarded], row: Values) -> None:
    await connection.execute(insert(table_of(model)).values(**row))


def other(column: Column[Any], value: Any) -> Any:
    """Another value that the column takes."""
    kind = column.type
    if isinstance(kind, EnumText):
        return next(word for word in kind.words if word != value)
    if isinstance(kind, JSONTuple):
        return (*(value or ()), 3)
    if value is None:
        return _some(kind)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7
    if isinstance(value, time):
        return value.replace(minute=(value.minute + 1) % 60)
    if isinstance(value, date | datetime):
        return value + timedelta(days=1)
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1]) if value else b"x"
    return f"{value[:-1]}{'y' if value[-1:] == 'x' else 'x'}"


def _some(kind: TypeEngine[Any]) -> Any:
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat("2026-11-23T10:00:00+08:00")
    known = {int: 1, bool: True, bytes: b"x", time: time(8), date: date(2026, 11, 23)}
    return known.get(kind.python_type, "x")


async def fill(database: Database) -> None:
    """Two rows at least in every table, written as the program writes them."""
    models = {table_of(model): model for model in guarded_tables()}
    for table in SQLModel.metadata.sorted_tables:
        if table not in models:
            continue
        async with database.write() as session:
            there = len((await session.exec(select_row(models[table]))).all())
            for number in range(there, 2):
                values = {
                    column.name: await _sample(session, column, number)
                    for column in table.columns
                    if column.name not in ("id", "mac")
                }
                session.add(models[table](**values))


async def _sample(session: AsyncSession, column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        free = select(key.column).order_by(key.column)
        if column.unique:
            free, number = free.where(key.column.not_in(select(column))), 0
        return (await session.exec(free.limit(2))).scalars().all()[number]
    if isinstance(column.type, EnumText):
        return next(iter(column.type.words))
    if isinstance(column.type, JSONTuple):
        return (number,)
    value = _some(column.type)
    if isinstance(value, str):
        return f"x{number}"
    return number + 1 if type(value) is int else value


async def swap(
    connection: AsyncConnection, model: type[Guarded], one: Values, two: Values, name: str
) -> None:
    if name in unique(model):
        # Neither can have the other's value while that has it.
        for row in (one, two):
            await take(connection, model, row)
        await add(connection, model, one | {name: two[name]})
        await add(connection, model, two | {name: one[name]})
        return
    await put(connection, model, one, **{name: two[name]})
    await put(connection, model, two, **{name: one[name]})


def unique(model: type[Guarded]) -> set[str]:
    """Columns in which two rows may not be equal, alone or with others."""
    table = table_of(model)
    found = {column.name for column in table.columns if column.unique}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found |= set(constraint.columns.keys())
    return found
