"""Cases that a sheet brings: entered with the days they had, judged by the rules of those days,
told to nobody, and taken back where nobody has touched them since."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.date_check import judged
from domain.figures.placing import Placed, change, together
from domain.permissions import ActPlace, Permission, may
from domain.rulebook.schema import Rulebook
from domain.writing.names import tidy
from models import (
    AuditLine,
    BreachRow,
    CaseFile,
    CaseHelper,
    CaseWaiting,
    DeadlineRow,
    EntryRow,
)
from models.columns import new_id, seal_json, seal_text
from models.in_values import among
from models.macs import HOUSE, Guarded, with_macs
from services.casefile.breaches import breach_rows, note_breaches
from services.casefile.derive import deadlines, rederive, waiting
from services.casefile.follows import Follows, title_of
from services.casefile.load import LoadedCase, load_case
from services.casefile.procedure import Procedure
from services.casefile.sums import as_stored, move
from services.cases.removal import remove, touched
from services.core.acts import Act
from services.core.audit import Said
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.core.guard import altered, insert_made, refuse_altered
from services.people.scope import know_paths, path_of
from services.people.views import Actor
from services.sheet_lines.lines import Line, Rules, answers_of

AT_A_TIME = 200
"""Cases read at a time: each is a parameter of a query."""
BROUGHT, TAKEN_BACK = "bring_case", "take_back_case"
"""The audit lines of it."""


@dataclass(frozen=True, repr=False)
class _Fresh:
    """A case that a line opens, with all that follows from it, as it is to be stored: `rows` by
    table, each as its values. `counts`: in which figures. `title`: of its next step."""

    act: Act
    line: Line
    case_id: str
    rows: Mapping[type[Guarded], Sequence[Mapping[str, Any]]]
    counts: Placed
    title: str


@dataclass
class SheetCache:
    """What is kept from commit to commit of a sheet. `names`: of cases that were read, by id.
    `held`: seconds that others waited for the last one."""

    names: dict[str, str] = field(default_factory=dict)
    held: float = 0.0


@dataclass
class SheetActs:
    """Acts of a sheet, one for each of its lines: a few share a commit, so short that nobody waits
    long for it."""

    database: Database
    procedure: Procedure

    def rules(self, at: datetime) -> Rules:
        """Return by what the cases are led that are taken over at a time."""
        return Rules(self.procedure.current, self.procedure.calendar, day_of(at))

    async def open(
        self,
        acts: Sequence[Act],
        actor: Actor,
        sheet_id: str,
        lines: Sequence[tuple[Line, Follows]],
        seen: SheetCache,
    ) -> list[str]:
        """Enter lines that open a case, in one commit, and return the title of the next step of
        each; "" for one that stays out, since somebody else has opened that case since it was
        judged, or its branch isn't the actor's any more."""
        # Before the lock is taken, since it needs nothing of what others may change.
        made = list[_Fresh]()
        for act, (line, follows) in zip(acts, lines, strict=True):
            made.append(self._fresh(act, line, follows, actor, sheet_id))
            await asyncio.sleep(0)
        async with self.database.acts(acts, actor) as works:
            left = [one for one in made if one.act.key not in works.before]
            held = await _held(works.session, actor, [one.line for one in left])
            mine = [one for one in left if one.line["place"] in held]
            taken = await _opened_since(
                works.session, sheet_id, [one.line for one in mine], seen.names
            )
            fresh = [one for one, there in zip(mine, taken, strict=True) if not there]
            await _store(works.session, fresh)
            titles = {one.act.key: "" for one in mine} | {one.act.key: one.title for one in fresh}
            opened = {one.act.key: one.case_id for one in fresh}
            said = [(opened.get(one.act.key, HOUSE), one.act, titles[one.act.key]) for one in mine]
            await works.done(BROUGHT, said)
        seen.held = works.held
        seen.names |= {one.case_id: tidy(one.line["name"]).casefold() for one in fresh}
        return [str(works.before.get(act.key, titles.get(act.key, ""))) for act in acts]

    async def change(self, act: Act, actor: Actor, sheet_id: str, line: Line) -> str:
        """Enter a line that changes a case, and return the title of its next step; "" where
        somebody else has changed it since the line was judged, and then nothing is stored. Raises
        NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            if not await _held(work.session, actor, (line,)):
                raise NotAllowed(line["place"])
            loaded = await self._change(work, actor, sheet_id, line)
            title = "" if loaded is None else await self._derive(work, loaded)
            await work.done(BROUGHT, title, chain=loaded.case.id if loaded else HOUSE)
            return title

    def _fresh(self, act: Act, line: Line, follows: Follows, actor: Actor, sheet_id: str) -> _Fresh:
        book, case_id = self.procedure.current, new_id()
        entries = [self._values(act, actor, sheet_id, case_id, book, i) for i in line["entries"]]
        made: dict[type[Guarded], Sequence[Mapping[str, Any]]] = {
            CaseFile: [_case(case_id, book, act, line, follows)],
            CaseHelper: [_helper(case_id, act, *named) for named in line["helpers"]],
            EntryRow: entries,
            BreachRow: breach_rows(case_id, follows.breaches),
            CaseWaiting: waiting(case_id, follows.roles),
            DeadlineRow: deadlines(case_id, follows.dates),
        }
        rows = {table: with_macs(table, values) for table, values in made.items()}
        return _Fresh(act, line, case_id, rows, follows.counts, follows.title)

    async def _change(
        self, work: Work, actor: Actor, sheet_id: str, line: Line
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
            book = self.procedure.find(case.rulebook)
            row = EntryRow(**self._values(work.act, actor, sheet_id, case.id, book, item))
            session.add(row)
            await session.flush()
            if old is not None:
                old.replaced_by = row.id
                session.add(old)
        await session.flush()
        return await load_case(session, case, self.procedure)

    def _values(
        self, act: Act, actor: Actor, sheet_id: str, case_id: str, book: Rulebook, item: Line
    ) -> dict[str, Any]:
        """An entry of a line, as a row of EntryRow."""
        row_id, answers = new_id(), answers_of(book, item)
        return {
            "id": row_id,
            "case_id": case_id,
            "number": item["number"],
            "step": item["step"],
            "done_on": item["day"],
            "rulebook": book.on(item["day"]).id,
            "recorded_at": act.at,
            "recorded_by": actor.person_id,
            "replaced_by": None,
            "sheet_id": sheet_id,
            "answers_sealed": seal_json(answers, "entry", "answers_sealed", row_id),
            "reason_sealed": None,
            "breaches": (),
        }

    async def _derive(self, work: Work, loaded: LoadedCase) -> str:
        today = day_of(work.act.at)
        judged(loaded.book, loaded.facts, self.procedure.calendar)
        progress = await rederive(work.session, loaded, self.procedure, today)
        await note_breaches(work.session, loaded, progress, self.procedure, today)
        return title_of(progress)

    async def take_back(
        self,
        acts: Sequence[Act],
        actor: Actor,
        sheet_id: str,
        lines: Sequence[Line],
        brought: Sequence[Act],
        seen: SheetCache,
    ) -> list[bool | None]:
        """Take cases out, in one commit, that lines have opened by the acts `brought`; False for
        one that somebody has touched since, or whose branch isn't the actor's any more, None where
        it never came."""
        async with self.database.acts(acts, actor) as works:
            session, added = works.session, zip(acts, lines, brought, strict=True)
            left = [of for of in added if of[0].key not in works.before]
            held = await _held(session, actor, [line for _, line, _ in left])
            ids = await _entered(session, [came for _, _, came in left])
            free = {case.id: case for case in await _untouched(session, sheet_id, ids.values())}
            said = list[Said]()
            for act, line, came in left:
                case_id = ids.get(came.key)
                if line["place"] in held:
                    done = case_id in free if case_id else None
                    said.append((case_id if case_id and done else HOUSE, act, done))
            await remove(session, [free[chain] for chain, _, done in said if done])
            await works.done(TAKEN_BACK, said)
        seen.held = works.held
        found = {**works.before, **{act.key: done for _, act, done in said}}
        return [found.get(act.key, False) for act in acts]

    async def restore(
        self, act: Act, actor: Actor, sheet_id: str, line: Line, brought: Act
    ) -> bool | None:
        """Let what a line has changed of a case by the act `brought` count again as it was; False
        where something was entered since, None where the line never came. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return None if work.result is None else bool(work.result)
            if not await _held(work.session, actor, (line,)):
                raise NotAllowed(line["place"])
            case_id = (await _entered(work.session, (brought,))).get(brought.key)
            if not case_id:
                await work.done(TAKEN_BACK)
                return None
            case = await work.session.get(CaseFile, case_id)
            done = case is not None and await self._restore(work, case, sheet_id)
            await work.done(TAKEN_BACK, done, chain=case_id if done else HOUSE)
            return done

    async def _restore(self, work: Work, case: CaseFile, sheet_id: str) -> bool:
        session = work.session
        loaded = await load_case(session, case, self.procedure)
        mine = [row for row in loaded.rows if row.sheet_id == sheet_id]
        if not mine or any(row.replaced_by for row in mine):
            return False
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


async def _held(session: AsyncSession, actor: Actor, lines: Sequence[Line]) -> set[str]:
    """The branches of these lines that are still the actor's. Raises RecordAltered where one might
    be, if a row weren't changed by hand."""
    places = {line["place"] for line in lines}
    await know_paths(session, places)
    found = set[str]()
    for place_id in places:
        place = ActPlace(place_id, await path_of(session, place_id))
        if may(Permission.TAKE_OVER, actor.posts, place):
            found.add(place_id)
        else:
            refuse_altered(session)
    return found


async def _entered(session: AsyncSession, brought: Sequence[Act]) -> dict[str, str]:
    """The cases that these acts have entered, by key: the chains of their audit lines. One that
    stayed out has none."""
    keys = [act.key for act in brought]
    rows = await session.exec(select(AuditLine).where(col(AuditLine.act_key).in_(keys)))
    return {row.act_key: row.chain for row in rows if row.result}


async def _untouched(
    session: AsyncSession, sheet_id: str, ids: Collection[str]
) -> Sequence[CaseFile]:
    """Those of these cases that are as a sheet has brought them; not one of which an entry was
    changed by hand."""
    entered = (await session.exec(select(EntryRow).where(among(col(EntryRow.case_id), ids)))).all()
    other = {row.case_id for row in entered if row.sheet_id != sheet_id or row.replaced_by}
    other |= {*altered(session).values()}
    fresh = sorted({row.case_id for row in entered} - other)
    free = {*fresh} - await touched(session, fresh)
    rows = await session.exec(select(CaseFile).where(among(col(CaseFile.id), free)))
    return rows.all()


def _case(case_id: str, book: Rulebook, act: Act, line: Line, follows: Follows) -> dict[str, Any]:
    """A case that a line opens, as a row of CaseFile."""
    counts = as_stored(follows.counts)
    return {
        "id": case_id,
        "organisation_id": line["place"],
        "rulebook": book.id,
        "opened_on": day_of(act.at),
        "status": follows.status,
        "stage": follows.stage,
        "moved_from": None,
        "person_sealed": seal_text(line["name"], "case_file", "person_sealed", case_id),
        "counted_sealed": seal_json(counts, "case_file", "counted_sealed", case_id),
    }


def _helper(case_id: str, act: Act, role: str, person: str) -> dict[str, Any]:
    """Who accompanies a case that a line opens, as a row of CaseHelper."""
    named = {"case_id": case_id, "person_id": person, "role": role}
    return {"id": new_id(), **named, "since": act.at, "until": None}


async def _store(session: AsyncSession, fresh: Sequence[_Fresh]) -> None:
    # Cases first, since the others refer to them.
    for table in (CaseFile, CaseHelper, EntryRow, BreachRow, CaseWaiting, DeadlineRow):
        rows = chain.from_iterable(one.rows[table] for one in fresh)
        await insert_made(session, table, [*rows])
        # SQLite is asked here and now: let others in between who don't write.
        await asyncio.sleep(0)
    counts = together(one.counts for one in fresh)
    paths = {place: await path_of(session, place) for place in counts}
    move(session, change({}, counts, paths))
    await session.flush()


async def _opened_since(
    session: AsyncSession, sheet_id: str, lines: Sequence[Line], names: dict[str, str]
) -> list[bool]:
    """Whether somebody has opened a case of that name in that branch since each line was judged:
    the same list is sent by two people."""
    here = among(col(CaseFile.organisation_id), {line["place"] for line in lines})
    there: dict[str, set[str]] = {}
    for one, place in await session.exec(select(CaseFile.id, CaseFile.organisation_id).where(here)):
        there.setdefault(place, set()).add(one)
    unread = [one for ids in there.values() for one in ids if one not in names]
    for first in range(0, len(unread), AT_A_TIME):
        part = unread[first : first + AT_A_TIME]
        for row in await session.exec(select(CaseFile).where(col(CaseFile.id).in_(part))):
            names[row.id] = tidy(row.person).casefold()
    found = []
    for line in lines:
        named = tidy(line["name"]).casefold()
        others = there.get(line["place"], set()) - {*line["beside"]}
        same = [one for one in others if names.get(one) == named]
        found.append(await _others(session, sheet_id, same))
    return found


async def _others(session: AsyncSession, sheet_id: str, cases: Sequence[str]) -> bool:
    """Whether one of these cases came by no line of this sheet: of two in one sheet who differ in
    their birth, both count."""
    for one in cases:
        own = select(EntryRow.id).where(EntryRow.case_id == one, EntryRow.sheet_id == sheet_id)
        if (await session.exec(own.limit(1))).first() is None:
            return True
    return False
