"""Key rotation: reseal every sealed value with the newest key, in small commits, so that the bots
run on and a rotation that was broken off can be continued."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Update,
    and_,
    bindparam,
    case,
    func,
    inspect,
    or_,
    select,
    tuple_,
    update,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from models import tables
from models.columns import resealed
from models.crypto import ID_BYTES, KeyRing, ring
from models.macs import Guarded, by_hand, only_fitting
from services.core.database import Database
from services.core.guard import change_rows, every_column
from services.core.ports import Told, nobody
from services.operations.pages import Key, beyond, next_page, order_of

AT_ONCE = 200
"""Rows in one commit, for which everybody else's acts wait."""


def sealed_columns() -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield every table of the staff side that has sealed columns, with their names."""
    # By the end of their names: a list would forget the next column, and its key be thrown away.
    for table in (getattr(tables, name) for name in tables.__all__):
        names = tuple(name for name in table.model_fields if name.endswith("_sealed"))
        if names:
            yield table, names


async def uses(database: Database) -> Mapping[bytes, int]:
    """Return how many values each key seals, by the key's id. A key without any may be
    forgotten."""
    found: Counter[bytes] = Counter()
    async with database.read() as session:
        for table, names in sealed_columns():
            for name in names:
                found.update(await _uses(session, getattr(table, name)))
    return +found


async def _uses(session: AsyncSession, column: Any) -> Mapping[bytes, int]:
    # A sealed value begins with its key's id in clear: counted without decrypting anything. Not
    # grouped by it: SQLite would sort whole values for that.
    by, there = func.substr(column, 1, ID_BYTES), func.length(column) > 0
    keys = [*ring().ids]
    while True:
        counts = (func.count(case((by == key, 1))) for key in keys)
        counted = (await by_hand(session, select(func.count(), *counts).where(there))).one()
        if counted[0] == sum(counted[1:]):
            return dict(zip(keys, counted[1:], strict=True))
        # One that isn't in the ring: it is counted as well.
        other = select(by).where(there, by.not_in(keys)).limit(1)
        keys += [bytes(one) for one in (await by_hand(session, other)).scalars()]


async def reseal_all(database: Database, told: Told = nobody) -> int:
    """Reseal everything with the newest key, and return how many rows were changed. Broken off, it
    continues where it stopped: what has the newest key isn't touched. Raises KeyProblem for a value
    that no key opens."""
    changed = 0
    while passed := await _pass(database, changed, told):
        # What a process sealed with the older key while this one went by is found the next time.
        changed += passed
    return changed


async def _pass(database: Database, before: int, told: Told) -> int:
    """`before`: rows that were changed by earlier passes."""
    waiting = await _waiting(database)
    changed, total = 0, before + sum(waiting.values())
    for table, names in sealed_columns():
        last: Key | None = () if waiting[table] else None
        while last is not None:
            last, rows = await _some(database, table, names, last)
            changed += rows
            await told(before + changed, max(before + changed, total))
    return changed


async def _waiting(database: Database) -> Mapping[Any, int]:
    """How many rows of each table have something that isn't sealed with the newest key."""
    found: dict[Any, int] = {}
    async with database.read() as session:
        for table, names in sealed_columns():
            statement = select(func.count()).select_from(table).where(_stale(table, names))
            found[table] = (await by_hand(session, statement)).scalar_one()
    return found


def _stale(table: Any, names: tuple[str, ...]) -> ColumnElement[bool]:
    newest = ring().ids[0]
    return or_(
        *(
            and_(
                func.length(getattr(table, name)) > 0,
                func.substr(getattr(table, name), 1, ID_BYTES) != newest,
            )
            for name in names
        )
    )


async def _some(
    database: Database, table: Any, names: tuple[str, ...], after: Key
) -> tuple[Key | None, int]:
    """Reseal some rows of a table in one commit; return the key to continue after, None at the end,
    and how many rows were changed."""
    async with database.write() as session:
        order, sealed = order_of(table), [getattr(table, name) for name in names]
        # Whichever key sealed them: to look at that, each value has to be read whole.
        page = await next_page(session, order, sealed, AT_ONCE, after)
        if not page:
            return None, 0
        here = *beyond(order, after), tuple_(*order) <= tuple_(*page[-1])
        # Locked: else the old value, resealed, would overwrite what an act writes now.
        stale = every_column(table).where(*here, _stale(table, names)).with_for_update()
        rows = (await by_hand(session, stale.order_by(*order))).all()
        await _reseal(session, table, names, rows)
        return page[-1], len(rows)


async def _reseal(
    session: AsyncSession, table: Any, names: tuple[str, ...], rows: Sequence[Any]
) -> None:
    # Once for all of them: each time the file is looked at whether it was replaced.
    keys, fitting = ring(), list[Any]()
    if issubclass(table, Guarded):
        columns = [column.key for column in inspect(table).columns]
        fitting = only_fitting(session.sync_session, table, columns, rows)
        changes = ((row, _anew(keys, table, names, row)) for row in fitting)
        await change_rows(session, table, changes)
    known = {row.id for row in fitting}
    # Altered rows too: their MAC stays wrong, and the old key needn't be kept for them.
    others = [row for row in rows if row.id not in known]
    if others:
        values = [{"row": row.id, **_anew(keys, table, names, row)} for row in others]
        await by_hand(session, _update(table, names), values)


def _anew(keys: KeyRing, table: Any, names: tuple[str, ...], row: Any) -> dict[str, Any]:
    where = table.__tablename__
    return {name: resealed(keys, getattr(row, name), where, name, row.id) for name in names}


def _update(table: Any, names: tuple[str, ...]) -> Update:
    rows = table.__table__
    wanted = update(rows).where(rows.c.id == bindparam("row"))
    return wanted.values({name: bindparam(name) for name in names})
