"""Write rows of the register, for acts and jobs alike: whom to tell, what a report does to its
case."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, next_open
from domain.case.progress import assess
from domain.case.reports import answers_of
from domain.reports import HOLDING, RegisterState
from domain.rulebook.schema import Role
from models import CaseFile, EntryRow, ReportCase, ReportRow
from services.casefile.derive import hold_case, rederive, release_case
from services.casefile.load import LoadedCase, load_case
from services.casefile.procedure import Procedure
from services.cases.announcements import CHANGED, YOUR_TURN, holders
from services.core.database import Work
from services.core.ports import URGENT, Message
from services.messages.queue import enqueue, enqueue_all
from services.people.permitted import people_in
from services.people.views import Actor
from services.reports.register import REPORT, cases_of, links_of, partial_in


async def tell(
    session: AsyncSession,
    row: ReportRow,
    people: Iterable[str],
    slot: str,
    at: datetime,
    letter: bool = False,
) -> int:
    """Queue a message that a report, or a further letter, waits; never what it says. Returns how
    many are told for the first time. `at`: when it is due, a moment within the hours."""
    payload = {"report": row.id, "letter": letter}
    return await enqueue(
        session, people, Message(f"report:{row.id}", REPORT, slot, payload, at, URGENT)
    )


async def directors(session: AsyncSession, row: ReportRow) -> tuple[str, ...]:
    """Return who gives the instruction: the directors without a part in a case that the report is
    about; where all have one, the organisers without one, so that somebody hears of it."""
    partial = await partial_in(session, await cases_of(session, row.id))
    for role in (Role.DIRECTOR, Role.ORGANISER):
        people = await people_in(session, (role,))
        if found := tuple(person for person in people if person not in partial):
            return found
    return ()


async def in_charge(session: AsyncSession, row: ReportRow) -> tuple[str, ...]:
    """Return the organiser named for a report, else those who name one."""
    return (row.organiser_id,) if row.organiser_id else await directors(session, row)


async def enter(
    session: AsyncSession,
    row: ReportRow,
    cases: Sequence[str],
    procedure: Procedure,
    now: datetime,
) -> None:
    """Store a new report, hold the cases it is about, and tell who gives the instruction."""
    session.add(row)
    await session.flush()
    for number, case_id in enumerate(cases):
        await _hold(session, row, case_id, number, procedure, day_of(now))
    at = next_open(now, procedure.calendar)
    await tell(session, row, await directors(session, row), "received", at)


async def _hold(
    session: AsyncSession,
    row: ReportRow,
    case_id: str,
    number: int,
    procedure: Procedure,
    today: date,
) -> None:
    session.add(ReportCase(report_id=row.id, case_id=case_id, number=number))
    await session.flush()
    await hold_case(session, case_id, REPORT, today)
    await settle(session, case_id, procedure, today)


async def relink(
    session: AsyncSession,
    row: ReportRow,
    cases: Sequence[str],
    procedure: Procedure,
    now: datetime,
) -> None:
    """Make a report one about these cases: those are held, one named before by mistake no longer.
    An organiser with a part in one of them checks the report no longer; whoever may give the
    instruction now is told."""
    links, today = await links_of(session, row.id), day_of(now)
    earlier = {link.case_id for link in links}
    if earlier == set(cases):
        return
    for link in links:
        if link.case_id not in cases:
            await session.delete(link)
            await session.flush()
            await release(session, link.case_id, procedure, today)
    following = max((link.number for link in links), default=-1) + 1
    for number, case_id in enumerate((of for of in cases if of not in earlier), following):
        await _hold(session, row, case_id, number, procedure, today)
    if row.organiser_id in await partial_in(session, cases):
        row.organiser_id, row.state = None, RegisterState.NEW
        session.add(row)
        await session.flush()
    if row.organiser_id is None:
        # The slot of its receipt: only whoever hasn't heard of it hears now.
        at = next_open(now, procedure.calendar)
        await tell(session, row, await directors(session, row), "received", at)


async def close(
    session: AsyncSession, row: ReportRow, finding: str, procedure: Procedure, today: date
) -> None:
    """Close a report; the last open one of a case releases it."""
    row.state, row.finding, row.closed_on = RegisterState.CLOSED, finding, today
    session.add(row)
    await session.flush()
    for case_id in await cases_of(session, row.id):
        await release(session, case_id, procedure, today)


async def release(session: AsyncSession, case_id: str, procedure: Procedure, today: date) -> None:
    """Release a case that no report holds any more, and derive it anew."""
    # HOLDING leaves out letters after the answer: one a week would hold a case for ever
    # (docs/decisions/0012).
    others = (
        select(ReportRow, ReportCase)
        .where(ReportCase.report_id == ReportRow.id, ReportCase.case_id == case_id)
        .where(col(ReportRow.state).in_(HOLDING))
    )
    if not (await session.exec(others)).first():
        await release_case(session, case_id, REPORT, today)
    await settle(session, case_id, procedure, today)


async def settle(session: AsyncSession, case_id: str, procedure: Procedure, today: date) -> None:
    """Derive anew what is stored of a case after a hold or finding has changed."""
    case = await session.get_one(CaseFile, case_id)
    await rederive(session, await load_case(session, case, procedure), procedure, today)


async def enter_finding(
    work: Work, actor: Actor, link: ReportCase, finding_id: str, loaded: LoadedCase
) -> None:
    """Enter a finding in a case that the report is about. It replaces an earlier finding of the
    same report, and what was decided on that lapses."""
    step, today = loaded.book.reported, day_of(work.act.at)
    # The same finding again keeps its entry, and with it what was decided on it.
    if step is None or (link.entry_id and finding_id == link.finding):
        link.finding = finding_id
        return
    entry = EntryRow(
        case_id=loaded.case.id,
        number=max((known.number for known in loaded.rows), default=0) + 1,
        step=step.id,
        done_on=today,
        rulebook=loaded.book.on(today).id,
        recorded_at=work.act.at,
        recorded_by=actor.person_id,
    )
    entry.answers = dict(answers_of(step, finding_id, today))
    work.session.add(entry)
    await work.session.flush()
    for earlier in loaded.rows:
        if earlier.id == link.entry_id:
            earlier.replaced_by = entry.id
            work.session.add(earlier)
    link.entry_id, link.finding = entry.id, finding_id
    work.session.add(link)
    await work.session.flush()


async def tell_deciders(work: Work, actor: Actor, link: ReportCase, procedure: Procedure) -> None:
    """Tell those who decide on a finding that it is their turn."""
    case = await work.session.get_one(CaseFile, link.case_id)
    loaded = await load_case(work.session, case, procedure)
    today, at = day_of(work.act.at), next_open(work.act.at, procedure.calendar)
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    told: dict[str, Message] = {}
    for item in progress.called:
        if loaded.row_of(item.call) != link.entry_id:
            continue
        payload = {"case": case.id, "step": item.step.id, "entry": link.entry_id}
        message = Message(f"{case.id}:{item.step.id}", YOUR_TURN, link.entry_id or "", payload, at)
        # Branch and committee hear by `tell_branch`, which doesn't say that there was a report.
        deciding = set(item.step.actors) - {Role.SECRETARY, Role.COMMITTEE}
        people = await holders(work.session, loaded, deciding)
        told |= {person: message for person in people if person != actor.person_id}
    await enqueue_all(work.session, told)


async def tell_branch(work: Work, case_id: str, slot: str, procedure: Procedure) -> None:
    """Tell branch and committee that something changed, not that there was a report."""
    case = await work.session.get_one(CaseFile, case_id)
    loaded = await load_case(work.session, case, procedure)
    people = await holders(work.session, loaded, (Role.SECRETARY, Role.COMMITTEE))
    at = next_open(work.act.at, procedure.calendar)
    message = Message(f"{case_id}:held", CHANGED, slot[:40], {"case": case_id}, at)
    await enqueue(work.session, people, message)
