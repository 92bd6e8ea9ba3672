"""年度发展计划: branches propose, committees assess and vote, the responsible organiser checks, the
organisers' meeting decides (docs/procedure.md § 1, 7a). The ballots are those of
`services.meetings.voting`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.answers import check_answer
from domain.case.facts import Answers, BlockerKind, Problem, ProblemCode
from domain.case.progress import why_not
from domain.case.replay import Fold
from domain.permissions import Permission
from domain.plans import Funnel, funnel, may_propose
from domain.rulebook.schema import Field, FieldType, Role, Rulebook, Step, Text
from domain.states import PlanState
from models import CaseFile, PlanRow
from models.columns import open_json, open_text
from models.in_values import among
from services.casefile.eligibility import ACTIVE
from services.casefile.load import Known, facts_of_many
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import AnswersRefused, NotAllowed, StepNotOpen
from services.core.guard import every_column, plain_rows
from services.people.permitted import reach_of
from services.people.responsible_for import require_responsible, responsible_for
from services.people.scope import Tree, case_for, cases_for, tree
from services.people.views import Actor, PersonChoice
from services.plans.items import at_level, newest_of, tell_level

REASON = Field("reason", FieldType.TEXT, Text("", ""), minimum=4, maximum=500)


@dataclass(frozen=True)
class PlanLine:
    """A name in a plan. Of hundreds most are only counted: what is sealed is opened where somebody
    reads it. `row`, `case`: plain rows. `checker`: the organiser who checks it first; "" while
    nobody is responsible for the committee."""

    row: Any
    case: Any
    organisations: Tree
    checker: str = ""

    @property
    def item_id(self) -> str:
        return str(self.row.id)

    @property
    def case_id(self) -> str:
        return str(self.case.id)

    @property
    def year(self) -> int:
        return int(self.row.year)

    @property
    def state(self) -> PlanState:
        state: PlanState = self.row.state
        return state

    @property
    def person(self) -> str:
        return open_text(self.case.person_sealed, "case_file", "person_sealed", self.case.id)

    @property
    def organisation(self) -> str:
        return self.organisations.named(self.case.organisation_id)[1]

    @property
    def assessment(self) -> Answers:
        """The totals and the conclusion of the committee's ballot."""
        sealed = self.row.assessment_sealed
        place = "plan_item", "assessment_sealed", self.row.id
        return (open_json(sealed, *place) if sealed else None) or {}

    @property
    def reason(self) -> str:
        return open_text(self.row.reason_sealed, "plan_item", "reason_sealed", self.row.id)


@dataclass(frozen=True)
class PlanView:
    """A year's plan within the reader's reach. `lines`: the names, in the order in which they were
    proposed. `proposable`: cases that the reader may propose now. `by_name`: whether the rules put
    each candidate into a yearly plan; where they don't, nobody is ever proposed."""

    year: int
    funnel: Funnel
    lines: tuple[PlanLine, ...]
    proposable: tuple[PersonChoice, ...]
    by_name: bool = True
    first: int = 9999
    """The first year with a name in its plan; 9999 where there is none."""

    def at(self, state: PlanState) -> tuple[PlanLine, ...]:
        return tuple(line for line in self.lines if line.state is state)


