"""A list as a file, and a file taken over: previewed, confirmed, and for a day undone.

Taking over writes nothing before it is confirmed. What was checked waits sealed in small parts;
the commit that confirms is one row. From then on the sheet counts, whatever happens: its lines are
entered each as an act of its own, a few in one commit so that nobody waits long, and an update
that is handled again goes on where it was broken off.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.organisations import BRANCH
from domain.permissions import Permission
from domain.rulebook.schema import Rulebook
from domain.states import SheetKind, SheetState
from domain.writing.names import tidy
from domain.writing.typed_json import listed
from models import CaseFile, Organisation, Person, SheetPart, SheetRow
from papers.sheets import reading
from papers.sheets.cells import CASES, MEMBERS, ON_THE_WAY
from papers.sheets.columns import Column, columns_of
from papers.sheets.mapping import Mapped, mapped
from papers.sheets.writing import workbook
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound
from services.core.guard import refuse_altered
from services.core.ports import Told, nobody
from services.papers.views import UNSAFE
from services.people.people import People
from services.people.permitted import reach_of
from services.people.scope import branches_below, committee_of_each, names_of
from services.people.views import Actor
from services.sheet_lines.lines import Rules
from services.sheet_lines.precomputed import Reckoned, reckoned
from services.sheet_lines.sheet_acts import SheetActs, SheetCache
from services.sheets.judging import Branch, Judge, Staged, Verdicts
from services.sheets.known import CaseInSheet, now_of, shown
from services.sheets.load_known import CHUNK, known_of
from services.sheets.parallel_judging import WORKER, judged
from services.sheets.roster import MEMBER_COLUMNS, full_since, judge_members
from services.sheets.selection import (
    CaseSelection,
    HelperLine,
    Places,
    cases_of,
    helpers_of,
    name_of,
    places_of,
)
from services.sheets.views import (
    NoSheet,
    Previewed,
    SheetClosed,
    SheetFile,
    TakenOver,
    Undone,
    WhyClosed,
)
from services.workers.worker_process import WorkerProcess, beside

EVERYBODY = CaseSelection()
PART, PARTS = 200, 5
"""Lines that are staged together: sealed before the lock is taken, they are one row in it. So many
of those share a commit, since most of what it takes is its way to the disk."""
MOMENT = 0.025
"""Seconds that a commit of a sheet may take: everybody else's acts wait for it, which should be no
more than 50 ms. `python -m benchmarks sheets` measures it."""
ENTRIES = (60, 100, 400)
"""Entries in one commit: the fewest, in the first one, the most. Much of a commit is its own, so
that fewer would make a sheet slower and hardly anybody's act sooner."""
LONG = 50_000
"""Bytes of a file from which on a process judges its rows as well: some six hundred of them. Fewer
are judged before it has begun."""
MEMBERS_TOGETHER = 40
"""Members of a roster in one commit."""
AT_A_TIME = 10
"""Rows that are made up before others get their turn."""
UNDO_FOR = timedelta(days=1)
ADMITTED = frozenset({"admission", "probation", "full_membership"})
"""Stages of whose days a roster may tell."""


@dataclass
class OrganisationCache:
    """What is kept from commit to commit of a sheet. `members`: names of those who were found, by
    organisation. `entries`: how many go into the next commit."""

    seen: SheetCache = field(default_factory=SheetCache)
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    entries: int = field(default_factory=lambda: ENTRIES[1])

    def stored(self, entries: int) -> None:
        """Let the next commit take about a MOMENT: `entries` took what was measured."""
        if self.seen.held:
            fewest, _, most = ENTRIES
            fitting = (self.entries + entries * MOMENT / self.seen.held) / 2
            self.entries = min(max(int(fitting), fewest), most)


