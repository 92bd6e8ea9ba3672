"""How every service reads and writes: one transaction, one audit line, each act once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from hashlib import blake2b
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlmodel import desc, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AuditLine, Organisation, Setting
from models.columns import dumps, ring
from models.crypto import KeyProblem
from services.views import Act

KEY_CHECK = "key_check"
HOUSE = "house"
"""The audit chain of acts that belong to no case."""


@dataclass
class Work:
    """An act under way. `repeated`: it was done before, and `result` is what it gave then."""

    session: AsyncSession
    act: Act
    actor: str
    repeated: bool = False
    result: Any = None
    written: bool = False

    async def done(self, name: str, result: Any = None, chain: str = HOUSE) -> None:
        """Writes the audit line. Every act that changes rows ends with it."""
        statement = (
            select(AuditLine).where(AuditLine.chain == chain).order_by(desc(AuditLine.number))
        )
        last = (await self.session.exec(statement.limit(1))).first()
        line = AuditLine(
            chain=chain,
            number=last.number + 1 if last else 1,
            at=self.act.at,
            actor=self.actor,
            act=name,
            act_key=self.act.key,
            previous=last.hash if last else "",
            hash="",
        )
        line.result = result
        line.hash = line_hash(line)
        self.session.add(line)
        self.result, self.written = result, True


def line_hash(line: AuditLine) -> str:
    """What the next line refers to: everything said here and the hash before it."""
    at = line.at.astimezone(UTC)
    said = dumps([line.chain, line.number, at, line.actor, line.act, line.act_key, line.previous])
    return blake2b(said.encode() + dumps(line.result).encode(), digest_size=32).hexdigest()


def _as_written(line: AuditLine) -> bool:
    try:
        return line.hash == line_hash(line)
    except KeyProblem:
        return False


def _opens(row: Organisation) -> bool:
    try:
        return bool(row.name)
    except KeyProblem:
        return False


class Database:
    """Sessions to read and to write. Closed by `close`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        writing = engine.execution_options(yinlu_write=True)
        self._readers = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
        self._writers = async_sessionmaker(writing, class_=AsyncSession, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._readers() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed at the end, rolled back on any exception."""
        async with self._writers() as session, session.begin():
            yield session

    @asynccontextmanager
    async def act(self, act: Act, actor: str) -> AsyncIterator[Work]:
        """One act of one person, done once however often it is tried."""
        async with self.write() as session:
            statement = select(AuditLine).where(AuditLine.act_key == act.key)
            first = (await session.exec(statement)).first()
            result = first.result if first else None
            work = Work(session, act, actor, repeated=first is not None, result=result)
            yield work
            if not work.repeated and not work.written:
                raise RuntimeError(f"an act left no audit line: {act.key}")

    async def check_keys(self) -> None:
        """Raises KeyProblem when this database was sealed with other keys."""
        async with self.write() as session:
            known = await session.get(Setting, KEY_CHECK)
            expected = ring().blind("yinlu", KEY_CHECK)
            if known is None:
                session.add(Setting(key=KEY_CHECK, value=expected))
            first = (await session.exec(select(Organisation).limit(1))).first()
            if (known and known.value != expected) or not (first is None or _opens(first)):
                raise KeyProblem(
                    "this database was sealed with other keys. Bring back the key file that "
                    "belongs to it. Nothing was changed"
                )

    async def broken_chains(self) -> tuple[str, ...]:
        """Chains in which a line was changed or removed."""
        broken: set[str] = set()
        previous: dict[str, AuditLine] = {}
        async with self.read() as session:
            statement = select(AuditLine).order_by(AuditLine.chain, AuditLine.number)  # type: ignore[arg-type]
            for line in await session.exec(statement):
                before = previous.get(line.chain)
                fits = line.previous == (before.hash if before else "")
                in_order = line.number == (before.number + 1 if before else 1)
                if not (fits and in_order and _as_written(line)):
                    broken.add(line.chain)
                previous[line.chain] = line
        return tuple(sorted(broken))

    async def close(self) -> None:
        await self.engine.dispose()