@dataclass
class Plans:
    """The yearly plan: propose, check, view. Its votes are those of meetings."""

    database: Database
    procedure: Procedure

    async def view(self, actor: Actor, year: int, today: date) -> PlanView:
        """Return a year's plan within the actor's reach. Raises NotAllowed for somebody without a
        post that sees plans."""
        async with self.database.read() as session:
            places = await reach_of(session, actor, Permission.SEE_PLAN)
            if not places:
                raise NotAllowed(Permission.SEE_PLAN)
            lines = await _lines(session, places, year)
            proposable = await self._proposable(session, actor, year, today)
            first = await _first_year(session, places)
        found, by_name = funnel(line.state for line in lines), self._by_name
        return PlanView(year, found, tuple(lines), tuple(proposable), by_name, first)

    @property
    def _by_name(self) -> bool:
        return planned_step(self.procedure.current) is not None

    async def _proposable(
        self, session: AsyncSession, actor: Actor, year: int, today: date
    ) -> list[PersonChoice]:
        # Only a branch proposes names, and only its own (G三).
        own = {post.organisation_id for post in actor.posts if post.role is Role.SECRETARY}
        statement = select(CaseFile).where(
            col(CaseFile.organisation_id).in_(own), col(CaseFile.status).in_(ACTIVE)
        )
        cases = (await session.exec(statement.order_by(col(CaseFile.opened_on)))).all()
        against = await self._objections(session, cases, year, today)
        return [PersonChoice(case.id, case.person) for case in cases if not against[case.id]]

    async def _objections(
        self, session: AsyncSession, cases: Sequence[CaseFile], year: int, today: date
    ) -> dict[str, tuple[Problem, ...]]:
        """Return by case id why it can't be proposed for a year; () where it can."""
        ids = [case.id for case in cases]
        known = await facts_of_many(session, ids, self.procedure)
        rows = await newest_of(session, ids)
        return {
            case_id: self._objection(known.get(case_id), rows.get(case_id), year, today)
            for case_id in ids
        }

    def _objection(
        self, known: Known | None, row: PlanRow | None, year: int, today: date
    ) -> tuple[Problem, ...]:
        if known is None:
            # Changed by hand: nothing is done with it; asked for by name, the refusal says why.
            return (Problem(ProblemCode.STEP_NOT_OPEN),)
        book, facts = known
        step = planned_step(book)
        if step is None:
            return (Problem(ProblemCode.STEP_NOT_OPEN),)
        if row is not None and not may_propose(row.state, row.year == year):
            return (Problem(ProblemCode.ALREADY_PROPOSED, values={"year": row.year}),)
        if step.id in Fold(book, facts, self.procedure.calendar).done:
            return (Problem(ProblemCode.STEP_NOT_OPEN),)
        blocked = why_not(book, facts, step.id, today, self.procedure.calendar)
        missing = tuple(item.step for item in blocked if item.kind is BlockerKind.CONDITION)
        return (Problem(ProblemCode.STEP_NOT_OPEN, values={"missing": missing}),) if blocked else ()

    async def propose(
        self, act: Act, actor: Actor, year: int, case_ids: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Propose names of a branch for a year, all or none, and return them. Raises NotAllowed,
        StepNotOpen."""
        async with self.database.act(act, actor) as work:
            if not work.repeated:
                cases = await self._propose(work, actor, year, case_ids)
                for branch in dict.fromkeys(case.organisation_id for case in cases):
                    people = await at_level(work.session, branch, Role.COMMITTEE)
                    told = {"year": year, "level": PlanState.PROPOSED}
                    await tell_level(work, actor, people, self.procedure, **told)
                await work.done("propose_for_plan", [case.person for case in cases])
            return tuple(work.result)

    async def _propose(
        self, work: Work, actor: Actor, year: int, case_ids: tuple[str, ...]
    ) -> list[CaseFile]:
        session, today = work.session, day_of(work.act.at)
        cases = await cases_for(session, actor, case_ids, Permission.PROPOSE_FOR_PLAN)
        for case_id, problems in (await self._objections(session, cases, year, today)).items():
            if problems:
                raise StepNotOpen(case_id, problems)
        ids = [case.id for case in cases]
        statement = select(PlanRow).where(among(col(PlanRow.case_id), ids), PlanRow.year == year)
        rows = {row.case_id: row for row in await session.exec(statement)}
        for case_id in ids:
            # Unique by case and year: a name that was sent back is proposed in its old row.
            row = rows.get(case_id) or PlanRow(
                case_id=case_id, year=year, proposed_on=today, proposed_by=actor.person_id
            )
            row.state, row.proposed_on = PlanState.PROPOSED, today
            # Proposed again, a name begins at the first level: earlier decisions count no more.
            row.proposed_by, row.reason, row.assessment = actor.person_id, None, None
            row.assessed_on = row.checked_on = row.checked_by = row.decided_on = None
            session.add(row)
        await session.flush()
        return cases

    async def line(self, actor: Actor, item_id: str) -> PlanLine:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            row = await session.get(PlanRow, item_id)
            if row is None:
                raise NotAllowed(item_id)
            case, _ = await case_for(session, actor, row.case_id, Permission.SEE_PLAN)
            return await _shown(session, row, case)

    async def check(self, act: Act, actor: Actor, item_id: str, reason: str = "") -> PlanLine:
        """Check a name as the responsible organiser: on to the meeting, or with a reason back to
        the branch. Raises NotAllowed, StepNotOpen, AnswersRefused."""
        async with self.database.act(act, actor) as work:
            row = await work.session.get(PlanRow, item_id)
            if row is None:
                raise NotAllowed(item_id)
            case, _ = await case_for(work.session, actor, row.case_id, Permission.CHECK_PLAN)
            if not work.repeated:
                await self._check(work, actor, row, case, reason.strip())
            return await _shown(work.session, row, case)

    async def _check(
        self, work: Work, actor: Actor, row: PlanRow, case: CaseFile, reason: str
    ) -> None:
        if row.state != PlanState.FORWARDED:
            raise StepNotOpen(row.case_id, (Problem(ProblemCode.STEP_NOT_OPEN),))
        await require_responsible(work.session, actor, case)
        if reason and (problem := check_answer(REASON, reason, day_of(work.act.at))):
            raise AnswersRefused((problem,))
        row.state = PlanState.RETURNED if reason else PlanState.CHECKED
        row.checked_on, row.checked_by = day_of(work.act.at), actor.person_id
        row.reason = reason or None
        work.session.add(row)
        await work.session.flush()
        if reason:
            await tell_returned(work, actor, row, case, self.procedure)
        await work.done("check_plan", row.id, chain=case.id)


async def tell_returned(
    work: Work, actor: Actor, row: PlanRow, case: CaseFile, procedure: Procedure
) -> None:
    """Tell branch and committee that a name came back, and why."""
    for role in (Role.SECRETARY, Role.COMMITTEE):
        people = await at_level(work.session, case.organisation_id, role)
        await tell_level(
            work, actor, people, procedure, year=row.year, level="returned", item=row.id
        )


async def _first_year(session: AsyncSession, places: Collection[str]) -> int:
    """The first year in whose plan a case of these organisations stands; 9999 for none."""
    statement = (
        select(PlanRow)
        .join(CaseFile, col(PlanRow.case_id) == CaseFile.id)
        .where(among(col(CaseFile.organisation_id), places))
    )
    row = (await session.exec(statement.order_by(col(PlanRow.year)).limit(1))).first()
    return row.year if row else 9999


def planned_step(book: Rulebook) -> Step | None:
    """Return the step that the yearly plan decides; None where the procedure has no plan."""
    return next((step for step in book.steps if step.planned), None)


async def _lines(session: AsyncSession, places: Collection[str], year: int) -> list[PlanLine]:
    here = (
        PlanRow.case_id == CaseFile.id,
        PlanRow.year == year,
        among(col(CaseFile.organisation_id), places),
    )
    in_order = col(PlanRow.proposed_on), col(PlanRow.id)
    of_plan = every_column(PlanRow).where(*here).order_by(*in_order)
    rows = await plain_rows(session, PlanRow, of_plan)
    found = await plain_rows(session, CaseFile, every_column(CaseFile).where(*here))
    cases = {case.id: case for case in found}
    checkers = await responsible_for(session, {case.organisation_id for case in found})
    organisations = await tree(session)
    return [
        PlanLine(row, case, organisations, checkers.get(case.organisation_id, ""))
        for row in rows
        if (case := cases.get(row.case_id)) is not None
    ]


async def _shown(session: AsyncSession, row: PlanRow, case: CaseFile) -> PlanLine:
    checkers = await responsible_for(session, [case.organisation_id])
    # As values: a commit may take those of the rows.
    values, of_case = SimpleNamespace(**row.model_dump()), SimpleNamespace(**case.model_dump())
    checker = checkers.get(case.organisation_id, "")
    return PlanLine(values, of_case, await tree(session), checker)
