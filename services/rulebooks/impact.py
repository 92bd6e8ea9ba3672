"""Find the running cases that another version of their rulebook would concern.

Nothing is changed: a case keeps the rulebook it began with, and a finished step the text it was
done under. It tells beforehand whom a change would concern.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from domain.case.progress import assess
from domain.rulebook.listing.diff import changes
from domain.rulebook.schema import Rulebook
from domain.states import Status
from models import CaseFile
from services.casefile.load import facts_of_many
from services.casefile.procedure import Procedure
from services.core.database import Database

BATCH = 250
RUNNING = (Status.RUNNING, Status.PUT_OFF)


@dataclass(frozen=True)
class Touched:
    """A running case, and the steps before it that would be taken otherwise."""

    case_id: str
    steps: tuple[str, ...]


@dataclass
class Versions:
    database: Database
    procedure: Procedure

    async def touched(self, old: Rulebook, new: Rulebook, today: date) -> tuple[Touched, ...]:
        """Return the running cases under `old` that `new` would concern, by id."""
        differing = changes(old, new).steps
        found: list[Touched] = []
        ids = await self._running(old.id)
        for first in range(0, len(ids), BATCH):
            found += await self._of(ids[first : first + BATCH], differing, today)
        return tuple(found)

    async def _running(self, rulebook: str) -> Sequence[str]:
        statement = select(CaseFile.id).where(
            CaseFile.rulebook == rulebook, col(CaseFile.status).in_(RUNNING)
        )
        async with self.database.read() as session:
            return list(await session.exec(statement.order_by(CaseFile.id)))

    async def _of(
        self, ids: Sequence[str], differing: frozenset[str], today: date
    ) -> list[Touched]:
        async with self.database.read() as session:
            cases = await facts_of_many(session, ids, self.procedure)
        found = []
        for case_id, (book, facts) in sorted(cases.items()):
            progress = assess(book, facts, today, self.procedure.calendar)
            ahead = [item.step.id for item in progress.open]
            ahead += [step.id for step in progress.later]
            if steps := tuple(name for name in ahead if name in differing):
                found.append(Touched(case_id, steps))
        return found
