"""Cases: opening one, lists, and the card of a case with its entries, as one reader sees them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.answers import people_in
from domain.case.facts import ProblemCode, Progress, Status
from domain.case.progress import assess
from domain.case.urgency import nearest
from domain.organisations import BRANCH
from domain.permissions import DEPARTMENT_ROLES, ActPlace, Permission, may, roles_at
from domain.reports import RegisterState
from domain.rulebook.schema import Role
from domain.writing.names import alike, named_in, tidy
from models import (
    AuditLine,
    BreachRow,
    CaseFile,
    EntryRow,
    Organisation,
    Person,
    ReportCase,
    ReportRow,
)
from services.casefile.case_cache import CaseCache
from services.casefile.derive import rederive
from services.casefile.load import (
    CaseInHand,
    LoadedCase,
    load_case,
    place_in,
    sound_of_many,
)
from services.casefile.procedure import Procedure
from services.casefile.signatures import Task, asked, given, on_paper, task
from services.cases.gone import gone
from services.cases.removal import remove, untouched
from services.cases.search import fitting, page_of
from services.cases.views import CaseCard, CaseLine, CaseStanding, EntryLine, Page
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.people.scope import case_for, name_of, names_of, path_of
from services.people.views import Actor
from services.plans.items import acting

OPENED = "open_case"
"""The audit line of it."""
CHUNK = 200
"""Cases read at a time: all their rows are in memory."""
OVER = (Status.ENDED.value, Status.ARCHIVED.value)


@dataclass
class Cases:
    """`kept`: as in `services.cases.forms`; `dates`: as in `services.cases.record`."""

    database: Database
    procedure: Procedure
    kept: CaseCache
    dates: bool = True

    async def open(self, act: Act, actor: Actor, name: str, organisation_id: str) -> CaseCard:
        """Open a case for `name` under the rulebook in force, and return its card. Raises
        NotAllowed."""
        async with self.database.act(act, actor, organisation_id) as work:
            case = (
                await work.session.get_one(CaseFile, work.result)
                if work.repeated
                else await self._open(work, actor, name, organisation_id)
            )
            loaded = await load_case(work.session, case, self.procedure)
            hand = CaseInHand(loaded, await place_in(work.session, actor, loaded))
            return await card_of(work.session, actor, hand, self.procedure, day_of(act.at))

    async def _open(self, work: Work, actor: Actor, name: str, organisation_id: str) -> CaseFile:
        session = work.session
        place = ActPlace(organisation_id, await path_of(session, organisation_id))
        row = await session.get(Organisation, organisation_id)
        if row is None or row.level != BRANCH or not may(Permission.OPEN_CASE, actor.posts, place):
            raise NotAllowed(organisation_id)
        case = CaseFile(
            organisation_id=organisation_id,
            rulebook=self.procedure.current.id,
            opened_on=day_of(work.act.at),
        )
        case.person = tidy(name)
        session.add(case)
        await session.flush()
        if self.dates:
            loaded = await load_case(session, case, self.procedure)
            await rederive(session, loaded, self.procedure, day_of(work.act.at))
        await work.done(OPENED, case.id, chain=case.id)
        return case

    async def undo(self, act: Act, actor: Actor, case_id: str) -> bool:
        """Take a case out again that the actor has opened today by an oversight; its audit lines
        stay. False where it is of another day or isn't as it was opened, for one reason as for the
        other: whoever leads a case must not learn that there is a report on it. Raises
        NotAllowed."""
        async with self.database.act(act, actor, case_id) as work:
            if work.repeated:
                return bool(work.result)
            case, _ = await case_for(work.session, actor, case_id, Permission.OPEN_CASE)
            if not await _opened_by(work.session, actor, case_id):
                raise NotAllowed(case_id)
            fresh = case.opened_on == day_of(act.at)
            done = fresh and await untouched(work.session, case_id)
            if done:
                await remove(work.session, (case,))
            # Note a refusal too: handled again, the press must not take out what it left.
            await work.done("undo_opening", done, chain=case_id)
            return done

    async def card(self, actor: Actor, case_id: str, today: date) -> CaseCard:
        """Return the card of a case. Raises NotAllowed, also where there is none."""
        async with self.database.look() as session:
            see = Permission.SEE_CASE
            hand = await self.kept.look(session, actor, case_id, self.procedure, see)
            return await card_of(session, actor, hand, self.procedure, today)

    async def search(
        self, actor: Actor, today: date, text: str = "", page: int = 0, size: int = 8
    ) -> Page:
        """Return a page (from 0) of the cases within reach whose name contains `text`, the newest
        first; "" finds all."""
        async with self.database.read() as session:
            shown, number, total = await page_of(session, actor, tidy(text).lower(), page, size)
            lines = await self._lines(session, shown, today)
            return Page(lines, number, max(1, -(-total // size)), total)

    async def namesakes(
        self, actor: Actor, name: str, today: date, opening: Act
    ) -> tuple[CaseLine, ...]:
        """Return the cases within reach, neither ended nor archived, of people whose name is
        written alike, so that nobody is entered twice; none once `opening` was done."""
        async with self.database.read() as session:
            if await self.database.was_done(session, opening):
                return ()
            return await self._running(session, actor, today, partial(alike, name))

    async def opened_by(self, opening: Act) -> bool:
        """Whether this very act has opened its case already."""
        async with self.database.read() as session:
            return await self.database.was_done(session, opening)

    async def named_in(self, actor: Actor, text: str, today: date) -> tuple[CaseLine, ...]:
        """Return the cases within reach, neither ended nor archived, of people whom a text names,
        the newest first."""
        async with self.database.read() as session:
            return await self._running(session, actor, today, partial(named_in, text))

    async def mentioned(self, actor: Actor, text: str, today: date) -> tuple[CaseLine, ...]:
        """Return all cases within reach of people whom a text names, the newest first: whoever asks
        after somebody may ask after an archived one, too."""
        async with self.database.read() as session:
            return await self._fitting(session, actor, today, partial(named_in, text))

    async def _running(
        self, session: AsyncSession, actor: Actor, today: date, fits: Callable[[str], bool]
    ) -> tuple[CaseLine, ...]:
        """Return the cases that aren't over and whose person's name fits."""
        lines = await self._fitting(session, actor, today, fits)
        return tuple(line for line in lines if line.status not in OVER)

    async def _fitting(
        self, session: AsyncSession, actor: Actor, today: date, fits: Callable[[str], bool]
    ) -> tuple[CaseLine, ...]:
        ids = await fitting(session, actor, fits)
        return await self._lines(session, ids, today)

    async def _lines(
        self, session: AsyncSession, ids: Sequence[str], today: date
    ) -> tuple[CaseLine, ...]:
        """Return cases in a line each; those that can't be read are left out."""
        found: list[CaseLine] = []
        for first in range(0, len(ids), CHUNK):
            part = ids[first : first + CHUNK]
            cases = await sound_of_many(session, part, self.procedure)
            places = {loaded.case.organisation_id for loaded in cases.values()}
            names = await names_of(session, places)
            known = (cases[one] for one in part if one in cases)
            found += [self._line(one, names, today) for one in known]
        return tuple(found)

    def _line(self, loaded: LoadedCase, names: Mapping[str, str], today: date) -> CaseLine:
        """Return a case in one line. `names`: of organisations."""
        case = loaded.case
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        stages = {stage.id: stage.title for stage in loaded.book.stages}
        following = progress.next
        return CaseLine(
            case_id=case.id,
            person=case.person,
            organisation=names.get(case.organisation_id, ""),
            stage=progress.standing or stages[progress.stage],
            status=progress.status.value,
            next_title=following.step.title if following else None,
            deadline=nearest(following.deadlines) if following else None,
        )


