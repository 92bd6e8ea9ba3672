"""Detect a rulebook whose file was changed under the same name after steps were done by it.

A fingerprint of each step of a version in use is stored. A changed file is then noticed at the next
start and by `yinlu doctor`, until somebody accepts it: a finished step is judged by what its
version says, and must not be judged otherwise in silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.listing.diff import marks_of
from domain.rulebook.schema import Rulebook
from models import CaseFile, EntryRow, Setting
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database, Work

PREFIX = "rules:"
ACTOR = "rules"


@dataclass(frozen=True)
class Altered:
    """A version whose file says something else of `steps` that are finished in `cases` cases."""

    rulebook: str
    steps: tuple[str, ...]
    cases: int


@dataclass
class RuleMarks:
    database: Database
    procedure: Procedure

    async def altered(self) -> tuple[Altered, ...]:
        """Return the versions that were changed since their fingerprints were stored."""
        async with self.database.read() as session:
            return tuple([await _altered(session, book) for book in await self._changed(session)])

    async def remember(self) -> tuple[Altered, ...]:
        """Store fingerprints of versions in use, also of steps that changed before anybody did
        them; return what was altered and has to be accepted."""
        async with self.database.write() as session:
            # Several processes may start at the same moment and store the same fingerprints.
            await self.database.alone(session)
            found = []
            for book in await self._used(session):
                altered = await _altered(session, book)
                if altered.cases:
                    found.append(altered)
                else:
                    await _mark(session, book)
            return tuple(found)

    async def accept(self, act: Act) -> tuple[Altered, ...]:
        """Accept the files as they are, so that finished steps are judged by them from now on; the
        audit line names those steps. Returns them."""
        async with self.database.act(act, ACTOR) as work:
            if work.repeated:
                return ()
            return await self._accept(work)

    async def _accept(self, work: Work) -> tuple[Altered, ...]:
        books = await self._changed(work.session)
        altered = [await _altered(work.session, book) for book in books]
        found = tuple(item for item in altered if item.cases)
        for book in books:
            await _mark(work.session, book)
        await work.done("accept_rules", [[item.rulebook, *item.steps] for item in found])
        return found

    async def _changed(self, session: AsyncSession) -> list[Rulebook]:
        return [book for book in await self._used(session) if await _differing(session, book)]

    async def _used(self, session: AsyncSession) -> list[Rulebook]:
        """Return the versions that cases or entries refer to, and the one for new cases."""
        names = set(await session.exec(select(CaseFile.rulebook).distinct()))
        names |= set(await session.exec(select(EntryRow.rulebook).distinct()))
        return [self.procedure.find(name) for name in sorted(names | {self.procedure.current.id})]


async def _altered(session: AsyncSession, book: Rulebook) -> Altered:
    steps = await _differing(session, book)
    statement = select(func.count(func.distinct(EntryRow.case_id))).where(
        EntryRow.rulebook == book.id,
        col(EntryRow.step).in_(steps),
        col(EntryRow.replaced_by).is_(None),
    )
    return Altered(book.id, steps, (await session.exec(statement)).one())


async def _differing(session: AsyncSession, book: Rulebook) -> tuple[str, ...]:
    """Return steps whose fingerprint differs from the stored one, or that are gone."""
    now, before = marks_of(book), await _marks(session, book)
    return tuple(sorted(step for step, mark in before.items() if now.get(step) != mark))


async def _marks(session: AsyncSession, book: Rulebook) -> Mapping[str, str]:
    start = _key(book, "")
    # Escaped: the underscore in `national_2026` is a wildcard of LIKE.
    statement = select(Setting).where(col(Setting.key).startswith(start, autoescape=True))
    return {row.key.removeprefix(start): row.value for row in await session.exec(statement)}


async def _mark(session: AsyncSession, book: Rulebook) -> None:
    """Store the fingerprints of a version as it is now, and delete those of steps that are gone."""
    now = marks_of(book)
    for step in (await _marks(session, book)).keys() - now.keys():
        await session.delete(await session.get_one(Setting, _key(book, step)))
    for step, mark in now.items():
        row = await session.get(Setting, _key(book, step)) or Setting(
            key=_key(book, step), value=""
        )
        row.value = mark
        session.add(row)
    await session.flush()


def _key(book: Rulebook, step: str) -> str:
    return f"{PREFIX}{book.id}:{step}"


def said(altered: Iterable[Altered]) -> tuple[str, ...]:
    """Return lines for the operator, one a version."""
    return tuple(
        f"{item.rulebook}: steps {', '.join(item.steps)}, finished in {item.cases} cases"
        for item in altered
    )


__all__ = ["Altered", "RuleMarks", "said"]
