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
    func,
    inspect,
    or_,
    select,
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
from services.operations.pages import Key, beyond, order_of, that_fit

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
    # A sealed value begins with its key's id in clear: counted without decrypting anything.
    found: Counter[bytes] = Counter()
    async with database.read() as session:
        for table, names in sealed_columns():
            for name in names:
                column = getattr(table, name)
                by = func.substr(column, 1, ID_BYTES)
                statement = select(by, func.count()).where(func.length(column) > 0).group_by(by)
                for key, count in await by_hand(session, statement):
                    found[bytes(key)] += count
    return found


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
    changed, total = 0, before + await _waiting(database)
    for table, names in sealed_columns():
        last: Key | None = ()
        while last is not None:
            last, rows = await _some(database, table, names, last)
            changed += rows
            await told(before + changed, total)
    return changed


async def _waiting(database: Database) -> int:
    """How many rows have something that isn't sealed with the newest key."""
    found = 0
    async with database.read() as session:
        for table, names in sealed_columns():
            statement = select(func.count()).select_from(table).where(_stale(table, names))
            found += (await by_hand(session, statement)).scalar_one()
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
        order = order_of(table)
        left = _stale(table, names), *beyond(order, after)
        sealed = [getattr(table, name) for name in names]
        number = await that_fit(session, order, sealed, AT_ONCE, *left)
        # Locked: else the old value, resealed, would overwrite what an act writes now.
        page = every_column(table).where(*left).order_by(*order).limit(number).with_for_update()
        rows = (await by_hand(session, page)).all()
        await _reseal(session, table, names, rows)
        last = tuple(getattr(rows[-1], column.name) for column in order) if rows else None
        return last, len(rows)


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
