"""随机抽查: the department draws branches, looks at their visits, and tells those concerned what is
wanting and by when to put it right (docs/procedure.md § 4). Nobody is ranked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import randbelow

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, is_open, next_open
from domain.case.dates import shift
from domain.draws import draw
from domain.permissions import TABLE, Permission
from domain.rulebook.schema import Role, Rulebook
from models import InspectedRow, InspectionRow
from models.plans import InspectionState
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.core.guard import refuse_altered
from services.inspections.findings import (
    ballots_of,
    branch_of,
    circular_of,
    inspection_of,
    pool_of,
    tell_branch,
    tell_others,
    visits_of,
)
from services.inspections.views import CheckedBranch, Circular, Inspection
from services.people.scope import allowed_at, require_in_department
from services.people.views import Actor

SEEDS = 1_000_000
MOST_EACH = 5


@dataclass
class Inspections:
    """Random checks, from the draw to what was put right."""

    database: Database
    procedure: Procedure

    async def draw(
        self, act: Act, actor: Actor, per_committee: int, seed: int | None = None
    ) -> Inspection:
        """Draw `per_committee` branches of each committee, none of the last draw. Raises
        NotAllowed, also before the last check was circulated: one at a time."""
        async with self.database.act(act, actor) as work:
            await require_in_department(work.session, actor, Permission.DRAW_CHECK)
            if not work.repeated:
                await self._draw(work, actor, per_committee, seed)
            row = await work.session.get_one(InspectionRow, work.result)
            return await self._card(work.session, row)

    async def _draw(self, work: Work, actor: Actor, each: int, seed: int | None) -> None:
        session, last = work.session, await _newest(work.session)
        if not 1 <= each <= MOST_EACH or (last is not None and last.state is InspectionState.OPEN):
            raise NotAllowed("draw")
        before = await _drawn(session, last) if last else ()
        pool = await pool_of(session)
        row = InspectionRow(
            drawn_on=day_of(work.act.at),
            drawn_by=actor.person_id,
            # Nobody can foresee the seed, and everybody can repeat the draw from it.
            seed=randbelow(SEEDS) if seed is None else seed,
            per_committee=each,
        )
        # Stored with the draw: branches founded later must not change what its seed gives.
        row.pool = {"branches": pool, "last": list(before)}
        session.add(row)
        await session.flush()
        for branch in draw(pool, before, each, row.seed):
            item = InspectedRow(inspection_id=row.id, organisation_id=branch)
            item.defects, item.merits = [], []
            session.add(item)
        await session.flush()
        await work.done("draw_check", row.id)

    async def newest(self, actor: Actor) -> Inspection | None:
        """Return the check under way, else the last one. Raises NotAllowed."""
        async with self.database.read() as session:
            await require_in_department(session, actor, Permission.DRAW_CHECK)
            row = await _newest(session)
            return await self._card(session, row) if row else None

    async def card(self, actor: Actor, inspection_id: str) -> Inspection:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            await require_in_department(session, actor, Permission.DRAW_CHECK)
            row = await session.get(InspectionRow, inspection_id)
            if row is None:
                raise NotAllowed(inspection_id)
            return await self._card(session, row)

    async def drawn_again(self, actor: Actor, inspection_id: str) -> bool:
        """Whether the same seed over the same branches gives the same draw. Raises NotAllowed."""
        await self.card(actor, inspection_id)
        async with self.database.read() as session:
            row = await session.get_one(InspectionRow, inspection_id)
            again = draw(row.pool["branches"], row.pool["last"], row.per_committee, row.seed)
            # As sets, since rows come back in no order.
            return set(again) == set(await _drawn(session, row))

    async def branch(self, actor: Actor, item_id: str, today: date) -> CheckedBranch:
        """Return one branch of a check: to the department with how its visits stand, to the branch
        once it was told. Raises NotAllowed."""
        async with self.database.read() as session:
            row = await session.get(InspectedRow, item_id)
            if row is None:
                raise NotAllowed(item_id)
            if await allowed_at(session, actor, row.organisation_id, Permission.ENTER_CHECK):
                visits = await visits_of(session, row.organisation_id, self.procedure, today)
                ballots = await ballots_of(session, row.organisation_id, self._book)
                # Altered rows were left out: fewer visits and ballots would pass for all there are.
                refuse_altered(session)
                return await branch_of(session, row, self._book, visits, ballots)
            await self._told(session, actor, row, Permission.READ_CHECK)
            return await branch_of(session, row, self._book)

    async def enter(
        self,
        act: Act,
        actor: Actor,
        item_id: str,
        defects: Collection[str],
        note: str = "",
        merits: Collection[str] = (),
    ) -> CheckedBranch:
        """Enter what was found in a branch: defects and merits of the rulebook, none where there is
        nothing to say; again as often as needed until the branches are told. Raises NotAllowed."""
        known = {defect.id for defect in self._book.defects}
        praised = {merit.id for merit in self._book.merits}
        async with self.database.act(act, actor) as work:
            session = work.session
            await require_in_department(session, actor, Permission.ENTER_CHECK)
            row = await session.get(InspectedRow, item_id)
            if row is None or not (set(defects) <= known and set(merits) <= praised):
                raise NotAllowed(item_id)
            if not work.repeated:
                inspection = await session.get_one(InspectionRow, row.inspection_id)
                if inspection.state is not InspectionState.OPEN:
                    raise NotAllowed(item_id)
                row.checked_on, row.checked_by = day_of(act.at), actor.person_id
                row.defects, row.merits = sorted(defects), sorted(merits)
                row.note = note.strip() or None
                session.add(row)
                await work.done("enter_check", item_id)
            return await branch_of(session, row, self._book)

    async def circulate(self, act: Act, actor: Actor, inspection_id: str) -> Inspection:
        """Tell each branch of which there is something to say, and its committee, its own list, and
        all others what was found, without names. Raises NotAllowed, also before every branch was
        looked at."""
        async with self.database.act(act, actor) as work:
            session, today = work.session, day_of(act.at)
            await require_in_department(session, actor, Permission.CIRCULATE_CHECK)
            row = await session.get(InspectionRow, inspection_id)
            if row is None:
                raise NotAllowed(inspection_id)
            if not work.repeated:
                items = await _items(session, inspection_id)
                if row.state is not InspectionState.OPEN or any(
                    item.checked_on is None for item in items
                ):
                    raise NotAllowed(inspection_id)
                row.state, row.told_on = InspectionState.TOLD, today
                session.add(row)
                await self._tell(session, row, items, next_open(act.at, self.procedure.calendar))
                await work.done("circulate_check", inspection_id)
            return await self._card(session, row)

    async def _tell(
        self, session: AsyncSession, row: InspectionRow, items: Sequence[InspectedRow], at: datetime
    ) -> None:
        # Its own list only: the procedure ranks nobody (docs/procedure.md § 4).
        for item in (item for item in items if item.defects or item.merits):
            if item.defects and row.told_on is not None:
                item.due_on = self._put_right_by(row.told_on)
                session.add(item)
            await tell_branch(session, item, (Role.SECRETARY, Role.COMMITTEE), "told", at)
        await tell_others(session, row, items, at)

    async def circular(self, actor: Actor, inspection_id: str) -> Circular:
        """Return what a check found, without names, to whoever leads a branch or a committee.
        Raises NotAllowed, also before it was circulated."""
        async with self.database.read() as session:
            row = await session.get(InspectionRow, inspection_id)
            may_read = TABLE[Permission.READ_CHECK] | TABLE[Permission.DRAW_CHECK]
            if row is None or row.told_on is None or not may_read & actor.roles:
                raise NotAllowed(inspection_id)
            return circular_of(row, await _items(session, inspection_id), self._book)

    async def answer(self, act: Act, actor: Actor, item_id: str, text: str) -> CheckedBranch:
        """Enter what a branch has put right. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            row = await work.session.get(InspectedRow, item_id)
            if row is None or not text.strip():
                raise NotAllowed(item_id)
            await self._told(work.session, actor, row, Permission.ANSWER_CHECK)
            if not work.repeated:
                row.answer, row.righted_on = text.strip(), day_of(act.at)
                work.session.add(row)
                await work.done("answer_check", item_id)
            return await branch_of(work.session, row, self._book)

    async def remind(self, now: datetime) -> int:
        """Remind branches of what they have to put right, once a rung, and at the last one their
        committees as well; return how many are told."""
        today, told = day_of(now), 0
        if not is_open(now, self.procedure.calendar):
            return 0
        async with self.database.write() as session:
            statement = select(InspectedRow).where(
                col(InspectedRow.due_on).is_not(None), col(InspectedRow.righted_on).is_(None)
            )
            for row in await session.exec(statement):
                left = (row.due_on - today).days if row.due_on else 0
                reached = [rung for rung in self._ladder if left <= rung]
                if not reached:
                    continue
                roles = [Role.SECRETARY]
                if min(reached) == min(self._ladder):
                    roles.append(Role.COMMITTEE)
                # The lowest rung is the slot: looks that were missed are made up for once, and no
                # rung is told twice.
                told += await tell_branch(session, row, roles, str(min(reached)), now)
        return told

    def _put_right_by(self, told_on: date) -> date:
        limit = self._book.put_right
        assert limit is not None, "a rulebook with defects has one"
        return shift(told_on, limit.value, limit.unit, self.procedure.calendar)[0]

    @property
    def _ladder(self) -> tuple[int, ...]:
        return self._book.put_right.ladder if self._book.put_right else ()

    @property
    def _book(self) -> Rulebook:
        return self.procedure.current

    async def _told(
        self, session: AsyncSession, actor: Actor, row: InspectedRow, permission: Permission
    ) -> None:
        """For the branch and its committee, once it was told. Raises NotAllowed, also for an answer
        where there was only praise."""
        allowed = await allowed_at(session, actor, row.organisation_id, permission)
        inspection = await session.get_one(InspectionRow, row.inspection_id)
        praised = bool(row.merits) and inspection.told_on is not None
        reads = permission is Permission.READ_CHECK and praised
        # Until the circular, neither the branch nor its committee may see what was found.
        if not allowed or not (row.due_on is not None or reads):
            raise NotAllowed(row.id)

    async def _card(self, session: AsyncSession, row: InspectionRow) -> Inspection:
        items = await _items(session, row.id)
        return await inspection_of(session, row, items, self._book)


async def _newest(session: AsyncSession) -> InspectionRow | None:
    """Return the check under way, else the one circulated last."""
    # "open" sorts before "told", so the state comes first.
    newest = select(InspectionRow).order_by(
        col(InspectionRow.state), col(InspectionRow.told_on).desc()
    )
    return (await session.exec(newest.limit(1))).first()


async def _items(session: AsyncSession, inspection_id: str) -> tuple[InspectedRow, ...]:
    statement = select(InspectedRow).where(InspectedRow.inspection_id == inspection_id)
    return tuple(await session.exec(statement))


async def _drawn(session: AsyncSession, row: InspectionRow) -> tuple[str, ...]:
    return tuple(item.organisation_id for item in await _items(session, row.id))
