"""A step that is taken once for everybody: the activists are analysed together (docs/procedure.md
§ 1, 6c), and nobody enters the same thing thirty times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.progress import assess
from domain.permissions import SEATS
from domain.rulebook.schema import Step
from models import CaseFile, EntryRow
from models.in_values import among
from services.casefile.eligibility import ACTIVE
from services.casefile.load import facts_of_many
from services.casefile.procedure import Procedure
from services.cases.forms import entry_for
from services.cases.record import Steps
from services.core.acts import Acts
from services.core.database import Database
from services.core.errors import AnswersRefused, RecordAltered, StepNotOpen
from services.people.scope import branches_below
from services.people.views import Actor, PersonChoice

CHUNK = 300
"""Cases asked for at a time: each is a parameter of a query."""


@dataclass(frozen=True)
class Others:
    """For whom else a step that was entered is open. `people`: by case id."""

    entry_id: str
    case_id: str
    person: str
    step: Step
    people: tuple[PersonChoice, ...]


@dataclass(frozen=True)
class Repeated:
    """Names of those for whom it was entered, and of those for whom it couldn't be."""

    step: Step
    entered: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass
class ForAll:
    """Entering for others what was entered for one."""

    database: Database
    procedure: Procedure
    steps: Steps

    async def others(self, actor: Actor, entry_id: str, today: date) -> Others:
        """Return for whom else within the actor's reach the step of an entry is open and wasn't
        taken on the same day; nobody where it isn't one for all. Raises NotAllowed."""
        async with self.database.read() as session:
            hand, step, row = await entry_for(session, actor, entry_id, self.procedure)
            case = hand.loaded.case
            found: tuple[PersonChoice, ...] = ()
            if step.for_all:
                found = await self._open(session, actor, step, row, today)
            return Others(entry_id, case.id, str(case.person), step, found)

    async def _open(
        self, session: AsyncSession, actor: Actor, step: Step, row: EntryRow, today: date
    ) -> tuple[PersonChoice, ...]:
        cases = await self._cases(session, actor, step)
        ids = [case_id for case_id in cases if case_id != row.case_id]
        found: list[PersonChoice] = []
        for start in range(0, len(ids), CHUNK):
            known = await facts_of_many(session, ids[start : start + CHUNK], self.procedure)
            for case_id, (book, facts) in known.items():
                if any(e.step == step.id and e.done_on == row.done_on for e in facts.entries):
                    continue
                opened = assess(book, facts, today, self.procedure.calendar).open
                if any(item.step.id == step.id and item.possible for item in opened):
                    found.append(PersonChoice(case_id, cases[case_id]))
        return tuple(sorted(found, key=lambda one: one.name))

    async def _cases(self, session: AsyncSession, actor: Actor, step: Step) -> Mapping[str, str]:
        """Return names by case id, below the posts in which the actor enters the step."""
        places: set[str] = set()
        for post in actor.posts:
            if post.role in step.actors and SEATS.get(post.role) == post.level:
                places.update(await branches_below(session, post.organisation_id))
        statement = select(CaseFile).where(
            among(col(CaseFile.organisation_id), places),
            CaseFile.stage == step.stage,
            col(CaseFile.status).in_(ACTIVE),
        )
        return {case.id: str(case.person) for case in await session.exec(statement)}

    async def record(self, acts: Acts, actor: Actor, entry_id: str, today: date) -> Repeated:
        """Enter the same answers for all others, each in an act of its own, so that one who is
        refused keeps nobody else back. Raises NotAllowed."""
        others = await self.others(actor, entry_id, today)
        async with self.database.read() as session:
            row = await session.get_one(EntryRow, entry_id)
        entered, refused = list[str](), list[str]()
        for one in others.people:
            act = acts(f"for_all:{one.person_id}")
            try:
                await self.steps.record(act, actor, one.person_id, others.step.id, row.answers)
            except (StepNotOpen, AnswersRefused, RecordAltered):
                refused.append(one.name)
            else:
                entered.append(one.name)
        return Repeated(others.step, tuple(entered), tuple(refused))
