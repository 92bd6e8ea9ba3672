"""Cases: opening one, what waits for me, lists, and the card of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import DateKind, Deadline, OpenStep
from domain.case.progress import assess, rests
from domain.case.urgency import RANK, by_day, urgency
from domain.permissions import DEPARTMENT, Place, may, roles_at
from domain.permissions import Act as Permission
from domain.rulebook.schema import Role
from models import (
    CaseFile,
    Draft,
    Organisation,
    ReportRow,
)
from services.casefile.breaches import count_of
from services.casefile.load import LoadedCase, Procedure, load_case, place_in, rederive
from services.casefile.signatures import task
from services.cases.entry_lines import entry_lines
from services.cases.search import found_by, waiting_for
from services.cases.views import CaseCard, CaseLine, Page
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.people.scope import case_for, organisation, path_of
from services.people.views import Actor
from services.plans.items import acting
from services.todo.inspections import checks_waiting
from services.todo.views import TodoItem, Urgency, Waiting

FAR = date(9999, 12, 31)


@dataclass
class Cases:
    """`dates`: as in `services.cases.record`."""

    database: Database
    procedure: Procedure
    dates: bool = True

    async def open(self, act: Act, actor: Actor, name: str, organisation_id: str) -> CaseCard:
        """A new case for `name`, under the rulebook in force. Raises NotAllowed."""
        async with self.database.act(act, actor.person_id) as work:
            case = (
                await work.session.get_one(CaseFile, work.result)
                if work.repeated
                else await self._open(work, actor, name, organisation_id)
            )
            return await card_of(work.session, actor, case, self.procedure, day_of(act.at))

    async def _open(self, work: Work, actor: Actor, name: str, organisation_id: str) -> CaseFile:
        session = work.session
        place = Place(organisation_id, await path_of(session, organisation_id))
        row = await session.get(Organisation, organisation_id)
        if (
            row is None
            or row.level != "branch"
            or not may(Permission.OPEN_CASE, actor.posts, place)
        ):
            raise NotAllowed(organisation_id)
        case = CaseFile(
            organisation_id=organisation_id,
            rulebook=self.procedure.current.id,
            opened_on=day_of(work.act.at),
        )
        case.person = name.strip()
        session.add(case)
        await session.flush()
        if self.dates:
            loaded = await load_case(session, case, self.procedure)
            await rederive(session, loaded, self.procedure, day_of(work.act.at))
        await work.done("open_case", case.id, chain=case.id)
        return case

    async def card(self, actor: Actor, case_id: str, today: date) -> CaseCard:
        """Raises NotAllowed, also where there is no such case."""
        async with self.database.read() as session:
            case, _ = await case_for(session, actor, case_id, Permission.SEE_CASE)
            return await card_of(session, actor, case, self.procedure, today)

    async def search(
        self, actor: Actor, today: date, text: str = "", page: int = 0, size: int = 8
    ) -> Page:
        """Cases within reach whose name holds `text`, the newest first."""
        async with self.database.read() as session:
            ids = await found_by(session, actor, text.strip().lower())
            pages = max(1, -(-len(ids) // size))
            number = min(max(page, 0), pages - 1)
            shown = ids[number * size : (number + 1) * size]
            cases = [await session.get_one(CaseFile, case_id) for case_id in shown]
            lines = [await self._line(session, case, today) for case in cases]
            return Page(tuple(lines), number, pages, len(ids))

    async def _line(self, session: AsyncSession, case: CaseFile, today: date) -> CaseLine:
        loaded = await load_case(session, case, self.procedure)
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        stages = {stage.id: stage.title for stage in loaded.book.stages}
        following = progress.next
        return CaseLine(
            case_id=case.id,
            person=case.person,
            organisation=await name_of(session, case.organisation_id),
            stage=stages[progress.stage],
            status=progress.status.value,
            next_title=following.step.title if following else None,
            deadline=nearest(following.deadlines) if following else None,
        )

    async def todo(self, actor: Actor, today: date) -> tuple[TodoItem, ...]:
        """What waits for this person, the most urgent first."""
        async with self.database.read() as session:
            drafts = await _drafts(session, actor)
            items: list[TodoItem] = []
            for case in await waiting_for(session, actor):
                loaded = await load_case(session, case, self.procedure)
                place = await place_in(session, actor, loaded)
                items += await self._items(session, actor, loaded, place, drafts, today)
            items += await self._reports(session, actor, today)
            items += await checks_waiting(session, actor, today)
            return tuple(sorted(items, key=_order))

    async def _items(
        self,
        session: AsyncSession,
        actor: Actor,
        loaded: LoadedCase,
        place: Place,
        drafts: set[tuple[str, str]],
        today: date,
    ) -> list[TodoItem]:
        roles = roles_at(actor.posts, place)
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        organisation = await name_of(session, loaded.case.organisation_id)
        items = []
        for item in progress.open:
            mine = await acting(session, actor, loaded.case, item.step, roles, today)
            drafted = (loaded.case.id, item.step.id) in drafts
            entry_id, rows = loaded.signing(item.step.id)
            signs = task(item.step, rows, roles, actor.person_id, loaded.helpers)
            waiting = _waiting(item, bool(signs), bool(mine), drafted)
            if waiting is None:
                continue
            deadline = nearest(item.deadlines)
            items.append(
                TodoItem(
                    case_id=loaded.case.id,
                    person=loaded.case.person,
                    organisation=organisation,
                    step=item.step,
                    waiting=waiting,
                    urgency=Urgency(urgency(deadline, today)),
                    deadline=deadline,
                    rests=rests(item, today),
                    entry_id=entry_id if item.waits_for else None,
                )
            )
        return items

    async def _reports(self, session: AsyncSession, actor: Actor, today: date) -> list[TodoItem]:
        """Reports that wait: for the director's instruction, or for the organiser named."""
        waiting = col(ReportRow.organiser_id) == actor.person_id
        if Role.DIRECTOR in actor.roles:
            waiting = waiting | col(ReportRow.organiser_id).is_(None)
        statement = select(ReportRow).where(ReportRow.state != "closed", waiting)
        return [
            TodoItem(
                case_id=row.id,
                person="",
                organisation="",
                step=None,
                waiting=Waiting.REPORT,
                urgency=Urgency(by_day(row.answer_by, today)),
                answer_by=row.answer_by,
            )
            for row in await session.exec(statement)
        ]