@dataclass
class Sheets:
    database: Database
    procedure: Procedure
    people: People
    brought: SheetActs

    async def cases(
        self,
        actor: Actor,
        today: date,
        part: CaseSelection = EVERYBODY,
        said: str = "",
        told: Told = nobody,
    ) -> SheetFile:
        """Return the cases of a part as a sheet. `said`: of whom it is, for the name of the file.
        Raises NotFound for no such figure."""
        columns = columns_of(self.procedure.current)
        wanted = replace(part, text=tidy(part.text).lower())
        ids = await cases_of(self.database, actor, wanted, self.procedure.current, today)
        rows: list[list[Any]] = []
        # A session for each part: none stays open while others get their turn and progress is told.
        for first in range(0, len(ids), CHUNK):
            async with self.database.read() as session:
                some = ids[first : first + CHUNK]
                known = await known_of(session, some, columns, self.procedure)
            for one in known:
                now = now_of(one, self.procedure, today)
                rows.append([shown(one, column, len(rows) + 1, now) for column in columns])
                if len(rows) % AT_A_TIME == 0:
                    await asyncio.sleep(0)
            await told(len(rows), len(ids))
        content = await asyncio.to_thread(workbook, CASES, columns, rows)
        named = "_".join(one for one in (CASES, said, today.isoformat()) if one)
        return SheetFile(f"{named}.xlsx".translate(UNSAFE), content, len(rows))

    async def places(self, actor: Actor, above: str = "", page: int = 0) -> Places:
        """Return by which organisations the actor's lists can be narrowed. Raises NotFound."""
        return await places_of(self.database, actor, above, page)

    async def named(self, actor: Actor, organisation_id: str) -> str:
        """Return what an organisation is called to which a list is narrowed. Raises NotFound."""
        return await name_of(self.database, actor, organisation_id)

    async def helpers(self, actor: Actor, organisation_id: str = "") -> tuple[HelperLine, ...]:
        """Return who accompanies whom in the running cases within reach, at or below an
        organisation."""
        return await helpers_of(self.database, actor, organisation_id, self.procedure.current)

    async def members(self, actor: Actor, today: date, organisation_id: str = "") -> SheetFile:
        """Return the full members at or below the actor's posts as a sheet; of those at or below an
        organisation, where one is named. Raises NotAllowed."""
        known = {c.of: c for c in columns_of(self.procedure.current)}
        columns = [known[of] for of in MEMBER_COLUMNS]
        async with self.database.read() as session:
            branches = await _branches(session, actor)
            if organisation_id:
                below = await branches_below(session, organisation_id)
                branches = tuple(one for one in branches if one.organisation_id in below)
        if not branches:
            raise NotAllowed("members")
        rows = [
            [branch.committee, branch.name, name]
            for branch in branches
            for name in sorted([*branch.members, *branch.several])
        ]
        content = await asyncio.to_thread(workbook, MEMBERS, columns, rows)
        return SheetFile(f"{MEMBERS}_{today.isoformat()}.xlsx", content, len(rows))

    async def preview(
        self, actor: Actor, sent: bytes, at: datetime, told: Told = nobody
    ) -> Previewed:
        """Read a file and say what taking it over would do; what it would do is staged, and nothing
        else stored. Raises NotAllowed for whoever takes nothing over, NoSheet."""
        book, today = self.procedure.current, day_of(at)
        async with self.database.read() as session:
            branches = await _branches(session, actor)
        if not branches:
            raise NotAllowed(Permission.TAKE_OVER)
        # Begun beside what reads the file: ready once there are rows.
        async with beside(WORKER, len(sent) >= LONG) as process:
            found = await _read(sent, columns_of(book))
            if _names_members(found, book):
                kind, lines, said = SheetKind.MEMBERS, *judge_members(found, branches, book)
            else:
                kind = SheetKind.CASES
                known = await self._known(branches, found, told)
                judge = self._judge(found, branches, known, today)
                lines, said = await _judged(judge, found, process, told)
        sheet_id = await self._stage(actor, kind, lines, at) if lines else ""
        return replace(said, sheet_id=sheet_id)

    def _judge(
        self,
        found: Mapped,
        branches: Sequence[Branch],
        known: Mapping[str, CaseInSheet],
        today: date,
    ) -> Judge:
        book, calendar = self.procedure.current, self.procedure.calendar
        return Judge(book, calendar, today, branches, known, found.columns, found.titles)

    async def _known(
        self, branches: Sequence[Branch], found: Mapped, told: Told
    ) -> dict[str, CaseInSheet]:
        """The cases of these branches that a row may be about, by id."""
        places = [branch.organisation_id for branch in branches]
        names = _cells(found, "case.person")
        ids, wanted = _cells(found, "case.id"), {tidy(name).casefold() for name in names}
        async with self.database.read() as session:
            rows = []
            for first in range(0, len(places), CHUNK):
                part = places[first : first + CHUNK]
                statement = select(CaseFile).where(col(CaseFile.organisation_id).in_(part))
                rows += list(await session.exec(statement))
        meant = [r.id for r in rows if r.id in ids or tidy(r.person).casefold() in wanted]
        known: dict[str, CaseInSheet] = {}
        for first in range(0, len(meant), CHUNK):
            async with self.database.read() as session:
                part = meant[first : first + CHUNK]
                columns = [*found.columns.values()]
                for one in await known_of(session, part, columns, self.procedure):
                    known[one.case_id] = one
            await told(len(known), len(meant))
        return known

    async def _stage(
        self, actor: Actor, kind: SheetKind, lines: Sequence[Staged], at: datetime
    ) -> str:
        """Store the lines in small parts. An earlier sheet of theirs that was never confirmed goes:
        who sends another one means that."""
        async with self.database.write("sheet") as session:
            await _forget(session, actor.person_id, at)
            sheet = SheetRow(person_id=actor.person_id, kind=kind, staged_at=at, lines=len(lines))
            session.add(sheet)
        # By branch, since neighbours are entered in one commit and move the same sums.
        lines = sorted(lines, key=attrgetter("place"))
        parts = [lines[first : first + PART] for first in range(0, len(lines), PART)]
        # Small commits: one of thousands of sealed lines would hold up everybody else's. Broken
        # off, the sheet has no button yet, and goes with the next one.
        for first in range(0, len(parts), PARTS):
            sealed = list[SheetPart]()
            for number, some in enumerate(parts[first : first + PARTS], first):
                sealed.append(part := SheetPart(sheet_id=sheet.id, number=number))
                part.text = listed(line.text for line in some)
                await asyncio.sleep(0)
            async with self.database.write("sheet") as session:
                session.add_all(sealed)
        return sheet.id

    async def confirm(
        self, act: Act, actor: Actor, sheet_id: str, told: Told = nobody
    ) -> TakenOver:
        """Take a staged sheet over. Raises NotFound for one that isn't the actor's or was replaced
        by another, SheetClosed for one that was undone, or taken over longer than a day ago. Broken
        off and called again, it goes on where it was."""
        sheet = await self._confirmed(act, actor, sheet_id)
        steps, left, done, there = Counter[str](), list[int](), 0, OrganisationCache()
        each = self._together(sheet, there, self.brought.rules(act.at))
        async with aclosing(each):
            async for lines in each:
                done += len(lines)
                titles = await self._enter(act, actor, sheet, lines, there)
                for (line, _), title in zip(lines, titles, strict=True):
                    if title:
                        # New cases alone: one that was known stood at a step before.
                        steps[title] += sheet.kind is SheetKind.CASES and not line["case"]
                    else:
                        left.append(line["row"])
                await told(done, sheet.lines)
        if not done:
            # Its lines are gone: a day after it was confirmed, the next sheet of theirs deletes
            # them.
            raise SheetClosed(WhyClosed.ENTERED)
        new = {title: number for title, number in steps.most_common() if number}
        return TakenOver(sheet_id, sheet.kind, done - len(left), tuple(sorted(left)), new)

    async def _together(
        self, sheet: SheetRow, there: OrganisationCache, rules: Rules | None = None
    ) -> AsyncGenerator[list[Reckoned], None]:
        """The lines that are entered in one commit each, with what follows from them by `rules`, or
        taken back."""
        lines, entries = list[Reckoned](), 0
        if sheet.kind is SheetKind.MEMBERS:
            there.entries = MEMBERS_TOGETHER
        new = rules is not None and sheet.kind is SheetKind.CASES
        async with aclosing(
            reckoned(self._lines(sheet.id), rules if new else None, sheet.lines)
        ) as each:
            async for one in each:
                line = one[0]
                if sheet.kind is SheetKind.CASES and line["case"]:
                    yield [one]
                    continue
                # A member of a roster is one row, as an entry is.
                more = len(line.get("entries", (line,)))
                if lines and entries + more > there.entries:
                    yield lines
                    there.stored(entries)
                    lines, entries = [], 0
                lines.append(one)
                entries += more
        if lines:
            yield lines

    async def _enter(
        self,
        act: Act,
        actor: Actor,
        sheet: SheetRow,
        lines: Sequence[Reckoned],
        there: OrganisationCache,
    ) -> list[str]:
        """Enter lines in one commit; "" for one that stays out."""
        acts = [Act(_key(sheet.id, line), act.at) for line, _ in lines]
        if sheet.kind is SheetKind.MEMBERS:
            named = [(line["place"], line["name"]) for line, _ in lines]
            return await self.people.bring_members(acts, actor, named, there.members)
        fresh = [(line, follows) for line, follows in lines if follows is not None]
        if fresh:
            return await self.brought.open(acts, actor, sheet.id, fresh, there.seen)
        await self.database.in_hand.gone()
        # A branch that was taken from the actor in between keeps out its lines, not the others.
        with suppress(NotAllowed):
            return [await self.brought.change(acts[0], actor, sheet.id, lines[0][0])]
        return [""]

    async def _confirmed(self, act: Act, actor: Actor, sheet_id: str) -> SheetRow:
        """Say once that the sheet counts, in a commit of one row."""
        key = Act(f"sheet:{sheet_id}:confirm", act.at)
        async with self.database.act(key, actor) as work:
            sheet = await work.session.get(SheetRow, sheet_id)
            if sheet is None or sheet.person_id != actor.person_id:
                raise NotFound(sheet_id)
            if sheet.state is SheetState.UNDONE:
                raise SheetClosed(WhyClosed.UNDONE)
            await _require_whole(work.session, sheet_id)
            if not work.repeated:
                sheet.state, sheet.confirmed_at = SheetState.CONFIRMED, act.at
                work.session.add(sheet)
                await work.done("confirm_sheet", sheet.lines)
            return sheet

    async def undo(self, act: Act, actor: Actor, sheet_id: str, told: Told = nobody) -> Undone:
        """Take back, within a day, what nobody has touched since. Raises NotFound for a sheet that
        isn't the actor's or wasn't taken over, SheetClosed for one that can't be undone any more.
        Broken off and called again, it goes on where it was."""
        async with self.database.act(Act(f"sheet:{sheet_id}:undo", act.at), actor) as work:
            sheet = await work.session.get(SheetRow, sheet_id)
            mine = sheet is not None and sheet.person_id == actor.person_id
            if sheet is None or not mine or sheet.confirmed_at is None:
                raise NotFound(sheet_id)
            await _require_whole(work.session, sheet_id)
            if not work.repeated:
                if act.at > sheet.confirmed_at + UNDO_FOR:
                    raise SheetClosed(WhyClosed.LATE)
                sheet.state = SheetState.UNDONE
                work.session.add(sheet)
                await work.done("undo_sheet", sheet.lines)
        found, done, there = Counter[bool | None](), 0, OrganisationCache()
        each = self._together(sheet, there)
        async with aclosing(each):
            async for lines in each:
                done += len(lines)
                found.update(await self._take_back(act, actor, sheet, lines, there))
                await told(done, sheet.lines)
        if not done:
            raise SheetClosed(WhyClosed.UNDONE)
        return Undone(found[True], found[False])

    async def _take_back(
        self,
        act: Act,
        actor: Actor,
        sheet: SheetRow,
        together: Sequence[Reckoned],
        there: OrganisationCache,
    ) -> list[bool | None]:
        """Take lines back in one commit; False where one stays, None where it never came."""
        lines = [line for line, _ in together]
        brought = [Act(_key(sheet.id, line), act.at) for line in lines]
        own = [Act(f"{one.key}:undo", act.at) for one in brought]
        if sheet.kind is SheetKind.MEMBERS:
            places = [line["place"] for line in lines]
            added = [*zip(places, brought, strict=True)]
            return await self.people.remove_members(own, actor, added)
        if not lines[0]["case"]:
            return await self.brought.take_back(own, actor, sheet.id, lines, brought, there.seen)
        await self.database.in_hand.gone()
        with suppress(NotAllowed):
            return [await self.brought.restore(own[0], actor, sheet.id, lines[0], brought[0])]
        return [False]

    async def _lines(self, sheet_id: str) -> AsyncIterator[Mapping[str, Any]]:
        """The lines of a sheet, a part at a time: no session is open while they are entered."""
        number = 0
        while True:
            async with self.database.read() as session:
                statement = select(SheetPart).where(
                    SheetPart.sheet_id == sheet_id, SheetPart.number == number
                )
                part = (await session.exec(statement)).first()
            if part is None:
                return
            for line in part.lines:
                yield line
            number += 1


