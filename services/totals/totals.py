"""Totals of a year that is over: the department sees what would go up and sends it; what those
below sent is kept by year and added up. Nothing is sent by itself: a number that has gone can't be
taken back, so that somebody looks at it first."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, next_open
from domain.figures.counting import Cells
from domain.figures.suppression import Readers
from domain.figures.totals import Groups, Told, Totals, corrected, grouped, summed, told
from domain.organisations import BRANCH, DEPARTMENT
from domain.permissions import Permission
from domain.rulebook.schema import Role, Rulebook
from models import Organisation, ReportRow, TotalsRow
from models.peers import Relation
from models.totals import TotalsSide
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotFound
from services.core.guard import HAND, refuse_altered
from services.core.ports import Message
from services.figures.figures import sums_of
from services.figures.views import FigureFile
from services.messages.queue import enqueue
from services.peers.peers import Peer, peers_of
from services.peers.receiving import Received, Unacceptable
from services.peers.sending import send
from services.people.permitted import people_in, posts_with
from services.people.scope import require_in_department, tree
from services.people.views import Actor
from services.totals.files import picture_of, sheet_of
from services.totals.stored import (
    body_of,
    newest,
    next_row,
    read,
    rows_of,
    told_in,
    totals_in,
)
from services.totals.views import Gathered, Neighbours, Sending, ToldBelow, ToSend

KIND = "totals"
"""The kind of message between peers."""
TOTALS_TOLD = "totals_told"
"""The kind of message that says that somebody below has told theirs."""
YEARS = 2
"""Finished years that may be sent: the last one, and the one before where it changed."""


@dataclass
class YearTotals:
    """What goes up and what came from below. Only the department sees either."""

    database: Database
    procedure: Procedure
    fonts: Path | None = None

    async def neighbours(self, actor: Actor) -> Neighbours:
        """Return with whom the actor exchanges totals: whoever may not send has nobody above."""
        ways = (Permission.SEND_TOTALS, Relation.ABOVE), (Permission.SEE_TOTALS, Relation.BELOW)
        found: list[tuple[str, ...]] = []
        async with self.database.read() as session:
            for permission, relation in ways:
                allowed = await posts_with(session, actor, permission)
                peers = await peers_of(session, relation) if allowed else ()
                found.append(tuple(peer.name for peer in peers))
        return Neighbours(*found)

    async def to_send(self, actor: Actor, year: int, today: date) -> ToSend:
        """Return what would go up of a year. Raises NotAllowed, NotFound without a level above or
        for a year that may not be sent."""
        async with self.database.read() as session:
            await require_in_department(session, actor, Permission.SEND_TOTALS)
            own = await self._own(session, year)
            return (await self._ready(session, own, year, today)).seen

    async def send(self, act: Act, actor: Actor, year: int) -> ToSend:
        """Send a year up and return what went; what went before once more, where nothing else is to
        be told. Raises as `to_send`."""
        async with self.database.read() as session:
            await require_in_department(session, actor, Permission.SEND_TOTALS)
            # Before the act, which nobody else's acts on SQLite should wait for so long.
            own = await self._own(session, year)
        async with self.database.act(act, actor) as work:
            session, today = work.session, day_of(act.at)
            await require_in_department(session, actor, Permission.SEND_TOTALS)
            # Somebody else has sent since: what follows from theirs is reckoned under the lock.
            if len(await rows_of(session, TotalsSide.OWN, year)) != len(own.earlier):
                own = await self._own(session, year)
            ready = await self._ready(session, own, year, today)
            if not work.repeated:
                await self._send(work, ready, today)
                await work.done("send_totals", year)
            return ready.seen

    async def take(self, work: Work, received: Received) -> None:
        """Keep what somebody below told. Raises Unacceptable for what no such message may hold: a
        year that isn't over, a group of one to four."""
        found = read(received.body)
        if received.peer.relation is not Relation.BELOW or found is None:
            raise Unacceptable(KIND)
        totals, version, as_of = found
        # By the sender's clock: a message may have waited over the turn of the year.
        if totals.year >= day_of(received.queued_at).year:
            raise Unacceptable(KIND)
        statement = select(TotalsRow).where(
            TotalsRow.side == TotalsSide.BELOW,
            TotalsRow.peer_id == received.peer.id,
            TotalsRow.year == totals.year,
            TotalsRow.version == version,
        )
        # Messages may overtake one another: each version stands by itself, the newest counts.
        if (await work.session.exec(statement)).first() is None:
            row = next_row(TotalsSide.BELOW, (), Told(totals, {}), as_of)
            row.peer_id, row.version = received.peer.id, version
            work.session.add(row)
            await self._tell(work, received.peer, totals.year, version)

    async def _tell(self, work: Work, peer: Peer, year: int, version: int) -> None:
        """Tell the directors, within office hours: a sum that went up may have to go anew."""
        news = Message(
            matter=f"totals:{peer.id}:{year}",
            kind=TOTALS_TOLD,
            slot=str(version),
            payload={"name": peer.name, "year": year},
            at=next_open(work.act.at, self.procedure.calendar),
        )
        await enqueue(work.session, await people_in(work.session, (Role.DIRECTOR,)), news)

    async def gathered(self, actor: Actor, year: int, today: date) -> Gathered:
        """Return the sum of a year of all below, who is in it and who isn't. Raises NotAllowed, and
        RecordAltered where what was told was changed by hand."""
        async with self.database.read() as session:
            await require_in_department(session, actor, Permission.SEE_TOTALS)
            peers = await peers_of(session, Relation.BELOW)
            rows = newest(await rows_of(session, TotalsSide.BELOW, year))
            before = newest(await rows_of(session, TotalsSide.BELOW, year - 1))
            found = [ToldBelow(peer.name, row.as_of, row.version, totals_in(row))
                     for peer in peers if (row := rows.get(peer.id))]  # fmt: skip
            return Gathered(
                organisation=await _department(session),
                year=year,
                today=today,
                totals=_of_below(peers, rows, year),
                before=_of_below(peers, before, year - 1),
                told=tuple(found),
                missing=_missing(peers, rows),
                book=self._book,
            )

    async def picture(self, actor: Actor, year: int, today: date, page: int) -> FigureFile:
        """Return a part of what was gathered as a picture. Raises as `gathered`, CannotPrint."""
        return await picture_of(await self.gathered(actor, year, today), self.fonts, page)

    async def sheet(self, actor: Actor, year: int, today: date) -> FigureFile:
        """Return what was gathered as a sheet with charts. Raises as `gathered`."""
        return await sheet_of(await self.gathered(actor, year, today))

    async def _ready(self, session: AsyncSession, own: "_Own", year: int, today: date) -> "_Ready":
        above = await peers_of(session, Relation.ABOVE)
        # Older years are settled: nobody above adds them up anew.
        if not above or not today.year - YEARS <= year < today.year:
            raise NotFound(str(year))
        peers = await peers_of(session, Relation.BELOW)
        rows = newest(await rows_of(session, TotalsSide.BELOW, year))
        sent = await rows_of(session, TotalsSide.ABOVE, year)
        below = _of_below(peers, rows, year)
        totals = summed([below, *([own.told.totals] if own.told else ())], year)
        seen = ToSend(
            year=year,
            above=tuple(peer.name for peer in above),
            state=_state(totals, sent),
            waits=own.waits,
            totals=totals,
            missing=_missing(peers, rows),
            sent_on=sent[-1].as_of if sent else None,
            book=self._book,
        )
        return _Ready(seen, above, own, sent)

    async def _own(self, session: AsyncSession, year: int) -> "_Own":
        earlier = await rows_of(session, TotalsSide.OWN, year)
        found = await tree(session)
        refuse_altered(session)
        levels = {one: found.level(one) for one in found.rows}
        top = next((one for one, level in levels.items() if level == DEPARTMENT), None)
        # A prefecture without branches of its own only adds.
        if top is None or BRANCH not in levels.values():
            return _Own(None, earlier)
        rows = await sums_of(session, None, [year])
        sums = {place: cells for (place, _), cells in rows.items()}
        readers = Readers(top, {place: found.path(place) for place in found.rows})
        reports = await _reports(session, year)
        before = [told_in(row) for row in earlier]
        # A second or two of a department of 15,000 branches, in which others are answered.
        return await to_thread(self._reckon, earlier, before, readers, sums, year, reports)

    def _reckon(
        self,
        earlier: tuple[TotalsRow, ...],
        before: Sequence[Told],
        readers: Readers,
        sums: Mapping[str, Cells],
        year: int,
        reports: int,
    ) -> "_Own":
        groups = grouped(self._book, sums)
        if not before:
            return _Own(Told(told(self._book, readers, groups, year, reports), groups))
        # Nobody came or went: what was told stands.
        if _same(groups, before[-1].groups):
            return _Own(before[-1], earlier)
        totals = corrected(self._book, readers, before, groups)
        if totals is None:
            return _Own(before[-1], earlier, waits=True)
        return _Own(Told(totals, groups), earlier)

    async def _send(self, work: Work, ready: "_Ready", today: date) -> None:
        session = work.session
        if ready.seen.state is Sending.SAME:
            row = ready.sent[-1]
        else:
            own, earlier = ready.own.told, ready.own.earlier
            if own and (not earlier or told_in(earlier[-1]) != own):
                session.add(next_row(TotalsSide.OWN, earlier, own, today))
            row = next_row(TotalsSide.ABOVE, ready.sent, Told(ready.seen.totals, {}), today)
            session.add(row)
        for peer in ready.above:
            await send(session, peer.id, KIND, body_of(row), work.act.at)

    @property
    def _book(self) -> Rulebook:
        return self.procedure.current


