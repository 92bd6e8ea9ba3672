"""培训班: one entry for everybody on the roster of a class, each in their own case (N17, G三).
All of them, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.answers import fields_to_ask, verdict_of
from domain.case.facts import Answers, Problem
from domain.case.progress import why_not
from domain.case.replay import Fold
from domain.permissions import Permission
from domain.rosters import NotEntered, RosterFault, class_step, matched, names_in
from domain.rulebook.schema import Field, Step
from models import CaseFile, ClassPlace, ClassRow
from models.in_values import among
from services.casefile.eligibility import ACTIVE
from services.casefile.load import facts_of_many, read_case
from services.casefile.procedure import Procedure
from services.cases.forms import entering, problems_of
from services.cases.record import Steps, refuse
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import AnswersRefused, NotAllowed, NotFound, Refusal, StepNotOpen
from services.people.scope import allowed_at, branches_below, names_of
from services.people.views import Actor

NEWEST = 20
"""Classes of a list."""


class RosterRefused(Refusal):
    """Somebody on the roster can't be entered; `lines` say who and why. Nothing was stored."""

    def __init__(self, lines: tuple[NotEntered, ...]) -> None:
        super().__init__(str(len(lines)))
        self.lines = lines


@dataclass(frozen=True)
class ClassLine:
    """A class in a list. `people`: how many completed it."""

    class_id: str
    name: str
    organisation: str
    held_on: date
    people: int


@dataclass(frozen=True)
class HeldClass:
    """A class with its roster. `noted`: by name, what was taken and noted."""

    line: ClassLine
    roster: tuple[str, ...]
    noted: tuple[tuple[str, tuple[Problem, ...]], ...] = ()