def _key(sheet_id: str, line: Mapping[str, Any]) -> str:
    # Of the sheet, not the update: pressed again, a line that is entered isn't entered twice.
    return f"sheet:{sheet_id}:{line['row']}"


async def _require_whole(session: AsyncSession, sheet_id: str) -> None:
    """Raises RecordAltered where lines of a sheet were changed by hand: the others would be taken
    for all of them."""
    await session.exec(select(SheetPart).where(SheetPart.sheet_id == sheet_id))
    refuse_altered(session)


async def _forget(session: AsyncSession, person_id: str, at: datetime) -> None:
    """Delete what this person has staged and never confirmed, and the lines of what can't be undone
    any more."""
    statement = select(SheetRow).where(SheetRow.person_id == person_id)
    for sheet in await session.exec(statement):
        confirmed = sheet.confirmed_at
        if confirmed is not None and at <= confirmed + UNDO_FOR:
            continue
        for part in await session.exec(select(SheetPart).where(SheetPart.sheet_id == sheet.id)):
            await session.delete(part)
        await session.flush()
        # One that counts stays as a row: what it brought says where it came from.
        if confirmed is None:
            await session.delete(sheet)
    await session.flush()


async def _read(content: bytes, columns: Sequence[Column]) -> Mapped:
    try:
        raw = await reading.read(content)
    except reading.NotRead as refused:
        raise NoSheet(refused.reason) from None
    found = await asyncio.to_thread(mapped, raw, columns)
    if found is None:
        raise NoSheet("no_head")
    if not found.rows:
        raise NoSheet("no_rows")
    return found


