"""Cells on PostgreSQL: moved between two processes while people write, and a database that dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.postgres import on_server, run
from cells.control import Control, Process
from cells.serving import Cells, Leases, controlled
from tests.cells.test_serving import states, until_it_fails
from tests.cells.towns import Region, region

pytestmark = [pytest.mark.postgres, pytest.mark.long]
NAMES = ("east", "north", "south")


@asynccontextmanager
async def on_postgres(folder: Path, server: str) -> AsyncIterator[tuple[Region, Control]]:
    async with AsyncExitStack() as stack:
        urls = {name: await stack.enter_async_context(on_server(server)) for name in NAMES}
        url = await stack.enter_async_context(on_server(server))
        control = await stack.enter_async_context(controlled(url))
        yield await stack.enter_async_context(region(folder, NAMES, urls)), control


def process(here: Region, control: Control, name: str) -> Cells:
    clock = asyncio.get_running_loop().time
    return here.process(Leases(control, Process(name, f"http://{name}:9471"), clock))


async def test_a_cell_moves_to_a_process_that_joins_and_back_when_that_ends(
    tmp_path: Path, postgres_url: str
) -> None:
    async with on_postgres(tmp_path, postgres_url) as (here, control):
        first, second = process(here, control, "first"), process(here, control, "second")
        await first.look()
        await asyncio.gather(*(town.joins() for town in here.towns.values()))
        assert set(first.running) == {*NAMES}

        await second.look()
        assert second.running == {}, "nothing is free, and nobody is asked twice"
        await first.look()
        moving = here.towns["south"]
        # Written while nobody fetches it: it waits at the messenger.
        await moving.director.says("/start")
        await first.ended()
        await first.look()
        await second.look()
        assert (set(first.running), set(second.running)) == ({"east", "north"}, {"south"})
        await moving.director.sees("苏和")
        assert await states(second) == {"south": "fine"}

        await second.end()
        await first.look()
        assert set(first.running) == {*NAMES}
        await asyncio.gather(*(town.is_answered() for town in here.towns.values()))
        await first.end()
        assert await control.leases() == []


async def test_a_database_that_dies_is_that_cell_s_trouble_alone(
    tmp_path: Path, postgres_url: str
) -> None:
    async with on_postgres(tmp_path, postgres_url) as (here, control):
        cells = process(here, control, "only")
        await cells.look()
        await asyncio.gather(*(town.joins() for town in here.towns.values()))
        url = here.towns["north"].settings.read()["DATABASE_URL"]
        name = url.partition("?")[0].rpartition("/")[2]
        await run(postgres_url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await run(
            postgres_url,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        await here.towns["south"].is_answered()
        await here.towns["east"].is_answered()
        await until_it_fails(here, "north")
        assert (await states(cells))["south"] == "fine"
        assert (await states(cells))["north"] != "fine"
        assert set(cells.running) == {*NAMES}, "it stays here, and is tried again"

        await run(postgres_url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        here.pauses["north"].again.set()
        await here.towns["north"].is_answered()
        await cells.end()


async def test_a_cell_that_may_be_moved_needs_postgresql(tmp_path: Path, postgres_url: str) -> None:
    async with (
        on_server(postgres_url) as url,
        controlled(url) as control,
        region(tmp_path, ("filed",)) as here,
    ):
        cells = process(here, control, "only")
        await cells.look()
        await until_it_fails(here, "filed")
        assert "expected PostgreSQL" in (await states(cells))["filed"]
        await cells.end()
