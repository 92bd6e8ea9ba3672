"""Figures of a year: own ones and those below; of the whole department, to those below it, what a
small group can't be known by."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.case.facts import DateKind
from domain.figures.counting import NOW, Cells
from domain.figures.placing import added
from domain.figures.reading import countable
from domain.figures.suppression import Readers
from domain.organisations import BRANCH, DEPARTMENT
from domain.permissions import Permission
from domain.plans import funnel
from domain.rulebook.schema import Rulebook
from domain.states import PlanState
from models import CaseFile, DeadlineRow, FigureRow, Person, PlanRow, ReportRow
from models.columns import columns_of
from models.in_values import among
from services.casefile.procedure import Procedure
from services.casefile.sums import counted_before
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound
from services.core.guard import HAND, refuse_altered
from services.figures.files import picture_of, report_of, sheet_of
from services.figures.published import Finished, published
from services.figures.views import (
    FigureFile,
    FigureWithPeople,
    LowerOrganisation,
    PeopleBehind,
    PersonLine,
    Published,
    ReportNumbers,
    YearFigures,
)
from services.people.permitted import places_with, posts_with
from services.people.scope import Tree, allowed_at
from services.people.scope import tree as organisations
from services.people.views import Actor, Post
from services.reports.register import cases_of, partial_in

PAGE = 8
"""People on a page."""
CLOSED_ONCE = ("closed", "again")
"""States of a report that was answered."""


@dataclass
class Figures:
    """Whoever sees the cases of an organisation sees what they come to, and who is behind it."""

    database: Database
    procedure: Procedure
    fonts: Path | None = None

    async def of(self, actor: Actor, organisation_id: str, year: int, today: date) -> YearFigures:
        """Return the figures of an organisation and all below it. Raises NotAllowed; RecordAltered
        where a sum was changed by hand."""
        async with self.database.read() as session:
            tree = await self._seen(session, actor, organisation_id)
            level, name = tree.named(organisation_id)
            here, children = tree.below(organisation_id), tree.under(organisation_id)
            wanted = [organisation_id, *children]
            sums = await sums_of(session, wanted, (NOW, year - 1, year))
            # None stands for everything: the ids of a whole department would be thousands of
            # parameters.
            scope = None if level == DEPARTMENT else here
            return YearFigures(
                organisation_id=organisation_id,
                organisation=name,
                level=level,
                year=year,
                today=today,
                book=self.procedure.current,
                now=sums.get((organisation_id, NOW), {}),
                cells=sums.get((organisation_id, year), {}),
                before=sums.get((organisation_id, year - 1), {}),
                plan=funnel(await _plan(session, scope, year)),
                overdue=await _overdue(session, scope, today),
                levels=Counter(map(tree.level, here)),
                members=await _members(session, scope),
                below=_below({one: tree.named(one)[1] for one in children}, sums, year),
                reports=await _reports(session, actor, year) if scope is None else None,
            )

    async def picture(
        self, actor: Actor, organisation_id: str, year: int, today: date, page: int = 0
    ) -> FigureFile:
        """Return a part of the figures as a picture. Raises as `of`, and CannotPrint."""
        found = await self.of(actor, organisation_id, year, today)
        return await picture_of(found, self.fonts, page)

    async def sheet(self, actor: Actor, organisation_id: str, year: int, today: date) -> FigureFile:
        """Return the figures as a sheet with charts. Raises as `of`."""
        return await sheet_of(await self.of(actor, organisation_id, year, today))

    async def report(
        self, actor: Actor, organisation_id: str, year: int, today: date
    ) -> FigureFile:
        """Return the yearly report (N38) as Word: the numbers filled, the words left to people.
        Raises as `of`."""
        return await report_of(await self.of(actor, organisation_id, year, today))

    async def published(self, actor: Actor, year: int, today: date) -> Published:
        """Return the figures of the whole department for somebody below it, of a year that is over:
        asked day by day, a sum that grows by one would tell of one person. Raises NotAllowed."""
        async with self.database.read() as session:
            tree = await organisations(session)
            posts = await posts_with(session, actor, Permission.SEE_FIGURES)
            top = next((one for one in tree.rows if tree.level(one) == DEPARTMENT), None)
            if not posts or top is None or year >= today.year:
                raise NotAllowed(str(year))
            rows = await sums_of(session, None, [year])
            sums = {place: cells for (place, _), cells in rows.items()}
            mine = Counter[str]()
            # The sum of an organisation holds those below it, so each person is counted once.
            for place in _outermost([post.organisation_id for post in posts], tree):
                mine.update(sums.get(place, {}))
            readers = Readers(top, {place: tree.path(place) for place in tree.rows})
            blocks = published(self._book, Finished(readers, sums, mine))
            return Published(tree.named(top)[1], year, today, blocks)

    async def places(self, actor: Actor) -> tuple[Post, ...]:
        """Return the posts by which somebody sees figures, each once an organisation."""
        async with self.database.read() as session:
            return await places_with(session, actor, Permission.SEE_FIGURES)

    async def behind(
        self, actor: Actor, organisation_id: str, year: int
    ) -> tuple[FigureWithPeople, ...]:
        """Return the figures with people behind them. Raises as `of`."""
        async with self.database.read() as session:
            await self._seen(session, actor, organisation_id)
            sums = await sums_of(session, [organisation_id], (NOW, year))
        return tuple(item for item in self._behind(organisation_id, sums, year) if item.people)

    async def people(
        self, actor: Actor, organisation_id: str, year: int, number: int, page: int = 0
    ) -> PeopleBehind:
        """Return who is behind a figure. Raises as `of`; NotFound for no figure."""
        async with self.database.read() as session:
            tree = await self._seen(session, actor, organisation_id)
            names = {one: tree.named(one)[1] for one in tree.below(organisation_id)}
            branches = sorted(
                (one for one in names if tree.level(one) == BRANCH), key=names.__getitem__
            )
            item = self._item(number)
            at = NOW if item.cell.startswith("stage.") else year
            sums = await sums_of(session, branches, (at,))
            counts = {one: sums.get((one, at), {}).get(item.cell, 0) for one in branches}
            pages = max(1, -(-sum(counts.values()) // PAGE))
            # An old button may ask for a page that is there no more.
            page = min(max(page, 0), pages - 1)
            found = FigureWithPeople(number, item.cell, item.title, sum(counts.values()))
            parts = list(_on_page(counts, page * PAGE))
            lines: list[PersonLine] = []
            for place, skip, take in parts:
                cases = await _counted_at(session, place, at, item.cell)
                lines += [
                    PersonLine(case.id, str(case.person), names[place])
                    for case in cases[skip : skip + take]
                ]
        # Counted where it happened: a case that has moved on since is another branch's to show.
        gone = sum(take for _, _, take in parts) - len(lines)
        return PeopleBehind(organisation_id, year, found, tuple(lines), gone, page, pages)

    def _behind(
        self, place: str, sums: Mapping[tuple[str, int], Cells], year: int
    ) -> Iterable[FigureWithPeople]:
        for number, (cell, title) in enumerate(countable(self._book)):
            at = NOW if cell.startswith("stage.") else year
            yield FigureWithPeople(number, cell, title, sums.get((place, at), {}).get(cell, 0))

    def _item(self, number: int) -> FigureWithPeople:
        known = countable(self._book)
        if not 0 <= number < len(known):
            raise NotFound(str(number))
        return FigureWithPeople(number, *known[number], people=0)

    @property
    def _book(self) -> Rulebook:
        return self.procedure.current

    async def _seen(self, session: AsyncSession, actor: Actor, organisation_id: str) -> Tree:
        """The organisations, once the actor may see the figures of this one. Raises NotAllowed."""
        if not await allowed_at(session, actor, organisation_id, Permission.SEE_FIGURES):
            raise NotAllowed(organisation_id)
        found = await organisations(session)
        if organisation_id not in found.rows:
            raise NotAllowed(organisation_id)
        return found


def _outermost(places: Sequence[str], tree: Tree) -> list[str]:
    """Of organisations of which some lie below others, those that lie below none."""
    inner = {one for place in places for one in tree.below(place) if one != place}
    return [place for place in dict.fromkeys(places) if place not in inner]


async def sums_of(
    session: AsyncSession, places: Sequence[str] | None, years: Sequence[int]
) -> dict[tuple[str, int], Cells]:
    statement = select(FigureRow).where(col(FigureRow.year).in_(years))
    if places is not None:
        statement = statement.where(among(col(FigureRow.organisation_id), places))
    found: dict[tuple[str, int], Cells] = {}
    for row in await session.exec(statement):
        key = row.organisation_id, row.year
        found[key] = added(found.get(key, {}), row.cells or {})
    # Without a sum that was changed by hand, less would be shown than there is.
    refuse_altered(session)
    return found


def _below(
    names: Mapping[str, str], sums: Mapping[tuple[str, int], Cells], year: int
) -> tuple[LowerOrganisation, ...]:
    """By name: nobody is ranked."""
    found = [
        LowerOrganisation(name, sums.get((one, NOW), {}), sums.get((one, year), {}))
        for one, name in names.items()
    ]
    return tuple(sorted(found, key=lambda item: item.organisation))


def _cases_of(scope: Sequence[str]) -> SelectOfScalar[str]:
    # Not joined: SQLite would begin with all that is late, or planned in that year, anywhere.
    return select(CaseFile.id).where(among(col(CaseFile.organisation_id), scope))


async def _plan(session: AsyncSession, scope: Sequence[str] | None, year: int) -> list[PlanState]:
    statement = columns_of(PlanRow, ("state",)).where(PlanRow.year == year)
    if scope is not None:
        statement = statement.where(col(PlanRow.case_id).in_(_cases_of(scope)))
    return [state for (state,) in await session.exec(statement)]


async def _overdue(
    session: AsyncSession, scope: Sequence[str] | None, today: date
) -> dict[str, int]:
    statement = (
        select(DeadlineRow.kind, func.count())
        # Not the earliest days: nobody is late by having waited.
        .where(DeadlineRow.due_on < today, DeadlineRow.kind != DateKind.EARLIEST.value)
        .group_by(DeadlineRow.kind)
    )
    if scope is not None:
        statement = statement.where(col(DeadlineRow.case_id).in_(_cases_of(scope)))
    return dict((await session.exec(statement)).all())


async def _members(session: AsyncSession, scope: Sequence[str] | None) -> int:
    statement = select(func.count()).select_from(Person).where(col(Person.full_member).is_(True))
    if scope is not None:
        statement = statement.where(among(col(Person.organisation_id), scope))
    return int((await session.exec(statement, execution_options=HAND)).one())


async def _reports(session: AsyncSession, actor: Actor, year: int) -> ReportNumbers:
    """As the register shows them: who has a part in a case mustn't learn by a sum that there is a
    report on it."""
    statement = select(ReportRow).where(
        col(ReportRow.received_on) >= date(year, 1, 1),
        col(ReportRow.received_on) <= date(year, 12, 31),
    )
    rows = [
        row
        for row in (await session.exec(statement)).all()
        if actor.person_id not in await partial_in(session, await cases_of(session, row.id))
    ]
    return ReportNumbers(len(rows), sum(row.state.value in CLOSED_ONCE for row in rows))


def _on_page(counts: Mapping[str, int], first: int) -> Iterable[tuple[str, int, int]]:
    """Branch, how many of it come before the page, how many stand on it."""
    left = PAGE
    for place, number in counts.items():
        skip = min(first, number)
        take = min(number - skip, left)
        first -= skip
        if take:
            left -= take
            yield place, skip, take


async def _counted_at(session: AsyncSession, place: str, year: int, cell: str) -> list[CaseFile]:
    """The cases of a branch that count in a cell there, by name."""
    statement = select(CaseFile).where(CaseFile.organisation_id == place)
    found = [
        case
        for case in await session.exec(statement)
        if counted_before(case).get(place, {}).get(year, {}).get(cell)
    ]
    return sorted(found, key=lambda case: (str(case.person), case.id))