@dataclass
class Classes:
    database: Database
    procedure: Procedure
    steps: Steps

    def step(self) -> Step:
        """Return the step that a class enters. Raises NotAllowed where the rules have none."""
        found = class_step(self.procedure.current)
        if found is None:
            raise NotAllowed(Permission.HOLD_CLASS)
        return found

    def asked(self, answers: Answers) -> tuple[Field, ...]:
        """Return what is asked once for the whole class."""
        return fields_to_ask(self.step(), answers)

    async def ready(self, actor: Actor, today: date) -> tuple[str, ...]:
        """Return the names of those for whom the step is open. Raises NotAllowed."""
        step = self.step()
        async with self.database.read() as session:
            await _place(session, actor)
            cases = await _reach(session, actor)
            known = await facts_of_many(session, [case.id for case in cases], self.procedure)
        found = []
        for case in cases:
            # One that can't be read, or was changed by hand, mustn't keep the others from the list.
            if case.id not in known:
                continue
            book, facts = known[case.id]
            done = step.id in Fold(book, facts, self.procedure.calendar).done
            if not done and not why_not(book, facts, step.id, today, self.procedure.calendar):
                found.append(str(case.person))
        return tuple(found)

    async def hold(
        self, act: Act, actor: Actor, name: str, roster: str, answers: Answers
    ) -> HeldClass:
        """Enter the step for everybody named. Raises NotAllowed, and RosterRefused with all who
        can't be entered; then nothing is stored for anybody."""
        async with self.database.act(act, actor) as work:
            place, noted = await _place(work.session, actor), []
            if not work.repeated:
                cases = await self._named(work, actor, roster, answers)
                row = await self._store(work, actor, place, name.strip(), answers)
                for number, case in enumerate(cases):
                    found = await self._enter(work, actor, row, case, answers, number)
                    noted += [(str(case.person), found)] if found else []
                await work.done("hold_class", row.id)
            held = await _held(work.session, work.result)
        return HeldClass(held.line, held.roster, tuple(noted))

    async def _named(
        self, work: Work, actor: Actor, roster: str, answers: Answers
    ) -> list[CaseFile]:
        """Return the cases of a roster. Raises RosterRefused."""
        cases = {case.id: case for case in await _reach(work.session, actor)}
        names = names_in(roster)
        ids, wrong = matched(names, {case.id: str(case.person) for case in cases.values()})
        if not names:
            raise NotFound("a roster")
        # All objections at once, not the first alone: the roster is then mended in one go.
        late = [await self._objection(work, actor, cases[case_id], answers) for case_id in ids]
        if lines := (*wrong, *(line for line in late if line)):
            raise RosterRefused(lines)
        return [cases[case_id] for case_id in ids]

    async def _objection(
        self, work: Work, actor: Actor, case: CaseFile, answers: Answers
    ) -> NotEntered | None:
        session, step_id = work.session, self.step().id
        try:
            hand = await read_case(session, actor, case.id, self.procedure)
            step, loaded = entering(actor, hand, step_id), hand.loaded
            today = day_of(work.act.at)
            verdict = verdict_of(loaded.book.step_on(step_id, answers.get(step.day)), answers)
            refuse(
                step,
                await problems_of(
                    session, loaded, step, answers, today, self.procedure, verdict=verdict
                ),
            )
        except NotAllowed:
            # As if nobody had that name: a roster mustn't tell of cases that are out of reach.
            return NotEntered(case.person, RosterFault.UNKNOWN)
        except (StepNotOpen, AnswersRefused) as refusal:
            return NotEntered(case.person, RosterFault.NOT_READY, refusal.problems)
        return None

    async def _store(
        self, work: Work, actor: Actor, place: str, name: str, answers: Answers
    ) -> ClassRow:
        step = self.step()
        held_on = answers[step.day]
        assert isinstance(held_on, date)
        row = ClassRow(
            organisation_id=place, step=step.id, held_on=held_on, recorded_by=actor.person_id
        )
        row.name = name
        work.session.add(row)
        await work.session.flush()
        return row

    async def _enter(
        self,
        work: Work,
        actor: Actor,
        row: ClassRow,
        case: CaseFile,
        answers: Answers,
        number: int,
    ) -> tuple[Problem, ...]:
        """Enter the step in one case, in the transaction of the class."""
        # A key of its own: every case has its own audit line, and keys are unique.
        one = Work(work.session, Act(f"{work.act.key}:{number}", work.act.at), work.actor)
        entered = await self.steps.enter(one, actor, case.id, row.step, answers)
        place = ClassPlace(class_id=row.id, case_id=case.id, entry_id=one.result)
        work.session.add(place)
        return entered.noted

    async def newest(self, actor: Actor) -> tuple[ClassLine, ...]:
        """Return the last classes at or below the actor's posts. Raises NotAllowed."""
        async with self.database.read() as session:
            await _place(session, actor)
            places = {
                below
                for post in actor.posts
                for below in await branches_below(session, post.organisation_id)
            }
            statement = select(ClassRow).where(among(col(ClassRow.organisation_id), places))
            newest = statement.order_by(col(ClassRow.held_on).desc(), col(ClassRow.id))
            rows = (await session.exec(newest.limit(NEWEST))).all()
            return tuple([await _line(session, row) for row in rows])

    async def roster(self, actor: Actor, class_id: str) -> HeldClass:
        """Return a class with everybody on its roster. Raises NotAllowed, also where there is
        none."""
        async with self.database.read() as session:
            row = await session.get(ClassRow, class_id)
            if row is None or not await allowed_at(
                session, actor, row.organisation_id, Permission.HOLD_CLASS
            ):
                raise NotAllowed(class_id)
            return await _held(session, class_id)


async def _place(session: AsyncSession, actor: Actor) -> str:
    """Return the organisation that holds the class. Raises NotAllowed."""
    for post in actor.posts:
        if await allowed_at(session, actor, post.organisation_id, Permission.HOLD_CLASS):
            return post.organisation_id
    raise NotAllowed(Permission.HOLD_CLASS)


async def _reach(session: AsyncSession, actor: Actor) -> Sequence[CaseFile]:
    places = {
        below
        for post in actor.posts
        for below in await branches_below(session, post.organisation_id)
    }
    statement = select(CaseFile).where(
        among(col(CaseFile.organisation_id), places), col(CaseFile.status).in_(ACTIVE)
    )
    return (await session.exec(statement.order_by(col(CaseFile.opened_on)))).all()


async def _line(session: AsyncSession, row: ClassRow) -> ClassLine:
    counted = select(func.count()).select_from(ClassPlace).where(ClassPlace.class_id == row.id)
    names = await names_of(session, [row.organisation_id])
    people = (await session.exec(counted)).one()
    return ClassLine(row.id, row.name, names[row.organisation_id], row.held_on, people)


async def _held(session: AsyncSession, class_id: str) -> HeldClass:
    row = await session.get_one(ClassRow, class_id)
    statement = (
        select(CaseFile)
        .join(ClassPlace, col(ClassPlace.case_id) == CaseFile.id)
        .where(ClassPlace.class_id == class_id)
    )
    names = sorted(str(case.person) for case in await session.exec(statement))
    return HeldClass(await _line(session, row), tuple(names))