@dataclass(frozen=True)
class _Own:
    """This city's own part. `told`: None where it has no branch. `earlier`: what it told before.
    `waits`: other numbers, by a difference that would tell of few."""

    told: Told | None
    earlier: tuple[TotalsRow, ...] = ()
    waits: bool = False


@dataclass(frozen=True)
class _Ready:
    """What would go up, and what stands behind it."""

    seen: ToSend
    above: tuple[Peer, ...]
    own: _Own
    sent: tuple[TotalsRow, ...]


def _same(groups: Groups, before: Groups) -> bool:
    return {cell: dict(group) for cell, group in groups.items()} == before


def _state(totals: Totals, sent: tuple[TotalsRow, ...]) -> Sending:
    if not sent:
        return Sending.NEW
    return Sending.SAME if totals == totals_in(sent[-1]) else Sending.CHANGED


def _of_below(peers: tuple[Peer, ...], rows: Mapping[str, TotalsRow], year: int) -> Totals:
    """Who told nothing is missing, and not nobody."""
    found = [totals_in(rows[peer.id]) for peer in peers if peer.id in rows]
    return summed(found, year, missing=len(peers) - len(found))


def _missing(peers: tuple[Peer, ...], rows: Mapping[str, TotalsRow]) -> tuple[str, ...]:
    return tuple(peer.name for peer in peers if peer.id not in rows)


async def _department(session: AsyncSession) -> str:
    statement = select(Organisation).where(Organisation.level == DEPARTMENT)
    return str((await session.exec(statement)).one().name)


async def _reports(session: AsyncSession, year: int) -> int:
    """How many were received, all of them: nobody here sees this number."""
    statement = select(func.count()).select_from(ReportRow).where(
        col(ReportRow.received_on) >= date(year, 1, 1),
        col(ReportRow.received_on) <= date(year, 12, 31),
    )  # fmt: skip
    return int((await session.exec(statement, execution_options=HAND)).one())
