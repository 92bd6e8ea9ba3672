"""The audit chain: each line hashes the one before it, and the newest of each chain is kept apart.

Lines are keyed, so that who changes the database without the keys can't make them fit. A chain that
was cut short would still fit: its head, sealed in a row of its own, says where it has to end
(docs/decisions/0018).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import SQLModel, desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.writing.typed_json import dumps
from models import AuditLine, CaseFile
from models.columns import new_id, open_json, seal_text
from models.crypto import KeyProblem, ring
from models.macs import by_hand
from services.core.acts import Act
from services.core.heads import HEADS, Head, all_heads, do_last
from services.core.ports import Told, nobody

End = tuple[int, str]
"""Number and hash of the newest line of a chain."""
BEGIN: End = (0, "")
Row = dict[str, Any]
Said = tuple[str, Act, Any]
"""A chain, the act that adds a line to it, and what that returns when it is run again."""
SAID = ("chain", "number", "at", "actor", "act", "act_key", "previous")
RESULT = ("audit_line", "result_sealed")
LINES = "lines"
"""Key of `Session.info`: the lines that a transaction adds."""
AT_ONCE = 500
"""Lines in memory while all are read."""
# Built once, and into the table: no session has lines as objects while it adds some.
_INSERT: Any = insert(SQLModel.metadata.tables[str(AuditLine.__tablename__)])


def append(session: AsyncSession, act: Act, actor: str, name: str, result: Any, chain: str) -> None:
    """Add a line to a chain, in the transaction of the act. `result`: what the act returns when it
    is run again, as JSON; it is stored sealed."""
    append_each(session, actor, name, ((chain, act, result),))


def append_to_many(
    session: AsyncSession, act: Act, actor: str, name: str, results: Mapping[str, Any]
) -> None:
    """Add a line to each chain of `results`, for one act that changed rows of them all."""
    # The key of a line is unique in the table, so each chain's line needs one of its own.
    said = [(chain, Act(f"{act.key}:{chain}", act.at), of) for chain, of in results.items()]
    append_each(session, actor, name, said)


def append_each(session: AsyncSession, actor: str, name: str, said: Iterable[Said]) -> None:
    """Add a line for each of several acts of one transaction. They are written right before its
    commit: the heads that they follow are locked from then on."""
    lines = [(*one, actor, name) for one in said]
    if not lines:
        return
    session.info.setdefault(LINES, []).extend(lines)
    do_last(session, (line[0] for line in lines), _write)


async def _write(session: AsyncSession) -> None:
    """Write the lines of a transaction as one bulk statement, since a recount has thousands."""
    lines: list[Row] = []
    heads: Mapping[str, Head | None] = session.info[HEADS]
    ends: dict[str, End] = {}
    for chain, act, result, actor, name in session.info.pop(LINES, ()):
        head = heads[chain]
        # A forged head stays as it is, to be found; what somebody does has to be done all the same.
        if chain not in ends:
            ends[chain] = (head.number, head.hash) if head else await _newest(session, chain)
        line = _line(ends[chain], act, actor, name, result, chain)
        lines.append(line)
        ends[chain] = line["number"], line["hash"]
        if head is not None:
            head.follow(line["number"], line["hash"])
    if lines:
        await by_hand(session, _INSERT, lines)


async def _newest(session: AsyncSession, chain: str) -> End:
    statement = select(AuditLine).where(AuditLine.chain == chain).order_by(desc(AuditLine.number))
    last = (await session.exec(statement.limit(1))).first()
    return (last.number, last.hash) if last else BEGIN


def _line(end: End, act: Act, actor: str, name: str, result: Any, chain: str) -> Row:
    number, previous = end
    # UTC, as the column reads back: the hash is computed again from the stored line.
    said = (chain, number + 1, act.at.astimezone(UTC), actor, name, act.key, previous)
    row_id, written = new_id(), dumps(result)
    return {
        **dict(zip(SAID, said, strict=True)),
        "id": row_id,
        "hash": _hash(said, written),
        "result_sealed": seal_text(written, *RESULT, row_id),
    }


def result_of(row_id: str, sealed: bytes) -> Any:
    """Return what the act of a stored line has returned."""
    return open_json(sealed, *RESULT, row_id)


def line_hash(line: AuditLine) -> str:
    """Return the hash of a stored line: over all that it says and the hash before it."""
    return _hash([getattr(line, name) for name in SAID], dumps(line.result))


def _hash(said: Sequence[object], result: str) -> str:
    """`result`: as JSON."""
    # Keyed, since anybody could compute a plain hash; by the index key, which is never rotated.
    content = dumps(list(said)).encode() + result.encode()
    key = ring().index_key
    return blake2b(content, key=key, digest_size=32, person=b"yinlu audit").hexdigest()


async def broken(session: AsyncSession, told: Told = nobody) -> tuple[str, ...]:
    """Return the chains in which a line was changed or removed, wherever it stood. Reads every
    line."""
    ends: dict[str, End] = {}
    found: set[str] = set()
    done, total = 0, (await session.exec(select(func.count()).select_from(AuditLine))).one()
    statement = select(AuditLine).order_by(AuditLine.chain, AuditLine.number)  # type: ignore[arg-type]
    # Some at a time: all of a city are more than a small machine's memory.
    lines = await session.stream_scalars(statement.execution_options(yield_per=AT_ONCE))
    async for line in lines:
        done += 1
        if done % AT_ONCE == 0:
            await told(done, total)
        number, previous = ends.get(line.chain, BEGIN)
        if (line.number, line.previous) != (number + 1, previous) or not _as_written(line):
            found.add(line.chain)
        ends[line.chain] = line.number, line.hash
    await told(total, total)
    heads = await all_heads(session)
    # Over both: a chain that lost all its lines still has its head.
    found |= {chain for chain in {*ends, *heads} if ends.get(chain, BEGIN) != _end(heads, chain)}
    return tuple(sorted(found))


def _end(heads: Mapping[str, Head | None], chain: str) -> End | None:
    head = heads.get(chain)
    return (head.number, head.hash) if head else None


async def missing(session: AsyncSession) -> tuple[str, ...]:
    """Return the ids of cases of which no line is left at all."""
    # Lines and head gone together leave nothing that could contradict; the case's own row does.
    lines = select(AuditLine.chain).where(AuditLine.chain == CaseFile.id)
    statement = select(CaseFile.id).where(~lines.exists()).order_by(CaseFile.id)
    return tuple((await session.exec(statement)).all())


def _as_written(line: AuditLine) -> bool:
    try:
        return line.hash == line_hash(line)
    except KeyProblem:
        return False
