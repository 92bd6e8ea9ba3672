"""What a session returns of rows that don't fit their MAC: nothing. And what it refuses to do.

A row that was written by hand is as if it weren't there: a post that nobody gave lets nobody in. It
is logged, counted, and named by `yinlu doctor`. Where it mattered, whoever asked is told so
(`refuse_altered`): less than is there may not be taken for all there is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import (
    CursorResult,
    Insert,
    Select,
    Update,
    UpdateBase,
    bindparam,
    delete,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models.in_values import among
from models.macs import (
    ALTERED,
    Guarded,
    by_hand,
    chain_of,
    count,
    count_rows,
    is_altered,
    mac_of,
    on_session,
    only_fitting,
    rows_by_hand,
    with_macs,
)
from services.core.errors import RecordAltered, Refusal

BY_HAND = "by_hand"
"""An execution option: the caller itself keeps MACs and ledger (bulk statements), or looks only
(counts for the operator)."""
HAND = {BY_HAND: True}
Key = tuple[str, str]
"""Table and primary key of a row."""

log = structlog.get_logger()


class GuardedSession(Session):
    """Leaves altered rows out of what it returns, and refuses what would go round the MACs."""

    def exec(self, statement: Any, **options: Any) -> Any:
        # As the method it takes the place of, which would go past `execute`.
        found = self.execute(statement, **options)
        return found.scalars() if isinstance(statement, SelectOfScalar) else found

    def execute(self, statement: Any, *given: Any, **options: Any) -> Any:
        if (options.get("execution_options") or {}).get(BY_HAND):
            return super().execute(statement, *given, **options)
        if isinstance(statement, UpdateBase):
            _refuse_bulk(statement)
        found = super().execute(statement, *given, **options)
        if not (isinstance(statement, Select) and _guarded(statement)):
            return found
        # Only then are the rows loaded, and looked at.
        frozen = found.freeze()
        if self.info.get(ALTERED):
            rows = [row for row in frozen().all() if not _names_altered(row)]
            frozen = frozen.with_new_rows(rows)
        return frozen()


class BlockingSession(GuardedSession):
    """A session over a driver that needs no event loop, below an asynchronous one."""

    def execute(self, statement: Any, *given: Any, **options: Any) -> Any:
        found = super().execute(statement, *given, **options)
        # All rows now: the asynchronous session would close the cursor as one of its own drivers.
        unread = isinstance(found, CursorResult) and found.returns_rows
        return found.freeze()() if unread else found


async def plain_rows(
    session: AsyncSession,
    table: type[Guarded],
    statement: Select[Any],
    params: Mapping[str, Any] | None = None,
) -> Any:
    """Return what `every_column` asks for as plain rows, each with all columns by name; those that
    don't fit their MAC are left out, and the session knows of them. For who goes through thousands
    of rows: as objects they take a quarter longer. `params`: of a statement that is built once."""
    found = await by_hand(session, statement, params)
    return only_fitting(session.sync_session, table, list(found.keys()), found)


def every_column(table: type[Guarded]) -> Any:
    """Ask for all columns of a table, to be read by `plain_rows`."""
    return select(*inspect(table).columns)


async def insert_rows(
    session: AsyncSession, table: type[Guarded], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows of one table, each with a value for every column but the MAC, which is made and
    counted here. For acts that write many: as objects they take several times as long."""
    await insert_made(session, table, with_macs(table, rows))