def _waiting(item: OpenStep, signs: bool, acting: bool, drafted: bool) -> Waiting | None:
    if item.waits_for:
        return Waiting.SIGN if signs else None
    if not acting or not item.possible:
        return None
    return Waiting.DRAFT if drafted else Waiting.ENTER


def _order(item: TodoItem) -> tuple[int, bool, date, str]:
    on = item.answer_by or (item.deadline.on if item.deadline else FAR)
    return RANK[item.urgency], item.rests, on, item.person


def nearest(deadlines: Iterable[Deadline]) -> Deadline | None:
    """The first date by which something must be done; earliest dates don't press."""
    pressing = [d for d in deadlines if d.kind is not DateKind.EARLIEST]
    return min(pressing, key=lambda deadline: deadline.on, default=None)


async def name_of(session: AsyncSession, organisation_id: str) -> str:
    row = await organisation(session, organisation_id)
    return str(row.name) if row else ""


async def _drafts(session: AsyncSession, actor: Actor) -> set[tuple[str, str]]:
    statement = select(Draft.case_id, Draft.step).where(Draft.person_id == actor.person_id)
    return {(case, step) for case, step in await session.exec(statement)}


async def card_of(
    session: AsyncSession,
    actor: Actor,
    case: CaseFile,
    procedure: Procedure,
    today: date,
    loaded: LoadedCase | None = None,
) -> CaseCard:
    """`loaded`: the case as it stands, where the caller has it."""
    loaded = loaded or await load_case(session, case, procedure)
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    roles = roles_at(actor.posts, await place_in(session, actor, loaded))
    mine = [
        item
        for item in progress.open
        if await acting(session, actor, case, item.step, roles, today)
    ]
    return CaseCard(
        case_id=case.id,
        person=case.person,
        organisation=await name_of(session, case.organisation_id),
        rulebook=loaded.book,
        progress=progress,
        entries=await entry_lines(session, loaded, actor, roles),
        helpers=tuple((Role(helper.role), person.name) for helper, person in loaded.helpers),
        mine=tuple(mine),
        anytime=tuple(i.step for i in progress.anytime if roles & set(i.step.actors)),
        breaches=await count_of(session, case.id),
        open_reports=await _open_reports(session, case) if actor.roles & DEPARTMENT else 0,
    )


async def _open_reports(session: AsyncSession, case: CaseFile) -> int:
    statement = select(ReportRow.id).where(
        ReportRow.case_id == case.id, ReportRow.state != "closed"
    )
    return len((await session.exec(statement)).all())
