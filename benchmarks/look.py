"""Many dates that come due on one morning: to look at each case and to queue what is told of it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from sqlmodel import select

from benchmarks import city as cities
from benchmarks.rows import Row, row
from models import DeadlineRow
from models.crypto import KeyRing
from sandbox.people import FILE, read

CASES, BRANCHES = 10_000, 200


async def rows(cases: int = CASES, branches: int = BRANCHES) -> Sequence[Row]:
    with TemporaryDirectory() as folder:
        each = cases // branches
        city = await cities.build(Path(folder), branches, each, read(FILE)["texts"], KeyRing.new())
        try:
            await _all_due(city)
            begin, spent = perf_counter(), process_time()
            told = await city.services.reminders.look(cities.MORNING)
            spent, whole = process_time() - spent, perf_counter() - begin
            assert told >= cases, told
        finally:
            await city.close()
    what = f"{told:,} dates due on one morning, looked at and told"
    return [
        row(what, [whole], "s", "<= 8", whole <= 8),
        row("  of it, time of the processor", [spent], "s"),
    ]


async def _all_due(city: cities.City) -> None:
    """One date of each case, none of which was looked at before."""
    seen = set[str]()
    async with city.database.write() as session:
        for one in (await session.exec(select(DeadlineRow))).all():
            one.next_look = None if one.case_id in seen else cities.MORNING.date()
            seen.add(one.case_id)
