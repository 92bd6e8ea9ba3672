"""Offices with a department each, that exchange totals over the channel between them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models import FigureRow, Organisation, PeerMessage, TotalsRow
from models.peers import Relation
from services.casefile.procedure import Procedure
from services.container import Services, build_services
from services.core.acts import Act
from services.people.views import Actor
from services.totals.views import Gathered, ToSend
from tests.databases import fresh_database
from tests.peers.cities import City, city

JANUARY = datetime(2027, 1, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
YEAR = 2026
ACTS = count(1)
Cells = Mapping[str, int]


@dataclass
class Office:
    """A department and its director."""

    city: City
    services: Services
    director: Actor

    def act(self) -> Act:
        return _act(self.city)

    async def below(self, other: "Office") -> None:
        """Each adds the other's card."""
        await self.city.knows(other.city, Relation.ABOVE)
        await other.city.knows(self.city, Relation.BELOW)

    async def opens_a_branch(self) -> None:
        """From here on it has cases of its own."""
        await self.city.does(_add_branch(self))

    async def counts(self, cells: Cells, year: int = YEAR) -> None:
        """The sums of a year, as acts would leave them."""

        async def written() -> None:
            async with self.services.database.write() as session:
                for place in (await session.exec(select(Organisation))).all():
                    known = select(FigureRow).where(
                        FigureRow.organisation_id == place.id, FigureRow.year == year
                    )
                    row = (await session.exec(known)).first()
                    row = row or FigureRow(organisation_id=place.id, year=year)
                    row.cells = dict(cells)
                    session.add(row)

        await self.city.does(written())

    async def hears_of(self, reports: int) -> None:
        """Letters that came in within the year."""

        async def written() -> None:
            for _ in range(reports):
                act = replace(self.act(), at=self.city.at.replace(year=YEAR))
                await self.services.reports.register(
                    act, self.director, "letter", "有人反映。", None
                )

        await self.city.does(written())

    async def would_send(self, year: int = YEAR) -> ToSend:
        totals = self.services.totals
        return await self.city.does(totals.to_send(self.director, year, self.city.at.date()))

    async def sends(self, year: int = YEAR) -> ToSend:
        """And posts it."""
        found = await self.city.does(self.services.totals.send(self.act(), self.director, year))
        await self.city.posts()
        return found

    async def gathered(self, year: int = YEAR) -> Gathered:
        totals = self.services.totals
        return await self.city.does(totals.gathered(self.director, year, self.city.at.date()))

    async def stored(self) -> list[TotalsRow]:
        async def read() -> list[TotalsRow]:
            async with self.services.database.read() as session:
                return list(await session.exec(select(TotalsRow)))

        return await self.city.does(read())

    async def waiting(self) -> int:
        async def read() -> int:
            async with self.services.database.read() as session:
                rows = await session.exec(select(PeerMessage))
                return sum(row.arrived_at is None for row in rows)

        return await self.city.does(read())


@asynccontextmanager
async def office(
    request: pytest.FixtureRequest,
    name: str,
    folder: Path,
    procedure: Procedure,
    cases: bool = True,
) -> AsyncIterator[Office]:
    (folder / name).mkdir()
    async with fresh_database(request, folder / name) as url, city(name, url) as here:
        here.at = JANUARY
        yield await here.does(_founded(here, procedure, cases))


def _act(here: City) -> Act:
    return Act(f"story:{next(ACTS)}", here.at)


async def _founded(here: City, procedure: Procedure, cases: bool) -> Office:
    services = build_services(here.database, procedure)
    here.inbox.handlers = services.from_peers.handlers
    token = await services.people.found(_act(here), f"{here.name}委组织部", "主任甲")
    director = await services.people.join(_act(here), 100, token, "zh")
    made = Office(here, services, director)
    if cases:
        await _add_branch(made)
    return made


async def _add_branch(office: Office) -> None:
    add, director = office.services.people.add_organisation, office.director
    top = director.posts[0].organisation_id
    committee = await add(office.act(), director, top, "committee", "第一党委")
    await add(office.act(), director, committee, "branch", "第一支部")
