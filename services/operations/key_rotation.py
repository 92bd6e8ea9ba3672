"""Key rotation: reseal every sealed value with the newest key, in small commits, so that the bots
run on and a rotation that was broken off can be continued."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from models import tables
from models.columns import reseal
from models.crypto import ID_BYTES, ring
from services.core.database import Database
from services.core.guard import HAND
from services.core.ports import Told, nobody

AT_ONCE = 50
"""Rows in one commit: attachments may have 10 MB each."""


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
                for key, count in await session.exec(statement, execution_options=HAND):
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
        last: str | None = ""
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
            found += (await session.exec(statement, execution_options=HAND)).one()
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
    database: Database, table: Any, names: tuple[str, ...], after: str
) -> tuple[str | None, int]:
    """Reseal some rows of a table in one commit; return the id to continue after, None at the end,
    and how many rows were changed."""
    async with database.write() as session:
        statement = (
            select(table)
            .where(_stale(table, names), col(table.id) > after)
            .order_by(col(table.id))
            .limit(AT_ONCE)
            # Locked: else the old value, resealed, would overwrite what an act writes now.
            .with_for_update()
        )
        # Altered rows too: their MAC stays wrong, and the old key needn't be kept for them.
        rows = (await session.exec(statement, execution_options=HAND)).all()
        for row in rows:
            for name in names:
                reseal(row, name)
        return (rows[-1].id if rows else None), len(rows)
