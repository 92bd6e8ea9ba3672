"""Find what somebody changed in the staff database by hand: every row under a MAC is read, and each
chain's rows are compared with its ledger (`models.macs`, `services.core.heads`)."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import LargeBinary, Select, func, inspect, select, tuple_
from sqlmodel import select as select_row
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AuditLine
from models.columns import columns_of
from models.macs import HOUSE, Guarded, by_hand, chain_of, fits, tag_of
from models.tables import guarded_tables
from services.core.database import Database
from services.core.heads import MODULUS, Counted, Head, pages_of_heads
from services.core.ports import Told, nobody
from services.operations.pages import Key, beyond, may_be_long, next_page, order_of

AT_ONCE = 500
"""Rows in memory."""
RESTORED = "restored"
"""The act of the line that a restore leaves."""
Row = Mapping[str, Any]
Look = Callable[[type[Guarded], Sequence[Row]], None]
"""Sees the rows of a page, so that they needn't be read again for another check."""
Group = tuple[str, str]
"""Chain and table."""


def no_look(table: type[Guarded], rows: Sequence[Row]) -> None:
    """Nobody else wants them."""


@dataclass
class Found:
    """`rows`: all that were read. `altered`: those that don't fit their MAC. `counted`: the rows of
    a chain, those of all tables together: a MAC is of its table, and so a tag is; and apart, they
    would take the memory of a large house ten times."""

    rows: int = 0
    altered: list[str] = field(default_factory=list)
    counted: dict[str, Counted] = field(default_factory=dict)

    def take(self, table: type[Guarded], rows: Iterable[Row]) -> None:
        """Count rows in the ledgers of their chains, and note those that don't fit their MAC."""
        for row in rows:
            _count(self.counted, chain_of(table, row), row)
            self.rows += 1
            if not fits(table, row):
                self.spoil(table, "/".join(str(row[name]) for name in keys_of(table)))

    def spoil(self, table: type[Guarded], key: str) -> None:
        self.altered.append(f"{table.__tablename__} {key} was changed by hand")


def _count(counted: dict[Any, Counted], group: object, row: Row) -> None:
    rows, tags = counted.get(group, (0, 0))
    counted[group] = rows + 1, (tags + tag_of(row["mac"] or b"")) % MODULUS


def keys_of(table: type[Guarded]) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(table).primary_key)


async def changed_by_hand(
    session: AsyncSession, told: Told = nobody, look: Look = no_look
) -> tuple[int, tuple[str, ...]]:
    """Return how many rows were read, and what doesn't fit, each named by ids. `session`: a
    snapshot, since what is written meanwhile would look like a difference."""
    found, total = Found(), 0
    for table in guarded_tables():
        counted = await by_hand(session, select(func.count()).select_from(table))
        total += counted.scalar_one()
    for table in guarded_tables():
        async for rows in _pages(session, table, found):
            found.take(table, rows)
            look(table, rows)
            await told(found.rows, max(found.rows, total))
    await told(total, total)
    missing = await _missing(session, found)
    return found.rows, (*found.altered, *missing)


async def _pages(
    session: AsyncSession, table: type[Guarded], found: Found
) -> AsyncIterator[Sequence[Row]]:
    """Read a table a page at a time."""
    order, columns = order_of(table), inspect(table).columns
    long = [column for column in columns if isinstance(column.type, LargeBinary)]
    few = await may_be_long(session, long, AT_ONCE)
    page, after = select(*columns).order_by(*order), Key()
    while True:
        most = len(await next_page(session, order, long, AT_ONCE, after)) if few else AT_ONCE
        here = page.where(*beyond(order, after)).limit(most)
        try:
            rows = await _read(session, here)
            ends = [tuple(row[one.name] for one in order) for row in rows[-1:]]
        except Exception:
            # Whatever a driver raises for a word that the type of a column doesn't know.
            rows, ends = await _one_by_one(session, table, here.with_only_columns(*order), found)
        if not ends:
            return
        yield rows
        after = (*ends[-1],)


async def _read(session: AsyncSession, statement: Select[Any]) -> list[Row]:
    found = await by_hand(session, statement)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


