"""Cases: opening one, lists, and the card of a case with its entries, as one reader sees them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import Status
from domain.case.progress import assess
from domain.case.urgency import nearest
from domain.organisations import BRANCH
from domain.permissions import ActPlace, Permission, may
from domain.writing.names import alike, named_in, tidy
from models import (
    AuditLine,
    CaseFile,
    Organisation,
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
from services.cases.removal import remove, untouched
from services.cases.search import fitting, page_of
from services.cases.standing import card_of
from services.cases.views import CaseCard, CaseLine, Page
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.people.scope import case_for, names_of, path_of
from services.people.views import Actor

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
            return await self._running(session, actor, today, named_in(text))

    async def mentioned(self, actor: Actor, text: str, today: date) -> tuple[CaseLine, ...]:
        """Return all cases within reach of people whom a text names, the newest first: whoever asks
        after somebody may ask after an archived one, too."""
        async with self.database.read() as session:
            return await self._fitting(session, actor, today, named_in(text))

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
