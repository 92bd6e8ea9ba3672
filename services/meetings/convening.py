"""Convene a meeting: the agenda, who is present, what was read out, the quorum before a vote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.answers import fields_to_ask
from domain.case.facts import Answers, Problem, ProblemCode, Value
from domain.meetings import DAY, opening_problems, quorum
from domain.rulebook.schema import Body, Step
from domain.rulebook.validation.screens import LAST, MEMBERS, TODAY
from domain.states import MeetingState
from models import AgendaRow, CaseFile, DeadlineRow, MeetingRow
from models.in_values import among
from services.casefile.eligibility import (
    ACTIVE,
    Matter,
    bodies_of,
    matter,
    problem_of,
    require_body,
)
from services.casefile.load import facts_of_many
from services.casefile.procedure import Procedure
from services.cases.forms import whole_list
from services.cases.views import Preview
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import AnswersRefused, NotAllowed, StepNotOpen
from services.meetings.agenda import agenda_of, read_agenda, view_of
from services.meetings.views import Candidate, MeetingView
from services.people.scope import branches_below, names_of
from services.people.views import Actor
from services.plans.items import newest_of


@dataclass
class Convening:
    """Meetings until the votes."""

    database: Database
    procedure: Procedure

    async def candidates(
        self, actor: Actor, body: Body, organisation_id: str, today: date
    ) -> tuple[Candidate, ...]:
        """Return the cases that come before a body, those it can decide today first. Raises
        NotAllowed."""
        async with self.database.read() as session:
            await require_body(session, actor, body, organisation_id)
            cases = await self._cases(session, body, organisation_id)
            known = await self._matters(session, body, cases, today)
            names = await names_of(session, (case.organisation_id for case in cases))
        found = [
            Candidate(
                case.id,
                case.person,
                names[case.organisation_id],
                matter.step,
                matter.why,
                matter.called,
            )
            for case in cases
            if (matter := known[case.id])
        ]
        # The sort is stable: within both groups the longest-running case stays first.
        return tuple(sorted(found, key=lambda item: bool(item.why)))

    async def _matters(
        self, session: AsyncSession, body: Body, cases: Sequence[CaseFile], today: date
    ) -> dict[str, Matter | None]:
        """Return by case id what the body may decide."""
        ids = [case.id for case in cases]
        facts = await facts_of_many(session, ids, self.procedure)
        plans = await newest_of(session, ids)
        return {
            case_id: matter(facts[case_id], plans.get(case_id), body, today, self.procedure)
            if case_id in facts
            else None
            for case_id in ids
        }

    async def _cases(
        self, session: AsyncSession, body: Body, organisation_id: str
    ) -> Sequence[CaseFile]:
        """Return running cases in the stages in which a body decides something, and those in which
        something was called for that it decides."""
        book = self.procedure.current
        steps = [step for step in (*book.steps, *book.plan) if step.body is body]
        stages = {step.stage for step in steps if not step.called_by}
        # Called-for steps come in any stage: their stored dates find the cases without a replay.
        called = select(DeadlineRow.case_id).where(
            col(DeadlineRow.step).in_({step.id for step in steps if step.called_by})
        )
        statement = select(CaseFile).where(
            among(col(CaseFile.organisation_id), await branches_below(session, organisation_id)),
            col(CaseFile.status).in_(ACTIVE),
            or_(col(CaseFile.stage).in_(stages), col(CaseFile.id).in_(called)),
        )
        return (await session.exec(statement.order_by(col(CaseFile.opened_on)))).all()

    async def convene(
        self, act: Act, actor: Actor, body: Body, organisation_id: str, case_ids: tuple[str, ...]
    ) -> MeetingView:
        """Convene a meeting with an agenda. Raises NotAllowed, and StepNotOpen for a case that
        can't be decided today; then nothing is stored."""
        async with self.database.act(act, actor) as work:
            session = work.session
            await require_body(session, actor, body, organisation_id)
            if not work.repeated:
                row = MeetingRow(
                    body=body.value,
                    organisation_id=organisation_id,
                    convened_by=actor.person_id,
                    convened_at=act.at,
                )
                session.add(row)
                await session.flush()
                await self._invite(work, row, tuple(dict.fromkeys(case_ids)))
                await work.done("convene", row.id)
            row = await session.get_one(MeetingRow, work.result)
            return await view_of(session, row, self.procedure)

    async def _invite(self, work: Work, row: MeetingRow, case_ids: tuple[str, ...]) -> None:
        session = work.session
        below = await branches_below(session, row.organisation_id)
        statement = select(CaseFile).where(
            among(col(CaseFile.id), case_ids), among(col(CaseFile.organisation_id), below)
        )
        cases = (await session.exec(statement)).all()
        if missing := set(case_ids) - {case.id for case in cases}:
            raise NotAllowed(min(missing))
        known = await self._matters(session, Body(row.body), cases, day_of(work.act.at))
        # In the order given: candidates are voted on one by one (docs/procedure.md § 2).
        for place, case_id in enumerate(case_ids, 1):
            step = _ready(case_id, known[case_id])
            session.add(AgendaRow(meeting_id=row.id, place=place, case_id=case_id, step=step.id))
        await session.flush()

    async def mine(self, actor: Actor) -> tuple[MeetingView, ...]:
        """Return the open meetings of the actor's bodies, the newest first."""
        async with self.database.read() as session:
            own = {(body.value, place) for body, place, _ in bodies_of(actor)}
            statement = select(MeetingRow).where(
                MeetingRow.state != MeetingState.CLOSED,
                col(MeetingRow.organisation_id).in_({place for _, place in own}),
            )
            rows = (
                await session.exec(statement.order_by(col(MeetingRow.convened_at).desc()))
            ).all()
            shown = [row for row in rows if (row.body, row.organisation_id) in own]
            return tuple([await view_of(session, row, self.procedure) for row in shown])

    async def meeting(self, actor: Actor, meeting_id: str) -> MeetingView:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            row = await self.row(session, actor, meeting_id)
            return await view_of(session, row, self.procedure)

    async def row(self, session: AsyncSession, actor: Actor, meeting_id: str) -> MeetingRow:
        """Return the row of a meeting of the actor's bodies. Raises NotAllowed, also where there is
        none."""
        row = await session.get(MeetingRow, meeting_id)
        if row is None:
            raise NotAllowed(meeting_id)
        await require_body(session, actor, Body(row.body), row.organisation_id)
        return row

    async def cancel(self, act: Act, actor: Actor, meeting_id: str) -> None:
        """Delete a meeting at which nobody was voted on. Raises NotAllowed, StepNotOpen after the
        first vote, which stands in its case."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return
            row = await self.row(work.session, actor, meeting_id)
            items = await agenda_of(work.session, row)
            if any(item.decided for item in items):
                raise StepNotOpen(meeting_id, (Problem(ProblemCode.ALREADY_VOTED),))
            for item in items:
                await work.session.delete(item)
            await work.session.flush()
            await work.session.delete(row)
            await work.done("cancel_meeting", meeting_id)

    async def adjourn(self, act: Act, actor: Actor, meeting_id: str) -> MeetingView:
        """Close a meeting and free those not voted on for another one; what was voted stands.
        Raises NotAllowed, StepNotOpen where nobody was voted on, or everybody."""
        async with self.database.act(act, actor) as work:
            row = await self.row(work.session, actor, meeting_id)
            if not work.repeated:
                items = await agenda_of(work.session, row)
                rest = [item for item in items if not item.decided]
                # Without any vote there is nothing to keep: such a meeting is cancelled.
                if not rest or len(rest) == len(items):
                    raise StepNotOpen(meeting_id, (Problem(ProblemCode.STEP_NOT_OPEN),))
                for item in rest:
                    await work.session.delete(item)
                row.state = MeetingState.CLOSED
                work.session.add(row)
                await work.session.flush()
                await work.done("adjourn_meeting", meeting_id)
            return await view_of(work.session, row, self.procedure)

    async def preview(
        self, actor: Actor, meeting_id: str, today: date, answers: Answers | None = None
    ) -> tuple[MeetingView, Preview]:
        """Return a meeting with what it asks once for all, and whether votes may be taken. Without
        `answers` by those stored. Raises NotAllowed."""
        async with self.database.read() as session:
            row = await self.row(session, actor, meeting_id)
            view = await view_of(session, row, self.procedure)
            if answers is None:
                view = replace(view, known=await _known(session, row, view, today))
        if answers is None:
            answers = {**view.known, **view.answers}
        first = view.opening
        problems = opening_problems(first, answers, today)
        return view, Preview(fields_to_ask(first, answers), problems, quorum(first, answers))

    async def keep(self, act: Act, actor: Actor, meeting_id: str, answers: Answers) -> None:
        """Store a draft of what is asked once, until the meeting begins. Raises NotAllowed."""
        async with self.database.write() as session:
            row = await self.row(session, actor, meeting_id)
            # Once votes are taken, only `begin` may change the numbers they are counted against.
            if row.state == MeetingState.DRAFT:
                agenda = await read_agenda(session, row, self.procedure)
                row.answers = _asked(agenda.opening, answers)
                session.add(row)

    async def begin(self, act: Act, actor: Actor, meeting_id: str, answers: Answers) -> MeetingView:
        """Store who is present and what was read out, so that votes may be taken. Called again when
        somebody leaves: the new numbers hold for the votes still to come. Raises NotAllowed,
        StepNotOpen after the last vote, AnswersRefused without a quorum."""
        async with self.database.act(act, actor) as work:
            row = await self.row(work.session, actor, meeting_id)
            agenda = await read_agenda(work.session, row, self.procedure)
            if not work.repeated:
                if all(item.decided for item in agenda.items):
                    raise StepNotOpen(meeting_id, (Problem(ProblemCode.ALREADY_VOTED),))
                if problems := opening_problems(agenda.opening, answers, day_of(act.at)):
                    raise AnswersRefused(problems)
                row.answers = _asked(agenda.opening, answers)
                day = answers[DAY]
                assert isinstance(day, date)
                row.state, row.held_on = MeetingState.VOTING, day
                work.session.add(row)
                await work.done("begin_meeting", meeting_id)
            return await view_of(work.session, row, self.procedure, agenda)


async def _known(
    session: AsyncSession, row: MeetingRow, view: MeetingView, today: date
) -> dict[str, Value]:
    """Return what answers a meeting's questions before anybody does: the day, and who may vote, as
    the roster says or the last meeting of the same body."""
    statement = select(MeetingRow).where(
        MeetingRow.organisation_id == row.organisation_id,
        MeetingRow.body == row.body,
        MeetingRow.id != row.id,
        MeetingRow.state != MeetingState.DRAFT,
    )
    last = (
        await session.exec(statement.order_by(col(MeetingRow.convened_at).desc()).limit(1))
    ).first()
    before = last.answers if last and last.answers else {}
    entitled = whole_list(view.roster.entitled)
    given: Mapping[str, Callable[[str], Value | None]] = {
        TODAY: lambda _: today,
        MEMBERS: lambda _: entitled,
        LAST: before.get,
    }
    found: dict[str, Value] = {}
    for field in view.opening.fields:
        values = [given[known](field.id) for known in field.known_from if known in given]
        if value := next((value for value in values if value), None):
            found[field.id] = value
    return found


def _asked(opening: Step, answers: Answers) -> dict[str, object]:
    """Return the answers to what a meeting asks once, and nothing else."""
    # Totals only: there is no place for who voted how (docs/procedure.md § 2).
    asked = {field.id for field in opening.fields}
    return {name: value for name, value in answers.items() if name in asked}


def _ready(case_id: str, known: Matter | None) -> Step:
    """Return the step on which a body votes. Raises StepNotOpen where it can't today."""
    if known is None:
        raise StepNotOpen(case_id, (Problem(ProblemCode.STEP_NOT_OPEN),))
    if known.why:
        raise StepNotOpen(known.step.id, tuple(problem_of(item) for item in known.why))
    return known.step
