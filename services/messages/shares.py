"""What each process may send in a second, of what the messenger allows one bot: leased in the
database, given to who wants it.

Worked example, 30 a second; a process takes no more than what nobody holds:

    A alone, wants nothing    A holds 30
    B begins                  A 30, nothing is free: B holds 0, and is seen from now on
    A looks again             15 are its own; A 15, B 15 at B's next look
    A sends reminders         wants 30; B keeps a reserve of 5 to answer with: A 25, B 5
    B is killed               its lease runs out after LEASE; A 30
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import delete, func, text
from sqlmodel import col, select

from models import SendShare
from services.core.database import Database

LEASE = timedelta(seconds=3)
"""Whoever doesn't renew it for so long holds nothing any more."""
SHARES = 20_261_130
"""The advisory lock under which shares are taken one after the other."""
RESERVED = 3
"""One part in so many is held ready by those who want nothing now, for answers."""


def fair(total: int, wants: Mapping[str, int]) -> dict[str, int]:
    """Divide `total` among processes: first to each what it wants, little wants before great ones;
    what is over evenly. Nothing is left undivided. `wants`: requests of the last second and those
    that wait, by process. Where there are more processes than requests to give, those that want
    some come first."""
    if not wants:
        return {}
    reserve = max(1, total // (RESERVED * len(wants)))
    order = sorted(wants, key=lambda one: (not wants[one], one))
    given, left = dict.fromkeys(order, 0), total
    while left:
        short = [one for one in order if given[one] < max(reserve, wants[one])]
        for one in (short or order)[:left]:
            given[one] += 1
            left -= 1
    return given


def part_of(name: str, total: int, held: Mapping[str, int], wants: Mapping[str, int]) -> int:
    """Return what a process may send, of what it should have by `fair` no more than is free.
    `held`: by all with a lease."""
    free = total - sum(share for one, share in held.items() if one != name)
    return min(fair(total, wants)[name], max(0, free))


class Shares:
    """The share of one process in what it may send to one source. `name`: differs from that of
    every other process, also of one that ran before."""

    def __init__(self, database: Database, name: str, total: int, source: int = 0) -> None:
        self.database, self.name, self.total, self.source = database, name, total, source

    async def renew(self, wants: int, lower: Callable[[int], None]) -> int:
        """Renew the lease, and return what this process may send in a second from now on. `lower`
        is told before others can see that a part has become free. PostgreSQL only: several
        processes don't share a file."""
        async with self.database.write() as session:
            connection = await session.connection()
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({SHARES})"))
            # By the database's clock, which is the same for all.
            now = (await session.exec(select(func.clock_timestamp()))).one()
            await session.exec(delete(SendShare).where(col(SendShare.until) <= now))
            same = select(SendShare).where(SendShare.source == self.source)
            rows = {row.id: row for row in await session.exec(same)}
            fresh = SendShare(id=self.name, source=self.source, share=0, until=now)
            mine = rows.setdefault(self.name, fresh)
            mine.wants, mine.until = wants, now + LEASE
            held = {one: row.share for one, row in rows.items()}
            mine.share = part_of(
                self.name, self.total, held, {one: row.wants for one, row in rows.items()}
            )
            lower(mine.share)
            session.add(mine)
            return mine.share

    async def leave(self) -> None:
        """Give the share back at once."""
        async with self.database.write() as session:
            await session.exec(delete(SendShare).where(col(SendShare.id) == self.name))
