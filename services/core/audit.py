"""The audit chain: each line hashes the one before it, and the newest of each chain is kept apart.

Lines are keyed, so that who changes the database without the keys can't make them fit. A chain that
was cut short would still fit: its head, sealed in a row of its own, says where it has to end
(docs/decisions/0018).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, insert, tuple_
from sqlmodel import SQLModel, col, desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.writing.typed_json import dumps
from models import AuditHead, AuditLine, CaseFile
from models.columns import columns_of, new_id, open_json, seal_text
from models.crypto import KeyProblem, KeyRing, index_key, ring
from models.in_values import among
from models.macs import by_hand
from services.core.acts import Act
from services.core.heads import HEADS, Head, do_last, opened, pages_of_heads
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
_PAGE = columns_of(AuditLine, ("id", *SAID, "hash", "result_sealed"))
_PAGE = _PAGE.order_by(AuditLine.chain, AuditLine.number)
_BEHIND: Any = tuple_(AuditLine.chain, AuditLine.number)
_HEADS = columns_of(AuditHead, ("id", "newest_sealed"))
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


def line_hash(keys: KeyRing, line: Any) -> str:
    """Return the hash of a stored line: over all that it says and the hash before it. Raises
    KeyProblem."""
    place = f"{RESULT[0]}.{RESULT[1]}.{line.id}"
    sealed = line.result_sealed
    # As it was sealed, by whatever version of the program; what isn't there was nothing.
    written = keys.open(sealed, place).decode() if sealed else dumps(None)
    return _hash([getattr(line, name) for name in SAID], written)


def _hash(said: Sequence[object], result: str) -> str:
    """`result`: as JSON."""
    # Keyed, since anybody could compute a plain hash; by the index key, which is never rotated.
    content = dumps(list(said)).encode() + result.encode()
    return blake2b(content, key=index_key(), digest_size=32, person=b"yinlu audit").hexdigest()


async def broken(session: AsyncSession, told: Told = nobody) -> tuple[str, ...]:
    """Return the chains in which a line was changed or removed, wherever it stood. Reads every
    line, some at a time: all of a city are more than a small machine's memory."""
    done, total = 0, (await session.exec(select(func.count()).select_from(AuditLine))).one()
    chain: str | None = None
    end, found = BEGIN, set[str]()
    lines = (await by_hand(session, _PAGE.limit(AT_ONCE))).all()
    while lines:
        keys, ended = ring(), dict[str | None, End]()
        for line in lines:
            if line.chain != chain:
                ended[chain], chain, end = end, line.chain, BEGIN
            if not _follows(keys, line, end):
                found.add(line.chain)
            end = line.number, line.hash
        found |= await _beyond_heads(session, ended)
        done += len(lines)
        await told(done, max(done, total))
        behind = _PAGE.where(tuple_(chain, end[0]) < _BEHIND)
        lines = (await by_hand(session, behind.limit(AT_ONCE))).all()
    found |= await _beyond_heads(session, {chain: end})
    await told(total, total)
    return tuple(sorted(found | await _without_lines(session)))


def _follows(keys: KeyRing, line: Any, end: End) -> bool:
    """Whether a line follows the one that ends so, and is as it was written."""
    try:
        fits = line.hash == line_hash(keys, line)
    except KeyProblem:
        return False
    return fits and (line.number, line.previous) == (end[0] + 1, end[1])


async def _beyond_heads(session: AsyncSession, ended: Mapping[str | None, End]) -> set[str]:
    """Return those of some chains that don't end where their heads say."""
    ends = {chain: end for chain, end in ended.items() if chain is not None}
    heads = _HEADS.where(among(col(AuditHead.id), ends))
    said = {chain: opened(chain, sealed) for chain, sealed in await by_hand(session, heads)}
    return {chain for chain, end in ends.items() if end != _end(said.get(chain))}


async def _without_lines(session: AsyncSession) -> set[str]:
    """Return the chains that have lost all their lines, and still have a head that counts some."""
    lines = select(AuditLine.chain).where(AuditLine.chain == AuditHead.id)
    found = set[str]()
    async for heads in pages_of_heads(session, ~lines.exists()):
        found |= {chain for chain, head in heads.items() if _end(head) != BEGIN}
    return found


def _end(head: Head | None) -> End | None:
    return (head.number, head.hash) if head else None


async def missing(session: AsyncSession) -> tuple[str, ...]:
    """Return the ids of cases of which no line is left at all."""
    # Lines and head gone together leave nothing that could contradict; the case's own row does.
    lines = select(AuditLine.chain).where(AuditLine.chain == CaseFile.id)
    statement = select(CaseFile.id).where(~lines.exists()).order_by(CaseFile.id)
    return tuple((await session.exec(statement)).all())
