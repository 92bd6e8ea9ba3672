"""The control database: which process serves which cell, by lease. It knows addresses of processes
and names of cells; no person, no key, no address of a cell's own database.

Worked example, cells a to e; a process takes no more than its share of what nobody holds:

    P alone             P holds a b c d e
    Q begins            P's share is 3, Q's 2; nothing is free: Q holds none, and is counted
    P looks again       ends e, and gives it back; then d
    Q looks again       takes d, then e
    P is killed         its leases run out after LEASE; Q takes a b c
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, DateTime, MetaData, String, Table, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LEASE = timedelta(seconds=20)
"""Whoever doesn't renew it for so long holds nothing any more."""
TAKING = 20_261_201
"""The advisory lock under which cells are taken one after the other."""

metadata = MetaData()
process = Table(
    "cell_process",
    metadata,
    Column("holder", String(120), primary_key=True),
    Column("address", String(200), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
)
lease = Table(
    "cell_lease",
    metadata,
    Column("cell", String(31), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("address", String(200), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class Process:
    """`holder`: differs from that of every other process, also of one that ran before. `address`:
    of its health page."""

    holder: str
    address: str


@dataclass(frozen=True)
class Held:
    """The cells whose leases a process has now, and how many it should have."""

    cells: frozenset[str]
    share: int


@dataclass(frozen=True)
class Lease:
    cell: str
    address: str
    until: datetime


def shares(total: int, held: Mapping[str, int]) -> dict[str, int]:
    """Divide `total` cells evenly among processes, by name; what is over goes to those that hold
    most, so that no cell is moved for it. `held`: how many each holds."""
    order = sorted(held, key=lambda name: (-held[name], name))
    each, over = divmod(total, max(1, len(order)))
    return {name: each + (place < over) for place, name in enumerate(order)}


class Control:
    """The leases of all processes over one PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def make(self) -> None:
        """Make the tables where they aren't there."""
        async with self.engine.begin() as connection:
            await self._alone(connection)
            await connection.run_sync(metadata.create_all)

    async def renew(self, me: Process, cells: Collection[str], keep: Collection[str]) -> Held:
        """Renew the leases of `keep`, give the others of mine back, and take of `cells` what nobody
        holds, up to my share. One that isn't among those returned may be another one's by now."""
        async with self.engine.begin() as connection:
            await self._alone(connection)
            # By the database's clock, which is the same for all.
            now = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            for table in (process, lease):
                await connection.execute(delete(table).where(table.c.until <= now))
            known = {"address": me.address, "until": now + LEASE}
            row = insert(process).values(holder=me.holder, **known)
            await connection.execute(row.on_conflict_do_update(process.primary_key, set_=known))
            mine = lease.c.holder == me.holder
            await connection.execute(delete(lease).where(mine, lease.c.cell.not_in(list(keep))))
            await connection.execute(update(lease).where(mine).values(until=now + LEASE))
            holders, count = await self._counted(connection)
            here = {cell for cell, holder in holders.items() if holder == me.holder}
            share = shares(len(cells), count)[me.holder]
            taken = sorted({*cells} - {*holders})[: max(0, share - len(here))]
            if taken:
                made = [{"cell": cell, "holder": me.holder, **known} for cell in taken]
                await connection.execute(insert(lease), made)
            return Held(frozenset(here.union(taken)), share)

    async def _counted(self, connection: AsyncConnection) -> tuple[dict[str, str], Counter[str]]:
        """Who holds each cell, and how many each process has."""
        leased = await connection.execute(select(lease.c.cell, lease.c.holder))
        holders: dict[str, str] = {row.cell: row.holder for row in leased}
        begun = await connection.execute(select(process.c.holder))
        count = Counter(dict.fromkeys(begun.scalars(), 0))
        # In place: a sum of two would leave out who holds none.
        count.update(holders.values())
        return holders, count

    async def leave(self, me: Process) -> None:
        """Give everything back at once."""
        async with self.engine.begin() as connection:
            for table in (process, lease):
                await connection.execute(delete(table).where(table.c.holder == me.holder))

    async def leases(self) -> list[Lease]:
        """Every lease that hasn't run out, by the name of its cell."""
        rows = select(lease.c.cell, lease.c.address, lease.c.until).order_by(lease.c.cell)
        async with self.engine.connect() as connection:
            found = await connection.execute(rows.where(lease.c.until > func.clock_timestamp()))
            return [Lease(*row) for row in found]

    async def processes(self) -> int:
        """How many have renewed their leases."""
        asked = select(func.count()).where(process.c.until > func.clock_timestamp())
        async with self.engine.connect() as connection:
            found: int = (await connection.execute(asked)).scalar_one()
            return found

    async def _alone(self, connection: AsyncConnection) -> None:
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({TAKING})"))
