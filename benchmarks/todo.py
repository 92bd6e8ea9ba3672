"""How long 待办 takes whose thousand cases all wait for one person: when a process has just begun,
and again."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks import city as cities
from benchmarks.rows import Row, row
from models.crypto import KeyRing
from sandbox.people import FILE, read
from services.container import Services, build_services

CASES, RUNS = 1_000, 5


async def rows(cases: int = CASES) -> Sequence[Row]:
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, cases, read(FILE)["texts"], KeyRing.new())
        try:
            cold, warm = [], []
            for _ in range(RUNS):
                # What a process keeps hangs on its services.
                fresh = build_services(city.database, city.services.procedure)
                cold.append(await _seconds(fresh, cases))
                warm.append(await _seconds(fresh, cases))
        finally:
            await city.close()
    what, middle = f"what waits for one person in {cases:,} cases, the first time", median(cold)
    return [row(what, cold, "s", "<= 0.5", middle <= 0.5), row("  again", warm, "s")]


async def _seconds(services: Services, cases: int) -> float:
    actor = await services.people.known(cities.FIRST_CHAT)
    begin = perf_counter()
    found = await services.todo.items(actor, cities.MORNING.date())
    spent = perf_counter() - begin
    assert len(found) >= cases, len(found)
    return spent