def _names_members(found: Mapped, book: Rulebook) -> bool:
    """Whether it is a list of members and not of cases: without a day of any step, or with those
    alone on which people became members. Raises NoSheet where that can't be told."""
    days = {c.step for c in found.columns.values() if c.of.endswith(".day")}
    if not days and any(word in title for title in found.unread for word in ON_THE_WAY):
        raise NoSheet("no_days")
    if days and not days <= {step.id for step in book.steps if step.stage in ADMITTED}:
        return False
    # A date of admission alone is that of somebody in probation as well.
    if days and full_since(book) not in days:
        raise NoSheet("no_full")
    return True


def _cells(found: Mapped, of: str) -> set[str]:
    """What stands in one column."""
    place = next((i for i, column in found.columns.items() if column.of == of), None)
    if place is None:
        return set()
    return {cells[place].strip() for _, cells in found.rows if place < len(cells)}


async def _judged(
    judge: Judge, found: Mapped, process: WorkerProcess | None, told: Told
) -> tuple[list[Staged], Previewed]:
    person = next(i for i, column in found.columns.items() if column.of == "case.person")
    verdicts = Verdicts(found.titles[person])
    for one in await judged(judge, found.rows, process, told):
        verdicts.take(one)
    return verdicts.lines, _said(SheetKind.CASES, judge.book, found, verdicts)


