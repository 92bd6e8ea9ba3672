"""The audit chain: each line covers the one before it, and the newest of each chain is kept apart.

Lines are keyed, so that who changes the database without the keys can't make them fit. A chain that
was cut short would still fit: its head, sealed in a row of its own, says where it has to end
(docs/decisions/0018).
"""

from collections.abc import Mapping
from datetime import UTC
from hashlib import blake2b
from typing import Any

from sqlmodel import col, desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AuditHead, AuditLine, CaseFile
from models.columns import dumps, ring
from models.crypto import KeyProblem
from services.views import Act

End = tuple[int, str]
"""Number and hash of the newest line of a chain."""
BEGIN: End = (0, "")


async def append(
    session: AsyncSession, act: Act, actor: str, name: str, result: Any, chain: str
) -> None:
    head = await session.get(AuditHead, chain)
    await _follow(session, head, act, actor, name, result, chain)


async def append_to_many(
    session: AsyncSession, act: Act, actor: str, name: str, results: Mapping[str, Any]
) -> None:
    """A line in each of several chains, for one act that changed rows of them all."""
    statement = select(AuditHead).where(col(AuditHead.id).in_(results))
    heads = {head.id: head for head in await session.exec(statement)}
    for chain, result in results.items():
        own = Act(f"{act.key}:{chain}", act.at)
        await _follow(session, heads.get(chain), own, actor, name, result, chain)


async def _follow(
    session: AsyncSession,
    head: AuditHead | None,
    act: Act,
    actor: str,
    name: str,
    result: Any,
    chain: str,
) -> None:
    end = BEGIN if head is None else _end_of(head)
    if end is None:
        # A forged head stays as it is, to be found; what somebody does has to be done all the same.
        session.add(_line(await _newest(session, chain), act, actor, name, result, chain))
        return
    line = _line(end, act, actor, name, result, chain)
    head = head or AuditHead(id=chain)
    head.newest = {"number": line.number, "hash": line.hash}
    session.add_all((head, line))


def _end_of(head: AuditHead) -> End | None:
    """None where it can't be opened: somebody without the keys wrote it."""
    try:
        newest = head.newest
    except KeyProblem:
        return None
    return newest["number"], newest["hash"]


async def _newest(session: AsyncSession, chain: str) -> End:
    statement = select(AuditLine).where(AuditLine.chain == chain).order_by(desc(AuditLine.number))
    last = (await session.exec(statement.limit(1))).first()
    return (last.number, last.hash) if last else BEGIN


def _line(end: End, act: Act, actor: str, name: str, result: Any, chain: str) -> AuditLine:
    number, previous = end
    line = AuditLine(
        chain=chain,
        number=number + 1,
        at=act.at,
        actor=actor,
        act=name,
        act_key=act.key,
        previous=previous,
        hash="",
    )
    line.result = result
    line.hash = line_hash(line)
    return line


def line_hash(line: AuditLine) -> str:
    """What the next line refers to: everything said here and the hash before it."""
    at = line.at.astimezone(UTC)
    said = dumps([line.chain, line.number, at, line.actor, line.act, line.act_key, line.previous])
    key = ring().index_key
    content = said.encode() + dumps(line.result).encode()
    return blake2b(content, key=key, digest_size=32, person=b"yinlu audit").hexdigest()


async def broken(session: AsyncSession) -> tuple[str, ...]:
    """Chains in which a line was changed or removed, wherever it stood."""
    ends: dict[str, End] = {}
    found: set[str] = set()
    statement = select(AuditLine).order_by(AuditLine.chain, AuditLine.number)  # type: ignore[arg-type]
    for line in await session.exec(statement):
        number, previous = ends.get(line.chain, BEGIN)
        if (line.number, line.previous) != (number + 1, previous) or not _as_written(line):
            found.add(line.chain)
        ends[line.chain] = line.number, line.hash
    heads = {head.id: _end_of(head) for head in await session.exec(select(AuditHead))}
    found |= {chain for chain in {*ends, *heads} if ends.get(chain) != heads.get(chain)}
    return tuple(sorted(found))


async def missing(session: AsyncSession) -> tuple[str, ...]:
    """Cases of which no line is left at all."""
    lines = select(AuditLine.chain).where(AuditLine.chain == CaseFile.id)
    statement = select(CaseFile.id).where(~lines.exists()).order_by(CaseFile.id)
    return tuple((await session.exec(statement)).all())


def _as_written(line: AuditLine) -> bool:
    try:
        return line.hash == line_hash(line)
    except KeyProblem:
        return False
