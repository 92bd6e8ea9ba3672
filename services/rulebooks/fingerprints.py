"""Whether a rulebook still says of its steps what it said when they were taken.

A version in use leaves a mark of each of its steps. A file that was changed under the same name is
then noticed at the next start and by `yinlu doctor`, until somebody accepts it: a finished step is
judged by what its version says, and must not come to be judged otherwise in silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.listing.diff import marks_of
from domain.rulebook.schema import Rulebook
from models import CaseFile, EntryRow, Setting
from services.casefile.load import Procedure
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
        """Versions that were changed since they were marked. Changes nothing."""
        async with self.database.read() as session:
            return tuple([await _altered(session, book) for book in await self._changed(session)])

    async def remember(self) -> tuple[Altered, ...]:
        """Marks every version in use that has no marks yet, and steps changed before anybody had
        taken them; gives what was altered and has to be accepted."""
        async with self.database.write() as session:
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
        """What the files say now is what finished steps are judged by from here on; an audit line
        says of which. What nobody had finished is marked anew without a word, as by `remember`."""
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
        """The versions by which cases are led and entries judged, with the one for new cases."""
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
    """Steps that were marked and say something else now, or are gone."""
    now, before = marks_of(book), await _marks(session, book)
    return tuple(sorted(step for step, mark in before.items() if now.get(step) != mark))


async def _marks(session: AsyncSession, book: Rulebook) -> Mapping[str, str]:
    start = _key(book, "")
    statement = select(Setting).where(col(Setting.key).startswith(start, autoescape=True))
    return {row.key.removeprefix(start): row.value for row in await session.exec(statement)}


async def _mark(session: AsyncSession, book: Rulebook) -> None:
    """As the version stands now: a step that is gone has no mark any more."""
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
    return tuple(
        f"{item.rulebook}: steps {', '.join(item.steps)}, finished in {item.cases} cases"
        for item in altered
    )


__all__ = ["Altered", "RuleMarks", "said"]