def _said(kind: SheetKind, book: Rulebook, found: Mapped, verdicts: Verdicts) -> Previewed:
    return Previewed(
        sheet_id="",
        kind=kind,
        book=book,
        new=verdicts.new,
        changed=verdicts.changed,
        same=verdicts.same,
        refused=tuple(verdicts.refused),
        columns=tuple((found.titles[i], column.title) for i, column in found.columns.items()),
        unread=found.unread,
        identity=found.identity,
        months=verdicts.months,
        passed=found.passed,
        sheet=found.sheet,
        others=found.others,
    )


async def _branches(session: AsyncSession, actor: Actor) -> tuple[Branch, ...]:
    """Return the branches at which the actor may take over, with their members."""
    places = await reach_of(session, actor, Permission.TAKE_OVER)
    rows = await session.exec(select(Organisation).where(Organisation.level == BRANCH))
    branches = [row for row in rows if row.id in places]
    above = await committee_of_each(session)
    committees = await names_of(session, set(above.values()))
    members: dict[str, list[Person]] = {}
    full = select(Person).where(Person.full_member.is_(True))  # type: ignore[attr-defined]
    for person in await session.exec(full):
        if person.organisation_id in places:
            members.setdefault(person.organisation_id, []).append(person)
    return tuple(
        _branch(row, committees.get(above.get(row.id, ""), ""), members.get(row.id, ()))
        for row in sorted(branches, key=lambda row: str(row.name))
    )


def _branch(row: Organisation, committee: str, people: Sequence[Person]) -> Branch:
    names = Counter(str(person.name) for person in people)
    single = {person.name: person.id for person in people if names[person.name] == 1}
    several = tuple(name for name in names.elements() if names[name] > 1)
    return Branch(row.id, str(row.name), committee, single, several)
