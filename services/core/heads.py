"""Heads of chains: where the audit lines of a case end, and a ledger of the rows it has.

A head is sealed, so that nobody without the keys can say that a chain ends elsewhere or has other
rows. Its ledger holds, for each table, how many rows count in this chain and the sum of their tags
(`models.macs.tag_of`): a row that was deleted, or put back as it was before, leaves another sum.
The sum is moved by what a transaction changes and never computed anew from the rows, so that no
later act makes good what somebody did by hand.

Worked example: case c has 2 entries, tags 7 and 5, sum 12. Somebody deletes the second by hand. An
act adds an entry with tag 4: the head says 3 rows, sum 16; the rows say 2, sum 11. `yinlu doctor`
compares.

The heads of the house and of the messages belong to all cases, as the sums of the statistics do:
what moves those is done last of all (`do_last`). On PostgreSQL, acts a and b on two cases:

    a   enters its step, queues messages; by what its case moves the sums is kept in the session
    b   enters its step; locks the heads of its case, the house and the messages; reads the sums,
        adds to them, writes its line, stores the heads, commits
    a   locks the heads, and reads the sums as b left them
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AuditHead, FigureRow
from models.columns import open_json, seal_json
from models.crypto import KeyProblem
from models.macs import HOUSE, LEDGER, ChainChange, by_hand

HEAD = ("audit_head", "newest_sealed")
MODULUS = 1 << 256
HEADS = "heads"
SEEN = "seen heads"
"""Key of `Session.info`: heads that were opened, each with the bytes it was opened from."""
LAST = "last"
"""Key of `Session.info`: what is done at the end of a transaction, each with its chains."""
KEPT = "kept"
"""Key of `Session.info`: what the process keeps of this database between sessions, each with the
count of the rows it was read from."""
Job = Callable[[AsyncSession], Awaitable[None]]
_SUMS = str(FigureRow.__tablename__)
AT_ONCE = 500
"""Heads in memory while all are read."""
Counted = tuple[int, int]
"""Rows, and the sum of their tags."""

# Built once. In the same order for all, so that no two transactions wait for each other.
_LOCKED = (
    select(AuditHead.id, AuditHead.newest_sealed)
    .where(col(AuditHead.id).in_(bindparam("chains", expanding=True)))
    .order_by(col(AuditHead.id))
    .with_for_update()
)
_HOUSE = select(AuditHead.newest_sealed).where(col(AuditHead.id) == HOUSE)
# Into the table: no session has heads as objects.
_TABLE = SQLModel.metadata.tables[str(AuditHead.__tablename__)]
_INSERT: Any = insert(_TABLE)
_UPDATE: Any = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("chain"))
    .values(newest_sealed=bindparam("sealed"))
)


@dataclass
class Head:
    """`number`, `hash`: of the newest audit line, 0 and "" for a chain without any. `rows`: by
    table. `writes`: how often it was written, by which an older copy is known."""

    number: int = 0
    hash: str = ""
    rows: dict[str, Counted] = field(default_factory=dict)
    writes: int = 0
    stored: bool = False
    changed: bool = False

    def follow(self, number: int, digest: str) -> None:
        self.number, self.hash, self.changed = number, digest, True

    def count(self, table: str, change: ChainChange) -> None:
        rows, tags = self.rows.get(table, (0, 0))
        self.rows[table] = rows + change.rows, (tags + change.tags) % MODULUS
        self.changed = True


async def heads_of(session: AsyncSession, chains: Iterable[str]) -> dict[str, Head | None]:
    """Return the heads of chains, locked until the commit. A new one where there is none; None for
    one that can't be opened: somebody without the keys wrote it, and it stays, to be found."""
    known: dict[str, Head | None] = session.info.setdefault(HEADS, {})
    wanted = sorted(set(chains))
    if missing := [chain for chain in wanted if chain not in known]:
        found = await by_hand(session, _LOCKED, {"chains": missing})
        known |= {chain: Head() for chain in missing}
        known |= {chain: _opened_once(session, chain, sealed) for chain, sealed in found}
    return {chain: known[chain] for chain in wanted}


_SEALED = select(AuditHead.id, AuditHead.newest_sealed).where(
    col(AuditHead.id).in_((HOUSE, bindparam("case")))
)


def sealed_heads(connection: Connection, case_id: str) -> dict[str, bytes]:
    """Return the heads of the house and of a case ("" for none) as they are stored: one that is the
    same says that nothing of its chain has changed, and needn't be opened for it."""
    found: Any = connection.execute(_SEALED, {"case": case_id}).all()
    return dict(found)


@dataclass
class SeenHeads:
    """Sealed heads that were read at the beginning of an update, `commits` of this process before
    (`Database.commits`). `wanted`: a case that this update will probably read."""

    wanted: str = ""
    commits: int = -1
    sealed: Mapping[str, bytes] = field(default_factory=dict)

    def of(self, case_id: str, commits: int) -> Mapping[str, bytes] | None:
        """Return the heads of the house and of a case; None where they weren't read, or this
        process has written since."""
        fresh = commits == self.commits and case_id == self.wanted
        return self.sealed if fresh else None


