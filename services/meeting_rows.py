"""Meetings as rows: their agenda, their questions, and how they are shown."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.answers import verdict_of
from domain.ballots import COUNTS
from domain.facts import Answers
from domain.fold import chosen
from domain.meetings import opening, quorum
from domain.schema import Body, Rulebook, Step, Text
from models import AgendaRow, CaseFile, EntryRow, MeetingRow
from services.agenda import roster
from services.case_rows import Procedure
from services.cases import name_of
from services.meeting_views import AgendaLine, MeetingView
from services.plan_rows import newest

DRAFT, VOTING, CLOSED = "draft", "voting", "closed"
NO_TITLE = Text("", "")
"""What a body is called is said by the front door."""


async def agenda_of(session: AsyncSession, row: MeetingRow) -> Sequence[AgendaRow]:
    statement = select(AgendaRow).where(AgendaRow.meeting_id == row.id)
    return (await session.exec(statement.order_by(col(AgendaRow.place)))).all()


def step_of(book: Rulebook, step_id: str) -> Step:
    """A step of the procedure, or one of a plan's levels. Raises KeyError."""
    return next((step for step in book.plan if step.id == step_id), None) or book.step(step_id)


def is_level(book: Rulebook, step_id: str) -> bool:
    """Whether a result goes to the plan and not into the case: a level of the plan is no step."""
    return any(step.id == step_id for step in book.plan)


async def opening_of(session: AsyncSession, row: MeetingRow, procedure: Procedure) -> Step:
    """What the meeting asks once: of all steps on its agenda."""
    steps = []
    for item in await agenda_of(session, row):
        case = await session.get_one(CaseFile, item.case_id)
        steps.append(step_of(procedure.find(case.rulebook), item.step))
    return opening(steps, NO_TITLE)


async def settle(session: AsyncSession, row: MeetingRow, item: AgendaRow) -> bool:
    """A candidate was voted on: the draft goes, and with the last one the meeting closes. Whether
    it did."""
    item.decided, item.answers_sealed = True, None
    session.add(item)
    await session.flush()
    over = await next_of(session, row) is None
    if over:
        row.state = CLOSED
        session.add(row)
        await session.flush()
    return over


async def next_of(session: AsyncSession, row: MeetingRow) -> AgendaRow | None:
    """The first on the agenda who wasn't voted on yet."""
    statement = select(AgendaRow).where(
        AgendaRow.meeting_id == row.id, col(AgendaRow.decided).is_(False)
    )
    return (await session.exec(statement.order_by(col(AgendaRow.place)).limit(1))).first()


async def view_of(session: AsyncSession, row: MeetingRow, procedure: Procedure) -> MeetingView:
    first = await opening_of(session, row, procedure)
    answers = row.answers or {}
    items = await agenda_of(session, row)
    return MeetingView(
        meeting_id=row.id,
        body=Body(row.body),
        organisation=await name_of(session, row.organisation_id),
        state=row.state,
        opening=first,
        answers=answers,
        lines=tuple([await line_of(session, item, procedure) for item in items]),
        roster=await roster(session, Body(row.body), row.organisation_id),
        verdict=quorum(first, answers),
    )


async def line_of(session: AsyncSession, item: AgendaRow, procedure: Procedure) -> AgendaLine:
    case = await session.get_one(CaseFile, item.case_id)
    step = step_of(procedure.find(case.rulebook), item.step)
    answers = await _result(session, item)
    counts = {field.count: field.id for field in step.fields if field.count}
    return AgendaLine(
        item_id=item.id,
        case_id=case.id,
        person=case.person,
        step=step,
        decided=item.decided,
        totals={c: answers[counts[c]] for c in COUNTS if counts.get(c, "") in answers},
        conclusion=next((option.text for option in chosen(step, answers)), None),
        verdict=verdict_of(step, answers),
    )


async def _result(session: AsyncSession, item: AgendaRow) -> Answers:
    """Where the totals of a decided candidate stand: in the entry, or in the plan."""
    if not item.decided:
        return {}
    if item.entry_id is None:
        plan = await newest(session, item.case_id)
        found: Answers = (plan.assessment if plan else None) or {}
        return found
    row = await session.get_one(EntryRow, item.entry_id)
    while row.replaced_by is not None:
        row = await session.get_one(EntryRow, row.replaced_by)
    current: Answers = row.answers
    return current
