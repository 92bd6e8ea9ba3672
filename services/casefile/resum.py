"""Count every case anew where a rulebook counts something else than before.

An act counts the case it changes. A profile that gains a figure, or a rule that changes, moves
no case by itself: without this its sums would begin on that day. What a version counted by is kept
as a mark; where it is another one at a start, all cases of that version are counted again, a part
at a time, and only what differs is written. Where a part ended is kept too, so that a process that
was stopped goes on there.

A new figure of somebody who moved counts where they are now: where it happened isn't told apart.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.figures.counting import counted
from domain.figures.mark import counting_mark
from domain.figures.placing import placed
from domain.rulebook.schema import Rulebook
from models import CaseFile, Setting
from models.crypto import KeyProblem
from services.casefile.load import Known, facts_of_many
from services.casefile.procedure import Procedure
from services.casefile.sums import counted_before, place
from services.core.database import Database

BATCH = 100
"""Cases that are read at a time: each is a parameter of four queries."""
AT_A_TIME = 10
"""Cases after which others get their turn; also those that one commit moves."""
BY, REACHED = "figures:by:", "figures:at:"


@dataclass(frozen=True)
class Resummed:
    """Numbers of cases: counted again, those of which something differed, those that no key opens
    or that were changed by hand."""

    cases: int = 0
    moved: int = 0
    unread: int = 0


@dataclass
class Resum:
    """Brings the sums to what the rulebooks count now."""

    database: Database
    procedure: Procedure

    async def run(self) -> Resummed:
        """Count the cases of every version that counts otherwise than it did. One that can't be
        read is tried again at the next start; `yinlu doctor` names it."""
        cases = moved = unread = 0
        for book, mark in await self._stale():
            reached = await self._reached(book, mark)
            left = 0
            while ids := await self._next(book, reached):
                differing, known = await self._differing(ids)
                for first in range(0, len(differing), AT_A_TIME):
                    await self._move(differing[first : first + AT_A_TIME])
                cases, moved, left = cases + known, moved + len(differing), left + len(ids) - known
                reached = ids[-1]
                await self._keep({f"{REACHED}{book.id}": f"{mark}:{reached}"})
            unread += left
            # Where some couldn't be read, the next start begins anew.
            await self._keep({f"{BY}{book.id}": "" if left else mark, f"{REACHED}{book.id}": ""})
        return Resummed(cases, moved, unread)

    async def _stale(self) -> list[tuple[Rulebook, str]]:
        async with self.database.read() as session:
            used = sorted(set(await session.exec(select(CaseFile.rulebook).distinct())))
            books = [self.procedure.find(name) for name in used]
            kept = [await session.get(Setting, f"{BY}{book.id}") for book in books]
        marks = [counting_mark(book) for book in books]
        found = zip(books, marks, kept, strict=True)
        return [(book, mark) for book, mark, row in found if row is None or row.value != mark]

    async def _reached(self, book: Rulebook, mark: str) -> str:
        """The last case that was counted by this mark; "" for none."""
        async with self.database.read() as session:
            row = await session.get(Setting, f"{REACHED}{book.id}")
        by, _, case = (row.value if row else "").partition(":")
        return case if by == mark else ""

    async def _next(self, book: Rulebook, reached: str) -> Sequence[str]:
        statement = select(CaseFile.id).where(CaseFile.rulebook == book.id, CaseFile.id > reached)
        async with self.database.read() as session:
            return (await session.exec(statement.order_by(col(CaseFile.id)).limit(BATCH))).all()

    async def _differing(self, ids: Sequence[str]) -> tuple[list[str], int]:
        """The cases that count otherwise than they remember, and how many could be read."""
        found, read = [], 0
        async with self.database.read() as session:
            known = await facts_of_many(session, ids, self.procedure)
            for case in await session.exec(select(CaseFile).where(col(CaseFile.id).in_(known))):
                try:
                    found += [case.id] if self._differs(case, known[case.id]) else []
                    read += 1
                except KeyProblem:
                    continue
                if read % AT_A_TIME == 0:
                    await asyncio.sleep(0)
        return found, read

    def _differs(self, case: CaseFile, known: Known) -> bool:
        book, facts = known
        before = counted_before(case)
        counts = counted(book, facts, self.procedure.calendar)
        return placed(before, counts, case.organisation_id) != before

    async def _move(self, ids: Sequence[str]) -> None:
        """Count a few cases again and move the sums, as they stand now: an act may have come in
        between, and has moved them then."""
        async with self.database.write("sums") as session:
            await self.database.alone(session)
            known = await facts_of_many(session, ids, self.procedure)
            for case in await session.exec(select(CaseFile).where(col(CaseFile.id).in_(known))):
                book, facts = known[case.id]
                await place(session, case, counted(book, facts, self.procedure.calendar))
                await session.flush()

    async def _keep(self, values: dict[str, str]) -> None:
        async with self.database.write("sums") as session:
            await _set(session, values)


async def _set(session: AsyncSession, values: dict[str, str]) -> None:
    for key, value in values.items():
        row = await session.get(Setting, key) or Setting(key=key, value="")
        row.value = value
        session.add(row)