async def insert_made(
    session: AsyncSession, table: type[Guarded], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that have their MACs already (`models.macs.with_macs`)."""
    if rows:
        count_rows(session.sync_session, table, rows)
        await by_hand(session, _insert_into(table), rows)


async def insert_object(session: AsyncSession, row: Guarded) -> None:
    """Insert a new object, which the session has from then on as if it had read it. Its own way, in
    which it works out an order for all that has changed, takes several times as long."""

    def run(own: AnySession) -> None:
        own.flush()
        [values] = rows_by_hand(own, [row])
        row.mac = values["mac"]
        own.connection().execute(_insert_into(type(row)), values)
        make_transient_to_detached(row)
        own.add(row)

    await on_session(session, run)


async def change_rows(
    session: AsyncSession, table: type[Guarded], changes: Iterable[tuple[Any, Mapping[str, Any]]]
) -> None:
    """Change rows of one table that were read by `plain_rows`, each in the same columns, with new
    MACs, and count them. For who changes thousands."""
    columns = [column.key for column in inspect(table).columns]
    names, values = tuple[str, ...](), list[dict[str, Any]]()
    for row, new in changes:
        before = dict(zip(columns, row, strict=True))
        after = {**before, **new}
        after["mac"] = mac_of(table, after)
        count(session.sync_session, table, chain_of(table, after), before["mac"], after["mac"])
        names = (*new, "mac")
        values.append({"row": after["id"], **{name: after[name] for name in names}})
    if values:
        await by_hand(session, _change_in(table, names), values)


async def delete_found(session: AsyncSession, table: type[Guarded], rows: Sequence[Any]) -> None:
    """Delete these rows of one table, which `plain_rows` has read or `insert_made` has made, and
    count them out."""
    columns = [column.key for column in inspect(table).columns]
    for row in rows:
        values = {name: getattr(row, name) for name in columns}
        count(session.sync_session, table, chain_of(table, values), row.mac, None)
    ids = {row.id for row in rows}
    if ids:
        await by_hand(session, delete(table).where(among(col(table.id), ids)))  # type: ignore[attr-defined]


async def delete_rows(session: AsyncSession, table: type[Guarded], ids: Iterable[str]) -> None:
    """Delete the rows of one table that belong to these cases, and count them out. For acts that
    delete many: as objects they are read and looked at first. None of them may be used after."""
    columns = col(table.case_id), col(table.mac)  # type: ignore[attr-defined]
    gone = delete(table).where(among(columns[0], ids)).returning(*columns)
    options = {**HAND, "synchronize_session": False}
    for case_id, mac in (await session.exec(gone, execution_options=options)).all():
        count(session.sync_session, table, case_id, mac, None)


@cache
def _insert_into(table: type[Guarded]) -> Insert:
    # Into the table, not the class: that would look at each row once more.
    return insert(table.metadata.tables[str(table.__tablename__)])


@cache
def _change_in(table: type[Guarded], names: tuple[str, ...]) -> Update:
    rows = table.metadata.tables[str(table.__tablename__)]
    wanted = update(rows).where(rows.c.id == bindparam("row"))
    return wanted.values({name: bindparam(name) for name in names})


def _refuse_bulk(statement: UpdateBase) -> None:
    table = statement.entity_description.get("entity")
    if isinstance(table, type) and issubclass(table, Guarded):
        raise RuntimeError(f"a bulk statement would leave rows without MAC: {table.__name__}")


_looked_at: WeakKeyDictionary[Select[Any], bool] = WeakKeyDictionary()
"""Statements that are built once are looked at once."""


def _guarded(statement: Select[Any]) -> bool:
    """As `_asks_guarded`, remembered."""
    known = _looked_at.get(statement)
    if known is None:
        known = _looked_at[statement] = _asks_guarded(statement)
    return known


def _asks_guarded(statement: Select[Any]) -> bool:
    """Whether rows with a MAC are asked for. Raises RuntimeError for single columns of those that
    give somebody a right: a column can't be checked without its row."""
    found = False
    for described in statement.column_descriptions:
        entity, kind = described.get("entity"), described["type"]
        if isinstance(kind, type) and issubclass(kind, Guarded):
            found = True
        elif isinstance(entity, type) and issubclass(entity, Guarded) and entity.gives_rights:
            raise RuntimeError(f"a column of {entity.__name__} can't be checked without its row")
    return found


def _names_altered(row: Any) -> bool:
    return any(is_altered(value) for value in row)


def altered(session: AsyncSession) -> dict[Key, str]:
    """Return what of the rows read in this session doesn't fit, each with its chain."""
    found: dict[Key, str] = session.info.get(ALTERED, {})
    return found


def refuse_altered(session: AsyncSession, chain: str | None = None) -> None:
    """Raises RecordAltered where a row that was read in this session doesn't fit, of one chain or
    (None) of any."""
    for (table, key), of in altered(session).items():
        if chain in (None, of):
            raise RecordAltered(f"{table} {key}")


@contextmanager
def truly_refused(session: AsyncSession, seen: set[Key]) -> Iterator[None]:
    """Log altered rows, each once a process by `seen`; and turn a refusal into RecordAltered where
    rows were left out: what it says might be true without them only."""
    try:
        yield
    except (Refusal, NoResultFound) as refusal:
        if isinstance(refusal, RecordAltered) or not altered(session):
            raise
        table, key = next(iter(altered(session)))
        raise RecordAltered(f"{table} {key}") from refusal
    finally:
        for table, key in altered(session).keys() - seen:
            seen.add((table, key))
            log.error("row_altered", table=table, row=key)