async def _opened_by(session: AsyncSession, actor: Actor, case_id: str) -> bool:
    """Whether the actor has opened a case, by its audit lines."""
    statement = select(AuditLine).where(
        AuditLine.chain == case_id, AuditLine.act == OPENED, AuditLine.actor == actor.person_id
    )
    return (await session.exec(statement.limit(1))).first() is not None


async def card_of(
    session: AsyncSession, actor: Actor, hand: CaseInHand, procedure: Procedure, today: date
) -> CaseCard:
    """Return the card of a case for a reader who may see it: ask that before."""
    loaded = hand.loaded
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    roles = roles_at(actor.posts, hand.place)
    standing = await standing_of(session, actor, loaded, progress, roles, today)
    entries = await entry_lines(session, loaded, loaded.rows, actor, roles)
    return CaseCard(**vars(standing), entries=entries)


async def standing_of(
    session: AsyncSession,
    actor: Actor,
    loaded: LoadedCase,
    progress: Progress,
    roles: frozenset[Role],
    today: date,
) -> CaseStanding:
    """Return where a case stands for one reader. `roles`: those of `actor` in this case."""
    case = loaded.case
    mine = [
        item
        for item in progress.open
        if await acting(session, actor, case, item.step, roles, today)
    ]
    return CaseStanding(
        case_id=case.id,
        person=case.person,
        organisation=await name_of(session, case.organisation_id),
        rulebook=loaded.book,
        progress=progress,
        helpers=tuple((Role(helper.role), person.name) for helper, person in loaded.helpers),
        mine=tuple(mine),
        anytime=tuple(i.step for i in progress.anytime if roles & set(i.step.actors)),
        breaches=await _breaches(session, case.id),
        # The department alone: whoever leads the case must not learn that there is a report on it.
        open_reports=await _open_reports(session, case) if actor.roles & DEPARTMENT_ROLES else 0,
        gone=await gone(session, case.id) if progress.status is Status.ENDED else None,
    )


