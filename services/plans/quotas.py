"""名额 and 重点积极分子: the places of each committee in a year's plan, and how many key activists
each branch has (G三). In the order of names: nobody is ranked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.replay import Fold
from domain.organisations import BRANCH, COMMITTEE
from domain.permissions import Permission
from domain.quotas import MOST, QuotaUse, shared_out
from domain.rulebook.schema import Rulebook, Step
from domain.states import PlanState
from models import CaseFile, Organisation, PlanRow, QuotaRow
from models.in_values import among
from services.casefile.eligibility import ACTIVE
from services.casefile.load import facts_of_many
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed, NotFound
from services.people.permitted import reach_of
from services.people.scope import committee_of_each, require_in_department
from services.people.views import Actor


@dataclass(frozen=True)
class QuotaLine:
    """A committee in a year's plan. `activists`: those under way before the plan, by which places
    are shared out."""

    committee_id: str
    committee: str
    use: QuotaUse
    activists: int = 0


@dataclass(frozen=True)
class KeyLine:
    """A branch: its activists, and how many of them are key ones."""

    branch: str
    activists: int
    key: int


@dataclass
class Quotas:
    database: Database
    procedure: Procedure

    async def lines(self, actor: Actor, year: int) -> tuple[QuotaLine, ...]:
        """Return the committees at or below the actor's posts above the branches, by name. Raises
        NotAllowed."""
        async with self.database.read() as session:
            return await self._lines(session, await _committees(session, actor), year)

    async def set(
        self, act: Act, actor: Actor, year: int, committee_id: str, places: int
    ) -> tuple[QuotaLine, ...]:
        """Set the places of one committee. Raises NotAllowed, NotFound."""
        async with self.database.act(act, actor) as work:
            await require_in_department(work.session, actor, Permission.SET_QUOTA)
            if not work.repeated:
                await self._set(work, actor, year, {committee_id: places})
        return await self.lines(actor, year)

    async def share_out(
        self, act: Act, actor: Actor, year: int, total: int
    ) -> tuple[QuotaLine, ...]:
        """Share out a number over all committees in proportion to their activists. Raises
        NotAllowed, and NotFound where there are none."""
        async with self.database.act(act, actor) as work:
            await require_in_department(work.session, actor, Permission.SET_QUOTA)
            if not work.repeated:
                # Reckoned from the rows of this very transaction: activists may have moved since
                # the page was shown.
                rows = await _committees(work.session, actor)
                found = await self._lines(work.session, rows, year)
                bases = {line.committee_id: line.activists for line in found}
                await self._set(work, actor, year, shared_out(total, bases))
        return await self.lines(actor, year)

    async def _set(self, work: Work, actor: Actor, year: int, places: Mapping[str, int]) -> None:
        session = work.session
        statement = select(Organisation).where(Organisation.level == COMMITTEE)
        known = {row.id for row in await session.exec(statement)}
        if (
            not places
            or not set(places) <= known
            or not all(0 <= n <= MOST for n in places.values())
        ):
            raise NotFound("a committee and a number")
        rows = await session.exec(select(QuotaRow).where(QuotaRow.year == year))
        stored = {row.organisation_id: row for row in rows}
        for committee, number in places.items():
            row = stored.get(committee) or QuotaRow(
                organisation_id=committee, year=year, places=0,
                set_on=day_of(work.act.at), set_by=actor.person_id,
            )  # fmt: skip
            row.places, row.set_on = number, day_of(work.act.at)
            row.set_by = actor.person_id
            session.add(row)
        await session.flush()
        await work.done("set_quota", [year, dict(places)])

    async def key_activists(self, actor: Actor) -> tuple[KeyLine, ...]:
        """Return the branches at or below the actor's posts, by name. Raises NotAllowed, also where
        the rules know no key activists."""
        step = counted_step(self.procedure.current)
        async with self.database.read() as session:
            places = await reach_of(session, actor, Permission.SEE_QUOTA)
            if step is None or not places:
                raise NotAllowed("key activists")
            branches = select(Organisation).where(
                among(col(Organisation.id), places), Organisation.level == BRANCH
            )
            names = {row.id: str(row.name) for row in await session.exec(branches)}
            known = await self._activists(session, names, step)
        everybody, key = Counter(known.values()), Counter[str]()
        async with self.database.read() as session:
            facts = await facts_of_many(session, list(known), self.procedure)
        for case_id, (book, found) in facts.items():
            # By replay, since no row stores which steps are done.
            if step.id in Fold(book, found, self.procedure.calendar).done:
                key[known[case_id]] += 1
        lines = [KeyLine(name, everybody[item], key[item]) for item, name in names.items()]
        return tuple(sorted(lines, key=lambda line: line.branch))

    async def _activists(
        self, session: AsyncSession, branches: Iterable[str], step: Step
    ) -> dict[str, str]:
        """Return the branch by case id of those who stand in the stage of the counted step."""
        statement = select(CaseFile.id, CaseFile.organisation_id).where(*_stands(branches, step))
        return dict((await session.exec(statement)).all())

    async def _lines(
        self, session: AsyncSession, rows: Sequence[Organisation], year: int
    ) -> tuple[QuotaLine, ...]:
        quotas = await session.exec(select(QuotaRow).where(QuotaRow.year == year))
        places = {row.organisation_id: row.places for row in quotas}
        # Few queries however many committees there are: the plan's page asks with every look.
        above = await committee_of_each(session)
        step = counted_step(self.procedure.current)
        activists = await _activists_of(session, above, step) if step else Counter[str]()
        states = await _states(session, above, year)
        found = [
            QuotaLine(
                row.id,
                row.name,
                QuotaUse(
                    places.get(row.id),
                    states[row.id].total(),
                    states[row.id][PlanState.ACCEPTED],
                ),
                activists[row.id],
            )
            for row in rows
        ]
        return tuple(sorted(found, key=lambda line: line.committee))


def counted_step(book: Rulebook) -> Step | None:
    """Return the step by which key activists are counted; None where the rules have none."""
    return next((step for step in book.steps if step.counted_per_branch), None)


def _stands(branches: Iterable[str], step: Step) -> tuple[ColumnElement[bool], ...]:
    """In the stage of the counted step, at one of these branches."""
    return (
        among(col(CaseFile.organisation_id), set(branches)),
        col(CaseFile.status).in_(ACTIVE),
        col(CaseFile.stage) == step.stage,
    )


async def _activists_of(
    session: AsyncSession, above: Mapping[str, str], step: Step
) -> Counter[str]:
    """Return how many stand in the stage of the counted step, by committee."""
    counted = select(CaseFile.organisation_id, func.count()).where(*_stands(above, step))
    found = Counter[str]()
    for branch, number in await session.exec(counted.group_by(col(CaseFile.organisation_id))):
        found[above[branch]] += number
    return found


async def _states(
    session: AsyncSession, above: Mapping[str, str], year: int
) -> Mapping[str, Counter[PlanState]]:
    """Return how many names of a year have come how far, by committee."""
    counted = (
        select(CaseFile.organisation_id, PlanRow.state, func.count())
        .join(PlanRow, col(CaseFile.id) == PlanRow.case_id)
        .where(PlanRow.year == year)
        .group_by(col(CaseFile.organisation_id), col(PlanRow.state))
    )
    found: defaultdict[str, Counter[PlanState]] = defaultdict(Counter)
    for branch, state, number in await session.exec(counted):
        if branch in above:
            found[above[branch]][PlanState(state)] += number
    return found


async def _committees(session: AsyncSession, actor: Actor) -> Sequence[Organisation]:
    """Return the committees whose places the actor sees. Raises NotAllowed."""
    places = await reach_of(session, actor, Permission.SEE_QUOTA)
    statement = select(Organisation).where(
        among(col(Organisation.id), places), Organisation.level == COMMITTEE
    )
    rows = (await session.exec(statement)).all()
    if not rows:
        raise NotAllowed(Permission.SEE_QUOTA)
    return rows
