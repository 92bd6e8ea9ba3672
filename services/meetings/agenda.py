"""Rows of meetings: the agenda, the questions asked once, and their views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.answers import verdict_of
from domain.case.facts import Answers
from domain.case.replay import concluded
from domain.meetings import opening, quorum
from domain.rulebook.ballot_rules import COUNTS
from domain.rulebook.schema import Body, Rulebook, Step, Text
from domain.states import MeetingState
from models import AgendaRow, CaseFile, EntryRow, MeetingRow
from models.in_values import among
from services.casefile.eligibility import roster
from services.casefile.procedure import Procedure
from services.meetings.views import AgendaLine, MeetingView
from services.people.scope import name_of
from services.plans.items import newest_of

NO_TITLE = Text("", "")
"""The front door names the body: texts stand there."""


async def agenda_of(session: AsyncSession, row: MeetingRow) -> Sequence[AgendaRow]:
    """Return the agenda of a meeting, in its order."""
    statement = select(AgendaRow).where(AgendaRow.meeting_id == row.id)
    return (await session.exec(statement.order_by(col(AgendaRow.place)))).all()


def step_of(book: Rulebook, step_id: str) -> Step:
    """Return a step of the procedure or of a level of the plan. Raises KeyError."""
    return next((step for step in book.plan if step.id == step_id), None) or book.step(step_id)


def is_level(book: Rulebook, step_id: str) -> bool:
    """Whether a result goes to the plan and not into the case: a level of the plan is no step."""
    return any(step.id == step_id for step in book.plan)


@dataclass(frozen=True)
class Agenda:
    """Who is on the agenda of a meeting, in its order, with their cases by id. `opening`: as one
    step, the questions asked once for all of them."""

    items: Sequence[AgendaRow]
    cases: Mapping[str, CaseFile]
    opening: Step


async def read_agenda(session: AsyncSession, row: MeetingRow, procedure: Procedure) -> Agenda:
    items = await agenda_of(session, row)
    cases = await _cases_of(session, items)
    return Agenda(items, cases, _opening(items, cases, procedure))


def _opening(
    items: Sequence[AgendaRow], cases: Mapping[str, CaseFile], procedure: Procedure
) -> Step:
    # Cases on one agenda may follow different versions of the rulebook.
    books = [(procedure.find(cases[item.case_id].rulebook), item.step) for item in items]
    return opening([step_of(book, step) for book, step in books], NO_TITLE)


async def _cases_of(session: AsyncSession, items: Sequence[AgendaRow]) -> dict[str, CaseFile]:
    statement = select(CaseFile).where(among(col(CaseFile.id), {item.case_id for item in items}))
    return {case.id: case for case in await session.exec(statement)}


async def settle(session: AsyncSession, row: MeetingRow, item: AgendaRow) -> AgendaRow | None:
    """Note that a candidate was voted on, close the meeting after the last one, and return who is
    next."""
    # The draft goes: its numbers stand in the entry, where they can be corrected.
    item.decided, item.answers_sealed = True, None
    session.add(item)
    await session.flush()
    following = await next_of(session, row)
    if following is None:
        row.state = MeetingState.CLOSED
        session.add(row)
        await session.flush()
    return following


async def next_of(session: AsyncSession, row: MeetingRow) -> AgendaRow | None:
    """Return the first on the agenda who wasn't voted on yet."""
    statement = select(AgendaRow).where(
        AgendaRow.meeting_id == row.id, col(AgendaRow.decided).is_(False)
    )
    return (await session.exec(statement.order_by(col(AgendaRow.place)).limit(1))).first()


async def view_of(
    session: AsyncSession, row: MeetingRow, procedure: Procedure, agenda: Agenda | None = None
) -> MeetingView:
    """`agenda`: where the caller has read it."""
    agenda = agenda or await read_agenda(session, row, procedure)
    answers = row.answers or {}
    return MeetingView(
        meeting_id=row.id,
        body=Body(row.body),
        organisation_id=row.organisation_id,
        organisation=await name_of(session, row.organisation_id),
        state=row.state,
        opening=agenda.opening,
        answers=answers,
        lines=await _lines(session, agenda, procedure),
        roster=await roster(session, Body(row.body), row.organisation_id),
        verdict=quorum(agenda.opening, answers),
    )


async def line_of(session: AsyncSession, item: AgendaRow, procedure: Procedure) -> AgendaLine:
    case = await session.get_one(CaseFile, item.case_id)
    results = await _results(session, [item])
    return _line(item, case, results.get(item.id, {}), procedure)


async def _lines(
    session: AsyncSession, agenda: Agenda, procedure: Procedure
) -> tuple[AgendaLine, ...]:
    results = await _results(session, agenda.items)
    return tuple(
        _line(item, agenda.cases[item.case_id], results.get(item.id, {}), procedure)
        for item in agenda.items
    )


def _line(item: AgendaRow, case: CaseFile, answers: Answers, procedure: Procedure) -> AgendaLine:
    step = step_of(procedure.find(case.rulebook), item.step)
    counts = {field.count: field.id for field in step.fields if field.count}
    conclusion = concluded(step, answers)
    return AgendaLine(
        item_id=item.id,
        case_id=case.id,
        person=case.person,
        step=step,
        decided=item.decided,
        totals={c: answers[counts[c]] for c in COUNTS if counts.get(c, "") in answers},
        conclusion=conclusion.text if conclusion else None,
        verdict=verdict_of(step, answers),
    )


async def _results(session: AsyncSession, items: Sequence[AgendaRow]) -> dict[str, Answers]:
    """Return the answers of decided candidates, by agenda id: from the entry, or from the plan,
    where a level's vote is no entry."""
    entered = {item.id: item.entry_id for item in items if item.decided and item.entry_id}
    by_plan = {item.id: item.case_id for item in items if item.decided and not item.entry_id}
    current = await _current(session, entered.values()) if entered else {}
    plans = await newest_of(session, by_plan.values()) if by_plan else {}
    found: dict[str, Answers] = {i: current[entry].answers for i, entry in entered.items()}
    for item_id, case_id in by_plan.items():
        found[item_id] = (plans[case_id].assessment if case_id in plans else None) or {}
    return found


async def _current(session: AsyncSession, ids: Iterable[str]) -> dict[str, EntryRow]:
    """Return, by the id of an entry, the one that stands in its place now: an agenda names the
    entry that was made at the meeting, which may have been corrected since."""
    found: dict[str, EntryRow] = {}
    wanted = {entry: entry for entry in ids}
    # A correction may have been corrected itself.
    while wanted:
        statement = select(EntryRow).where(among(col(EntryRow.id), wanted))
        rows = {wanted[row.id]: row for row in await session.exec(statement)}
        found |= rows
        wanted = {row.replaced_by: first for first, row in rows.items() if row.replaced_by}
    return found