async def _open_reports(session: AsyncSession, case: CaseFile) -> int:
    statement = select(ReportRow, ReportCase).where(
        ReportCase.report_id == ReportRow.id,
        ReportCase.case_id == case.id,
        ReportRow.state != RegisterState.CLOSED,
    )
    return len((await session.exec(statement)).all())


async def _breaches(session: AsyncSession, case_id: str) -> int:
    """Return how many breaches of a case aren't cleared. A date that was missed, then entered too
    late, is one breach with two rows."""
    statement = select(BreachRow).where(
        BreachRow.case_id == case_id, col(BreachRow.cleared_on).is_(None)
    )
    rows = (await session.exec(statement)).all()
    late = {(row.step, row.rule) for row in rows if row.code == ProblemCode.TOO_LATE}
    return sum(row.code != ProblemCode.MISSED or (row.step, row.rule) not in late for row in rows)


async def entry_lines(
    session: AsyncSession,
    loaded: LoadedCase,
    rows: Sequence[EntryRow],
    actor: Actor,
    roles: frozenset[Role],
) -> tuple[EntryLine, ...]:
    """Return lines for `rows` of a case. `roles`: those of `actor` in it."""
    # In the register alone: who leads a case isn't told that there was a report on it.
    rows = [row for row in rows if not loaded.book.step(row.step).by_report]
    people = {row.recorded_by for row in rows}
    people |= {one.person_id for row in rows for one in loaded.signatures.get(row.id, ())}
    for entered in rows:
        people |= people_in(loaded.book.step(entered.step), loaded.answers(entered))
    found = await session.exec(select(Person).where(col(Person.id).in_(people)))
    names = {row.id: str(row.name) for row in found}
    return tuple(_entry_line(loaded, row, names, actor, roles) for row in rows)


def _entry_line(
    loaded: LoadedCase,
    row: EntryRow,
    names: Mapping[str, str],
    actor: Actor,
    roles: frozenset[Role],
) -> EntryLine:
    # By the text of its own day: a later one may ask other questions (docs/procedure.md § 6).
    step, rows = loaded.book.step_on(row.step, row.done_on), loaded.signatures.get(row.id, ())
    replaced, brought = row.replaced_by is not None, row.sheet_id is not None
    answers = loaded.answers(row)
    mine = Task()
    if not replaced and not brought:
        mine = task(step, rows, roles, actor.person_id, loaded.helpers)
    return EntryLine(
        entry_id=row.id,
        step=step,
        done_on=row.done_on,
        recorded_by=names[row.recorded_by],
        recorded_at=row.recorded_at,
        answers=answers,
        signed_by=tuple(names[person] for person in given(rows)),
        signed_on_paper=frozenset(names[one.person_id] for one in rows if one.paper_by),
        waits_for=frozenset(step.signed_by) - loaded.entry(row).signed,
        asked=tuple((Role(one.role), names[one.person_id]) for one in asked(rows)),
        on_paper=tuple(names[one.person_id] for one in on_paper(rows, loaded.helpers)),
        mine=mine.role is not None,
        confirms=bool(mine.paper),
        reason=row.reason or "",
        replaced=replaced,
        people={person: names[person] for person in people_in(step, answers) if person in names},
    )