async def pages_of_heads(
    session: AsyncSession, *where: ColumnElement[bool]
) -> AsyncIterator[dict[str, Head | None]]:
    """Yield every head there is, as `heads_of`, to be looked at only, some at a time. `where`:
    those alone."""
    page = select(AuditHead.id, AuditHead.newest_sealed).where(*where)
    page = page.order_by(col(AuditHead.id)).limit(AT_ONCE)
    rows = (await session.exec(page)).all()
    while rows:
        yield {chain: opened(chain, sealed) for chain, sealed in rows}
        rows = (await session.exec(page.where(col(AuditHead.id) > rows[-1][0]))).all()


async def house_counts(session: AsyncSession) -> Mapping[str, Counted]:
    """Return the rows of the house by table, as its head says: one that is as it was proves that
    the rows of that table are. Empty where the head can't be opened."""
    sealed = (await session.exec(_HOUSE)).first()
    head = opened(HOUSE, sealed) if sealed else None
    return head.rows if head else {}


def looked_at(session: AsyncSession, chain: str, sealed: bytes) -> Head | None:
    """As `opened`, to be looked at only. The session keeps it for `heads_of`: of hundreds of cases,
    opening each head twice would take a twentieth of the whole."""
    head = opened(chain, sealed)
    session.info.setdefault(SEEN, {})[chain] = sealed, head
    return head


def _opened_once(session: AsyncSession, chain: str, sealed: bytes) -> Head | None:
    before, head = session.info.get(SEEN, {}).pop(chain, (b"", None))
    return head if before == sealed else opened(chain, sealed)


def opened(chain: str, sealed: bytes) -> Head | None:
    try:
        said = open_json(sealed, *HEAD, chain)
    except KeyProblem:
        return None
    rows: dict[str, Counted] = {}
    for table, counted in said["rows"].items():
        number, _, tags = counted.partition(" ")
        rows[table] = int(number), int(tags, 16)
    return Head(said["number"], said["hash"], rows, said["writes"], stored=True)


def move(sealed: Mapping[str, bytes], *chains: str) -> bool:
    """Whether the heads of these chains are there and move with what changes in them. A forged one
    stays as it is (`audit.append_each`): that it is the same proves nothing."""
    return all(chain in sealed and opened(chain, sealed[chain]) is not None for chain in chains)


@lru_cache(maxsize=32)
def _rows_but_sums(house: bytes) -> Mapping[str, Counted] | None:
    head = opened(HOUSE, house)
    return None if head is None else {one: n for one, n in head.rows.items() if one != _SUMS}


def same_house(before: bytes | None, now: bytes | None) -> bool:
    """Whether the house has the rows that it had when its head was `before`, by which whoever was
    read then is known to be current. But for the sums of statistics: nearly every act of a case
    moves them, and nobody's name or right follows from them."""
    if before is None or now is None or before == now:
        return before is not None and before == now
    rows = _rows_but_sums(now)
    return rows is not None and rows == _rows_but_sums(before)


def _sealed(chain: str, head: Head) -> dict[str, Any]:
    # Each a plain text: a head is sealed with every commit, and a list in it has a mark of its own.
    rows = {table: f"{number} {tags:x}" for table, (number, tags) in head.rows.items()}
    said = {"number": head.number, "hash": head.hash, "rows": rows, "writes": head.writes + 1}
    return {"id": chain, "newest_sealed": seal_json(said, *HEAD, chain)}


def do_last(session: AsyncSession, chains: Iterable[str], job: Job) -> None:
    """Let `job` write at the end of this transaction what acts on different cases have in common,
    under the locks of the heads of `chains`, by which they wait for one another. Asked again with
    the same job, it is done once."""
    jobs: dict[Job, set[str]] = session.info.setdefault(LAST, {})
    jobs.setdefault(job, set()).update(chains)


async def settle(session: AsyncSession) -> None:
    """Write down what this transaction changed: flush its rows, do what was left for the end, count
    it all, store the heads. The last thing before a commit, so that heads are locked for a moment
    only, however long an act takes."""
    await session.flush()
    jobs: Mapping[Job, set[str]] = session.info.pop(LAST, {})
    counted = {chain for chain, _ in session.info.get(LEDGER, ())}
    if chains := counted.union(*jobs.values()):
        # All at once: two transactions that lock them in two orders would wait for each other.
        await heads_of(session, chains)
    for job in jobs:
        await job(session)
    heads: Mapping[str, Head | None] = session.info.pop(HEADS, {})
    changes: Mapping[tuple[str, str], ChainChange] = session.info.pop(LEDGER, {})
    for (chain, table), change in changes.items():
        if (head := heads[chain]) is not None:
            head.count(table, change)
    moved = {chain: head for chain, head in heads.items() if head is not None and head.changed}
    fresh = [_sealed(chain, head) for chain, head in moved.items() if not head.stored]
    known = [_sealed(chain, head) for chain, head in moved.items() if head.stored]
    if fresh:
        await by_hand(session, _INSERT, fresh)
    if known:
        renamed = [{"chain": one["id"], "sealed": one["newest_sealed"]} for one in known]
        await by_hand(session, _UPDATE, renamed)