async def _one_by_one(
    session: AsyncSession, table: type[Guarded], page: Select[Any], found: Found
) -> tuple[list[Row], Any]:
    """Return those rows of a page that can be read, and where each of them stands."""
    columns, names, rows = inspect(table).columns, keys_of(table), list[Row]()
    ends = (await by_hand(session, page)).all()
    for end in ends:
        key = [getattr(end, name) for name in names]
        this = (columns[name] == part for name, part in zip(names, key, strict=True))
        try:
            rows += await _read(session, select(*columns).where(*this))
        except Exception:
            found.spoil(table, "/".join(map(str, key)))
    return rows, ends


async def _missing(session: AsyncSession, found: Found) -> Sequence[str]:
    """Name where rows were deleted, added, or put back as they were before."""
    differing: dict[str, Head] = {}
    async for heads in pages_of_heads(session):
        for chain, head in heads.items():
            there = found.counted.pop(chain, (0, 0))
            # Leave a head out that can't be opened: the check of the chains names it.
            if head is not None and there != _together(head):
                differing[chain] = head
    # What is left has no head at all.
    differing |= {chain: Head() for chain in found.counted}
    return [*await _named(session, differing)] if differing else ()


def _together(head: Head) -> Counted:
    rows = sum(number for number, _ in head.rows.values())
    return rows, sum(tags for _, tags in head.rows.values()) % MODULUS


async def _named(session: AsyncSession, heads: Mapping[str, Head]) -> Iterator[str]:
    """Read the rows once more, to say of which table they are missing."""
    there: dict[Group, Counted] = {}
    for table in guarded_tables():
        async for rows in _pages(session, table, Found()):
            for row in rows:
                if (chain := chain_of(table, row)) in heads:
                    _count(there, (chain, str(table.__tablename__)), row)
    said = {
        (chain, table): counted
        for chain, head in heads.items()
        for table, counted in head.rows.items()
    }
    return _differences(said, there)


def _differences(said: Mapping[Group, Counted], there: Mapping[Group, Counted]) -> Iterator[str]:
    for group in sorted({*said, *there}):
        chain, table = group
        written, left = said.get(group, (0, 0)), there.get(group, (0, 0))
        if written[0] != left[0]:
            yield f"{table} of chain {chain}: {written[0]} rows were written, {left[0]} are there"
        elif written != left:
            yield f"{table} of chain {chain}: rows were put back as they were before"


async def older_than(database: Database, backup: Mapping[str, Head]) -> tuple[str, ...]:
    """Return the chains that don't go on where a backup stood: an older copy was put back, or one
    that went another way."""
    left, found = dict(backup), list[str]()
    async with database.snapshot() as session:
        async for heads in pages_of_heads(session):
            then = {chain: left.pop(chain) for chain in heads if chain in left}
            found += _behind(then, heads, await _hashes(session, then))
    return tuple(sorted([*found, *(f"chain {chain} is gone" for chain in left)]))


async def _hashes(session: AsyncSession, ends: Mapping[str, Head]) -> Mapping[str, str]:
    """Return the hash of the line at which each chain ended, where that is there."""
    lines = columns_of(AuditLine, ("chain", "hash"))
    here: Any = tuple_(AuditLine.chain, AuditLine.number)
    wanted = [(chain, head.number) for chain, head in ends.items()]
    return dict((await by_hand(session, lines.where(here.in_(wanted)))).all())


def _behind(
    backup: Mapping[str, Head], heads: Mapping[str, Head | None], hashes: Mapping[str, str]
) -> Iterator[str]:
    for chain, then in backup.items():
        now = heads[chain]
        if now is None:
            yield f"chain {chain} is gone"
        # Not every write leaves a line in the log: either number going back shows an older copy.
        elif now.number < then.number or now.writes < then.writes:
            stood = f"line {then.number}, write {then.writes}"
            yield f"chain {chain} stands at line {now.number}, write {now.writes}; then at {stood}"
        elif then.number and hashes.get(chain) != then.hash:
            yield f"chain {chain} has another line {then.number} than the backup"


async def restores(database: Database) -> tuple[AuditLine, ...]:
    """Return the lines that restores have left, the newest last."""
    statement = select_row(AuditLine).where(AuditLine.chain == HOUSE, AuditLine.act == RESTORED)
    async with database.read() as session:
        return tuple(sorted(await session.exec(statement), key=lambda line: line.number))
