"""Meetings: an agenda of several candidates voted on one by one, their numbers entered once.

A meeting stores who was there and what was gone through; the result of each candidate's ballot is
entered as the step of their case, by `services.cases.record` and with all its checks.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.calendar.office_hours import day_of
from domain.case.answers import fields_to_ask
from domain.case.facts import Answers, Problem, ProblemCode
from domain.meetings import answers_of, of_plan, opening_problems, own_fields, quorum
from domain.rulebook.schema import Role, Step
from domain.states import MeetingState, PlanState
from models import AgendaRow, CaseFile, MeetingRow
from services.casefile.update_context import UpdateContext
from services.cases.record import Entered, Steps
from services.cases.views import Form, Preview
from services.core.acts import Act
from services.core.database import Work
from services.core.errors import AnswersRefused, NotAllowed, StepNotOpen
from services.meetings.agenda import is_level, line_of, next_of, settle, step_of
from services.meetings.convening import Convening
from services.meetings.views import VoteOutcome
from services.people.responsible_for import responsible_for
from services.people.views import Actor
from services.plans.items import assess_name, at_level, newest, tell_level
from services.plans.plans import tell_returned


@dataclass
class Meetings(Convening):
    """Convening, and the votes."""

    steps: Steps

    async def form(self, actor: Actor, item_id: str, today: date) -> Form:
        """Return what is asked of one candidate, with a draft. Raises NotAllowed; StepNotOpen
        before the quorum was counted, and for somebody already voted on."""
        async with self.database.read() as session:
            row, item, case = await self._item(session, actor, item_id)
            self._refuse(row, item)
            step = step_of(self.procedure.find(case.rulebook), item.step)
            # What is the same for all was asked once, when the meeting began.
            own = replace(step, fields=own_fields(step, step.fields))
            return Form(case.id, case.person, own, item.answers or {}, {})

    def _refuse(self, row: MeetingRow, item: AgendaRow) -> None:
        if item.decided:
            raise StepNotOpen(item.step, (Problem(ProblemCode.ALREADY_VOTED),))
        if row.state != MeetingState.VOTING:
            raise StepNotOpen(item.step, (Problem(ProblemCode.QUORUM_FIRST),))

    async def _item(
        self, session: AsyncSession, actor: Actor, item_id: str
    ) -> tuple[MeetingRow, AgendaRow, CaseFile]:
        item = await session.get(AgendaRow, item_id)
        if item is None:
            raise NotAllowed(item_id)
        row = await self.row(session, actor, item.meeting_id)
        return row, item, await session.get_one(CaseFile, item.case_id)

    async def preview_of(
        self,
        actor: Actor,
        item_id: str,
        answers: Answers,
        today: date,
        update: UpdateContext | None = None,
    ) -> Preview:
        """Return what would follow from one candidate's numbers. Raises NotAllowed."""
        async with self.database.read() as session:
            row, item, case = await self._item(session, actor, item_id)
            step = step_of(self.procedure.find(case.rulebook), item.step)
            whole = await self._whole(session, row, item, step, answers)
        # A level of the plan is no step of the case, whose checks don't know it.
        if self._in_plan(case, step):
            asked, verdict = fields_to_ask(step, whole), quorum(step, whole)
            found = Preview(asked, opening_problems(step, whole, today), verdict)
        else:
            found = await self.steps.preview(
                actor, case.id, step.id, whole, today, by_body=True, update=update
            )
        return replace(found, fields=own_fields(step, found.fields))

    def _in_plan(self, case: CaseFile, step: Step) -> bool:
        return is_level(self.procedure.find(case.rulebook), step.id)

    async def _whole(
        self, session: AsyncSession, row: MeetingRow, item: AgendaRow, step: Step, own: Answers
    ) -> Answers:
        """Merge the answers to a whole step: the meeting's, the candidate's, the plan's year."""
        # Merged at each vote: who is present may be counted again between two of them.
        answers = answers_of(step, row.answers or {}, own)
        plan = await newest(session, item.case_id) if step.planned else None
        return {**answers, **of_plan(step, plan.year)} if plan else answers

    async def keep_of(self, act: Act, actor: Actor, item_id: str, answers: Answers) -> None:
        """Store a draft of one candidate's numbers. Raises NotAllowed."""
        async with self.database.write() as session:
            _, item, case = await self._item(session, actor, item_id)
            step = step_of(self.procedure.find(case.rulebook), item.step)
            asked = {field.id for field in own_fields(step, step.fields)}
            if not item.decided:
                item.answers = {k: v for k, v in answers.items() if k in asked}
                session.add(item)

    async def decide(
        self,
        act: Act,
        actor: Actor,
        item_id: str,
        answers: Answers,
        update: UpdateContext | None = None,
        read: frozenset[str] | None = None,
    ) -> VoteOutcome:
        """Enter the vote on one candidate in their case. `read`: as for `Steps.record`. Raises
        NotAllowed, StepNotOpen, AnswersRefused, UnreadNotes; then nothing is stored."""
        async with self.database.act(act, actor, *_of_item(item_id)) as work:
            row, item, case = await self._item(work.session, actor, item_id)
            step = step_of(self.procedure.find(case.rulebook), item.step)
            entered, level = None, self._in_plan(case, step)
            if work.repeated:
                # Settled the first time: now it would be refused as already voted on.
                rest = await next_of(work.session, row)
            else:
                self._refuse(row, item)
                whole = await self._whole(work.session, row, item, step, answers)
                entered = await self._decide(work, actor, item, case, step, whole, update, read)
                rest = await settle(work.session, row, item)
                if level and rest is None:
                    await self._tell_organisers(work, actor, row, case)
            recorded = None if level else await self.steps.recorded(work, actor, entered, update)
            line = await line_of(work.session, item, self.procedure)
            following = await line_of(work.session, rest, self.procedure) if rest else None
        return VoteOutcome(row.id, line, recorded, following)

    async def _decide(
        self,
        work: Work,
        actor: Actor,
        item: AgendaRow,
        case: CaseFile,
        step: Step,
        whole: Answers,
        update: UpdateContext | None,
        read: frozenset[str] | None,
    ) -> Entered | None:
        """Enter the result in the case, or in the plan for a level of it, and then return None."""
        if self._in_plan(case, step):
            await self._assess(work, actor, case, step, whole)
            return None
        entered = await self.steps.enter(work, actor, case.id, step.id, whole, True, update, read)
        if step.planned:
            await self._tell_committee(work, actor, case)
        # `enter` has ended the act, with the id of its entry as the result.
        item.entry_id = str(work.result)
        return entered

    async def _tell_committee(self, work: Work, actor: Actor, case: CaseFile) -> None:
        """Tell the committee of a name that wasn't accepted: no next step will ask it for
        anything."""
        plan = await newest(work.session, case.id)
        if plan is not None and plan.state != PlanState.ACCEPTED:
            people = await at_level(work.session, case.organisation_id, Role.COMMITTEE)
            told = {"year": plan.year, "level": "decided", "item": plan.id}
            await tell_level(work, actor, people, self.procedure, **told)

    async def _tell_organisers(
        self, work: Work, actor: Actor, row: MeetingRow, case: CaseFile
    ) -> None:
        """Tell the responsible organiser, or the director where none is named yet, that names wait.
        Once for all names of a meeting, after the last of them."""
        session, place = work.session, row.organisation_id
        plan = await newest(session, case.id)
        known = await responsible_for(session, [place])
        people = known.values() or await at_level(session, place, Role.DIRECTOR)
        if plan is not None:
            told = {"year": plan.year, "level": PlanState.FORWARDED.value}
            await tell_level(work, actor, people, self.procedure, **told)

    async def _assess(
        self, work: Work, actor: Actor, case: CaseFile, step: Step, answers: Answers
    ) -> None:
        """Send a name of the plan up, or back to the branch with the reason. Raises AnswersRefused,
        StepNotOpen."""
        if problems := opening_problems(step, answers, day_of(work.act.at)):
            raise AnswersRefused(problems)
        plan = await newest(work.session, case.id)
        # Another meeting of the body may have voted on the name since.
        if plan is None or plan.state != PlanState.PROPOSED:
            raise StepNotOpen(step.id, (Problem(ProblemCode.NOT_AT_LEVEL),))
        if await assess_name(work, plan, step, answers) is PlanState.RETURNED:
            await tell_returned(work, actor, plan, case, self.procedure)
        await work.done("assess_for_plan", plan.id, chain=case.id)


def _of_item(item_id: str) -> tuple[SelectOfScalar[str], ...]:
    """Ask for the meeting and for the case of an item."""
    item = AgendaRow.id == item_id
    return select(AgendaRow.meeting_id).where(item), select(AgendaRow.case_id).where(item)
