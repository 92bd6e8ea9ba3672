"""Find what somebody changed in the staff database by hand: every row under a MAC is read, and each
chain's rows are compared with its ledger (`models.macs`, `services.core.heads`)."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select as select_row
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AuditLine
from models.macs import HOUSE, Guarded, chain_of, fits, tag_of
from models.tables import guarded_tables
from services.core.database import Database
from services.core.heads import MODULUS, Counted, Head, all_heads
from services.core.ports import Told, nobody

AT_ONCE = 50
"""Rows in memory: attachments may have 10 MB each."""
RESTORED = "restored"
"""The act of the line that a restore leaves."""
Group = tuple[str, str]
"""Chain and table."""


@dataclass
class Found:
    """`rows`: all that were read. `altered`: those that don't fit their MAC. `counted`: by chain
    and table."""

    rows: int = 0
    altered: list[str] = field(default_factory=list)
    counted: dict[Group, Counted] = field(default_factory=dict)

    def take(self, table: type[Guarded], row: Mapping[str, Any]) -> None:
        """Count a row in the ledger of its chain, and note it where it doesn't fit its MAC."""
        self.rows += 1
        group = chain_of(table, row), str(table.__tablename__)
        rows, tags = self.counted.get(group, (0, 0))
        self.counted[group] = rows + 1, (tags + tag_of(row["mac"] or b"")) % MODULUS
        if not fits(table, row):
            self.spoil(table, "/".join(str(row[name]) for name in keys_of(table)))

    def spoil(self, table: type[Guarded], key: str) -> None:
        self.altered.append(f"{table.__tablename__} {key} was changed by hand")


def keys_of(table: type[Guarded]) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(table).primary_key)


async def changed_by_hand(
    session: AsyncSession, told: Told = nobody
) -> tuple[int, tuple[str, ...]]:
    """Return how many rows were read, and what doesn't fit, each named by ids. `session`: a
    snapshot, since what is written meanwhile would look like a difference."""
    found, connection = Found(), await session.connection()
    total = 0
    for table in guarded_tables():
        counted = await connection.execute(select(func.count()).select_from(table))
        total += counted.scalar_one()
    for table in guarded_tables():
        async for row in _rows(connection, table, found):
            found.take(table, row)
            if found.rows % AT_ONCE == 0:
                await told(found.rows, total)
    await told(total, total)
    heads = await all_heads(session)
    return found.rows, (*found.altered, *_missing(found, heads))


async def _rows(
    connection: AsyncConnection, table: type[Guarded], found: Found
) -> AsyncIterator[dict[str, Any]]:
    """Read a table a page at a time, in the order of its keys."""
    columns = inspect(table).columns
    keys = [columns[name] for name in keys_of(table)]
    last: Sequence[Any] = ()
    while True:
        # By the last key, since an offset would read all earlier rows again for each page.
        after = [tuple_(*keys) > tuple_(*last)] if last else []
        whole = select(*columns).where(*after).order_by(*keys).limit(AT_ONCE)
        try:
            rows = [dict(row) for row in (await connection.execute(whole)).mappings()]
            ids: Sequence[Sequence[Any]] = [[row[key.name] for key in keys] for row in rows]
        except Exception:
            # Whatever a driver raises for a word that the type of a column doesn't know.
            page = select(*keys).where(*after).order_by(*keys).limit(AT_ONCE)
            ids = (await connection.execute(page)).all()
            rows = [row async for row in _one_by_one(connection, table, ids, found)]
        for row in rows:
            yield row
        if len(ids) < AT_ONCE:
            return
        last = ids[-1]


async def _one_by_one(
    connection: AsyncConnection, table: type[Guarded], ids: Iterable[Sequence[Any]], found: Found
) -> AsyncIterator[dict[str, Any]]:
    columns = inspect(table).columns
    keys = [columns[name] for name in keys_of(table)]
    for key in ids:
        here = (column == part for column, part in zip(keys, key, strict=True))
        try:
            one = (await connection.execute(select(*columns).where(*here))).mappings().one()
        except Exception:
            found.spoil(table, "/".join(map(str, key)))
        else:
            yield dict(one)


def _missing(found: Found, heads: Mapping[str, Head | None]) -> Iterator[str]:
    """Yield where rows were deleted, added, or put back as they were before."""
    wanted: dict[Group, Counted] = {
        (chain, table): counted
        for chain, head in heads.items()
        if head is not None
        for table, counted in head.rows.items()
    }
    for chain, table in sorted({*wanted, *found.counted}):
        # Leave a head out that can't be opened: the check of the chains names it.
        is_forged = heads.get(chain, Head()) is None
        said, there = wanted.get((chain, table), (0, 0)), found.counted.get((chain, table), (0, 0))
        if is_forged or said == there:
            continue
        if said[0] != there[0]:
            yield f"{table} of chain {chain}: {said[0]} rows were written, {there[0]} are there"
        else:
            yield f"{table} of chain {chain}: rows were put back as they were before"


async def older_than(database: Database, backup: Mapping[str, Head]) -> tuple[str, ...]:
    """Return the chains that don't go on where a backup stood: an older copy was put back, or one
    that went another way."""
    async with database.snapshot() as session:
        heads = await all_heads(session)
        ends = {(chain, head.number) for chain, head in backup.items() if head.number}
        lines = select_row(AuditLine.chain, AuditLine.number, AuditLine.hash)
        hashes = {
            (chain, number): digest
            async for chain, number, digest in await session.stream(lines)
            if (chain, number) in ends
        }
    return tuple(_behind(backup, heads, hashes))


def _behind(
    backup: Mapping[str, Head],
    heads: Mapping[str, Head | None],
    hashes: Mapping[tuple[str, int], str],
) -> Iterator[str]:
    for chain, then in sorted(backup.items()):
        now = heads.get(chain)
        if now is None:
            yield f"chain {chain} is gone"
        # Not every write leaves a line in the log: either number going back shows an older copy.
        elif now.number < then.number or now.writes < then.writes:
            stood = f"line {then.number}, write {then.writes}"
            yield f"chain {chain} stands at line {now.number}, write {now.writes}; then at {stood}"
        elif then.number and hashes.get((chain, then.number)) != then.hash:
            yield f"chain {chain} has another line {then.number} than the backup"


async def restores(database: Database) -> tuple[AuditLine, ...]:
    """Return the lines that restores have left, the newest last."""
    statement = select_row(AuditLine).where(AuditLine.chain == HOUSE, AuditLine.act == RESTORED)
    async with database.read() as session:
        return tuple(sorted(await session.exec(statement), key=lambda line: line.number))
