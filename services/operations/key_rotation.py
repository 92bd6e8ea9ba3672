"""Changing the key: every sealed value is sealed anew, in small commits that can be broken off."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import col, select

from models import tables
from models.columns import reseal, ring
from models.crypto import ID_BYTES
from services.core.database import Database

AT_ONCE = 50
"""Rows in one commit: attachments may have 10 MB each."""


def sealed_columns() -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every table of the staff side that seals something, with its sealed columns."""
    for table in (getattr(tables, name) for name in tables.__all__):
        names = tuple(name for name in table.model_fields if name.endswith("_sealed"))
        if names:
            yield table, names


async def uses(database: Database) -> Mapping[bytes, int]:
    """How many values each key seals, by the key's id."""
    found: Counter[bytes] = Counter()
    async with database.read() as session:
        for table, names in sealed_columns():
            for name in names:
                column = getattr(table, name)
                by = func.substr(column, 1, ID_BYTES)
                statement = select(by, func.count()).where(func.length(column) > 0).group_by(by)
                for key, count in await session.exec(statement):
                    found[bytes(key)] += count
    return found


async def reseal_all(database: Database) -> int:
    """Seals everything with the newest key; gives how many rows it changed. Broken off, it goes on
    where it stopped: what is sealed with the newest key isn't touched. Raises KeyProblem."""
    changed = 0
    while passed := await _pass(database):
        # What a process sealed with the older key while this one went by is found the next time.
        changed += passed
    return changed


async def _pass(database: Database) -> int:
    changed = 0
    for table, names in sealed_columns():
        last: str | None = ""
        while last is not None:
            last, rows = await _some(database, table, names, last)
            changed += rows
    return changed


async def _some(
    database: Database, table: Any, names: tuple[str, ...], after: str
) -> tuple[str | None, int]:
    """One commit; the id to go on after, None at the end."""
    newest = ring().ids[0]
    stale = or_(
        *(
            and_(
                func.length(getattr(table, name)) > 0,
                func.substr(getattr(table, name), 1, ID_BYTES) != newest,
            )
            for name in names
        )
    )
    async with database.write() as session:
        statement = (
            select(table)
            .where(stale, col(table.id) > after)
            .order_by(col(table.id))
            .limit(AT_ONCE)
            .with_for_update()
        )
        rows = (await session.exec(statement)).all()
        for row in rows:
            for name in names:
                reseal(row, name)
        return (rows[-1].id if rows else None), len(rows)
