"""Cases that a sheet brings: entered with the days they had, judged by the rules of those days,
told to nobody, and taken back where nobody has touched them since."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.date_check import judged
from domain.permissions import Permission, Place, may
from domain.writing.names import tidy
from models import AuditLine, CaseFile, CaseHelper, EntryRow
from services.casefile.breaches import note_breaches
from services.casefile.derive import rederive
from services.casefile.load import LoadedCase, helping, load_case
from services.casefile.procedure import Procedure
from services.cases.removal import remove, touched
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.people.scope import path_of
from services.people.views import Actor

AT_A_TIME = 200
"""Cases read at a time: each is a parameter of a query."""
BROUGHT = "bring_case"
"""The audit line of it."""


@dataclass
class Brought:
    """Acts of a sheet, one for each of its lines: so short that nobody waits for them."""

    database: Database
    procedure: Procedure

    async def bring(
        self,
        act: Act,
        actor: Actor,
        sheet_id: str,
        line: Mapping[str, Any],
        names: dict[str, str],
    ) -> str:
        """Enter a line, and return the title of the next step of its case; "" where the case was
        changed or opened by somebody else since the line was judged, and then nothing is stored.
        `names`: kept from line to line, by id, of cases that were read. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            await self._require(work.session, actor, line["place"])
            loaded = None
            if line["case"]:
                loaded = await self._change(work, actor, sheet_id, line)
            elif not await _opened_since(work.session, sheet_id, line, names):
                loaded = await self._open(work, actor, sheet_id, line)
            title = "" if loaded is None else await self._derive(work, loaded)
            chain = loaded.case.id if loaded else None
            await (work.done(BROUGHT, title, chain=chain) if chain else work.done(BROUGHT, title))
            return title

    async def _require(self, session: AsyncSession, actor: Actor, place_id: str) -> None:
        place = Place(place_id, await path_of(session, place_id))
        if not may(Permission.TAKE_OVER, actor.posts, place):
            raise NotAllowed(place_id)

    async def _open(
        self, work: Work, actor: Actor, sheet_id: str, line: Mapping[str, Any]
    ) -> LoadedCase:
        session, book = work.session, self.procedure.current
        case = CaseFile(
            organisation_id=line["place"], rulebook=book.id, opened_on=day_of(work.act.at)
        )
        case.person = line["name"]
        session.add(case)
        # First, since the entries refer to it and no relationship says so.
        await session.flush()
        rows = tuple(self._row(work, actor, sheet_id, case, item) for item in line["entries"])
        session.add_all(rows)
        for role, person in line["helpers"]:
            helper = CaseHelper(case_id=case.id, person_id=person, role=role, since=work.act.at)
            session.add(helper)
        await session.flush()
        helpers = await helping(session, case.id) if line["helpers"] else ()
        return LoadedCase(case, book, rows, {}, (), helpers)

    async def _change(
        self, work: Work, actor: Actor, sheet_id: str, line: Mapping[str, Any]
    ) -> LoadedCase | None:
        session = work.session
        case = await session.get(CaseFile, line["case"])
        if case is None or case.organisation_id != line["place"]:
            return None
        loaded = await load_case(session, case, self.procedure)
        standing = {row.number: row for row in loaded.rows if row.replaced_by is None}
        # All of them before the first is stored: a line is entered as a whole or not.
        for item in line["entries"]:
            old = standing.get(item["number"])
            if item["replaces"] is (old is None) or (old is not None and not old.sheet_id):
                return None
        for item in line["entries"]:
            old = standing.get(item["number"])
            row = self._row(work, actor, sheet_id, case, item)
            session.add(row)
            await session.flush()
            if old is not None:
                old.replaced_by = row.id
                session.add(old)
        await session.flush()
        return await load_case(session, case, self.procedure)

    def _row(
        self, work: Work, actor: Actor, sheet_id: str, case: CaseFile, item: Mapping[str, Any]
    ) -> EntryRow:
        row = EntryRow(
            case_id=case.id,
            number=item["number"],
            step=item["step"],
            done_on=item["day"],
            rulebook=self.procedure.find(case.rulebook).on(item["day"]).id,
            recorded_at=work.act.at,
            recorded_by=actor.person_id,
            sheet_id=sheet_id,
        )
        row.answers = dict(item["answers"])
        return row

    async def _derive(self, work: Work, loaded: LoadedCase) -> str:
        today = day_of(work.act.at)
        judged(loaded.book, loaded.facts, self.procedure.calendar)
        progress = await rederive(work.session, loaded, self.procedure, today)
        await note_breaches(work.session, loaded, progress, self.procedure, today)
        return progress.next.step.title.zh if progress.next else loaded.case.status.value

    async def take_back(
        self, act: Act, actor: Actor, sheet_id: str, line: Mapping[str, Any], brought: Act
    ) -> bool | None:
        """Take a line back that `brought` has entered; False where somebody has touched its case
        since, None where it never came. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return None if work.result is None else bool(work.result)
            await self._require(work.session, actor, line["place"])
            case_id = await self._case_of(work.session, brought)
            if not case_id:
                await work.done("take_back_case")
                return None
            case = await work.session.get(CaseFile, case_id)
            done = case is not None and await self._take_back(work, case, sheet_id, line)
            chain = {"chain": case_id} if done else {}
            await work.done("take_back_case", done, **chain)
            return done

    async def _case_of(self, session: AsyncSession, brought: Act) -> str:
        """The case that an act of a sheet has entered: the chain of its audit line; "" where the
        line stayed out."""
        statement = select(AuditLine).where(AuditLine.act_key == brought.key)
        found = (await session.exec(statement)).first()
        return found.chain if found and found.result else ""

    async def _take_back(
        self, work: Work, case: CaseFile, sheet_id: str, line: Mapping[str, Any]
    ) -> bool:
        session = work.session
        loaded = await load_case(session, case, self.procedure)
        mine = [row for row in loaded.rows if row.sheet_id == sheet_id]
        if not mine or any(row.replaced_by for row in mine):
            return False
        if line["case"]:
            return await self._restore(session, work, loaded, mine)
        if len(mine) != len(loaded.rows) or await touched(session, case.id):
            return False
        await remove(session, case)
        return True

    async def _restore(
        self, session: AsyncSession, work: Work, loaded: LoadedCase, mine: list[EntryRow]
    ) -> bool:
        """Let what a sheet has changed of a case count again as it was, unless something was
        entered since."""
        if any(row.recorded_at > mine[0].recorded_at for row in loaded.rows):
            return False
        fresh = {row.id for row in mine}
        for row in loaded.rows:
            if row.replaced_by in fresh:
                row.replaced_by = None
                session.add(row)
        await session.flush()
        for row in mine:
            await session.delete(row)
        await session.flush()
        await self._derive(work, await load_case(session, loaded.case, self.procedure))
        return True


async def _opened_since(
    session: AsyncSession, sheet_id: str, line: Mapping[str, Any], names: dict[str, str]
) -> bool:
    """Whether somebody has opened a case of that name in that branch since the line was judged: the
    same list is sent by two people."""
    place = CaseFile.organisation_id == line["place"]
    there = set(await session.exec(select(CaseFile.id).where(place)))
    unread = [*(there - names.keys())]
    for first in range(0, len(unread), AT_A_TIME):
        part = unread[first : first + AT_A_TIME]
        for row in await session.exec(select(CaseFile).where(col(CaseFile.id).in_(part))):
            names[row.id] = tidy(row.person).casefold()
    named = tidy(line["name"]).casefold()
    found = [one for one in there - {*line["beside"]} if names.get(one) == named]
    # Of two in one sheet who differ in their birth, both count.
    for one in found:
        own = select(EntryRow.id).where(EntryRow.case_id == one, EntryRow.sheet_id == sheet_id)
        if (await session.exec(own.limit(1))).first() is None:
            return True
    return False
