"""Figures of a department: what it takes to see, to draw and to hand in what ten thousand and a
hundred thousand cases come to, and to see who is behind a number."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks import city as cities
from benchmarks.rows import Row, missing, row
from domain.figures.counting import NOW
from domain.figures.placing import change
from models import CaseFile, DeadlineRow, FigureRow, Organisation
from models.macs import rows_by_hand
from sandbox.people import FILE, read
from services.casefile.sums import as_stored
from services.core.guard import HAND
from services.figures.figures import Figures
from services.papers.views import CannotPrint
from services.people.views import Actor

SIZES = (10_000, 100_000)
COMMITTEES, EACH, CHUNK, RUNS = 35, 50, 400, 5
"""Committees; cases of a branch; branches written at once."""
SECONDS = 2.0
TODAY = cities.MORNING.date()
YEAR = TODAY.year
STAGES = ("application", "activist", "candidate", "probation")
PARTS = {
    "sex": ("female", "male"),
    "age": ("25", "30", "35", "45", "59", "60"),
    "nation": ("han", "minority"),
    "education": ("postgraduate", "university", "college", "vocational", "high_school"),
    "first_line": ("first_line", "elsewhere"),
}
WORK = ("worker", "farmer", "professional", "manager", "official", "student", "other")


async def rows(sizes: Sequence[int] = SIZES) -> Sequence[Row]:
    found: list[Row] = []
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, 1, read(FILE)["texts"])
        people = city.services.people
        director = await people.known(cities.CHATS["director"])
        here = 0
        for size in sizes:
            await grow(city, director, size - here, here)
            here = size
            found += await measured(city.services.figures, director, size)
        await city.close()
    return found


async def measured(figures: Figures, actor: Actor, size: int) -> Sequence[Row]:
    place = actor.posts[0].organisation_id
    whole = await figures.of(actor, place, YEAR, TODAY)
    assert sum(whole.now.get(f"stage.{stage}", 0) for stage in STAGES) >= size
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        f"figures of {size:,} cases": lambda: figures.of(actor, place, YEAR, TODAY),
        "  as a sheet with charts": lambda: figures.sheet(actor, place, YEAR, TODAY),
        "  the yearly report as Word": lambda: figures.report(actor, place, YEAR, TODAY),
        "  a page of the people behind a number": lambda: figures.people(actor, place, YEAR, 1, 40),
        "  as a picture": lambda: figures.picture(actor, place, YEAR, TODAY),
    }
    found = []
    for what, ask in asked.items():
        try:
            found.append(await timed(what, ask))
        except CannotPrint:
            found.append(missing(what, "s", "no Chinese font here"))
    return found


async def timed(what: str, ask: Callable[[], Awaitable[object]]) -> Row:
    spent = []
    for _ in range(RUNS):
        began = perf_counter()
        await ask()
        spent.append(perf_counter() - began)
    return row(what, spent, "s", f"<= {SECONDS} s", median(spent) <= SECONDS)


async def grow(city: cities.City, director: Actor, count: int, before: int) -> None:
    """Add `count` cases with the sums that acts would have kept of them."""
    top, chance = director.posts[0].organisation_id, Random(before)
    async with city.database.write() as session:
        committees = [_place("committee", top, f"第{n}党委") for n in range(COMMITTEES)]
        await _put(session, Organisation, committees)
    branches = [
        _place("branch", committees[n % COMMITTEES].id, f"支部{before + n}")
        for n in range(count // EACH)
    ]
    for first in range(0, len(branches), CHUNK):
        await _fill(city, top, branches[first : first + CHUNK], chance)


async def _fill(
    city: cities.City, top: str, branches: Sequence[Organisation], chance: Random
) -> None:
    cases = [_case(branch.id, chance) for branch in branches for _ in range(EACH)]
    above = {b.id: (b.id, b.parent_id or top, top) for b in branches}
    async with city.database.write() as session:
        await _put(session, Organisation, branches)
        await _put(session, CaseFile, [case for case, _ in cases])
        await _put(session, DeadlineRow, [_deadline(case.id, chance) for case, _ in cases])
        sums: dict[str, dict[int, dict[str, int]]] = {}
        for case, years in cases:
            here = sums.setdefault(case.organisation_id, {})
            for year, cells in years.items():
                for cell, number in cells.items():
                    known = here.setdefault(year, {})
                    known[cell] = known.get(cell, 0) + number
        rows = []
        for (place, year), added in change({}, sums, above).items():
            figure = FigureRow(organisation_id=place, year=year)
            figure.cells = dict(added)
            rows.append(figure)
        await _put(session, FigureRow, rows)


def _place(level: str, parent: str, name: str) -> Organisation:
    place = Organisation(level=level, parent_id=parent)
    place.name = name
    return place


def _case(branch: str, chance: Random) -> tuple[CaseFile, dict[int, dict[str, int]]]:
    case = CaseFile(organisation_id=branch, rulebook="yakeshi", opened_on=date(YEAR, 1, 5))
    case.person = f"某人{chance.randrange(10**6)}"
    years = _counts(chance)
    case.counted = as_stored({branch: years})
    return case, years


def _counts(chance: Random) -> dict[int, dict[str, int]]:
    stage, work = chance.choice(STAGES), chance.choice(WORK)
    picks = {division: chance.choice(parts) for division, parts in PARTS.items()}
    stem = f"made.{stage}"
    month = chance.randint(1, 12)
    made = {stem: 1, f"{stem}.month.{month}": 1, f"{stem}.occupation.{work}": 1}
    for division, part in picks.items():
        made[f"{stem}.{division}.{part}"] = 1
        made[f"{stem}.occupation.{work}.{division}.{part}"] = 1
    now = {f"stage.{stage}": 1, f"stage.{stage}.born.{chance.randint(1965, 2008)}": 1}
    now |= {f"stage.{stage}.{d}.{part}": 1 for d, part in picks.items() if d != "age"}
    return {NOW: now, chance.choice((YEAR - 1, YEAR)): made}


def _deadline(case_id: str, chance: Random) -> DeadlineRow:
    on = TODAY + timedelta(days=chance.randint(-30, 300))
    return DeadlineRow(
        case_id=case_id,
        step="6a",
        limit_id="every_half_year",
        kind=chance.choice(("legal", "local", "advised")),
        due_on=on,
        source="N13",
        next_look=None,
    )


async def _put(session: AsyncSession, table: type, rows: Sequence[object]) -> None:
    values = rows_by_hand(session.sync_session, rows)  # type: ignore[arg-type]
    await session.exec(insert(table), params=values, execution_options=HAND)
