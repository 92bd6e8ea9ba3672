"""Nothing is lost and nothing is done twice, whenever the process dies (docs/promises.md Q1, Q3).

`pytest tests/kill --seed 42` replays a run.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks.killing.bare import bare_run
from benchmarks.killing.cells import cells_run
from benchmarks.killing.run import Size, interrupted_run, kill_run
from benchmarks.killing.verdict import Verdict
from benchmarks.postgres import on_server, postgres_server, run
from services.core.advisory_locks import ANSWER_IN

pytestmark = [pytest.mark.kill, pytest.mark.alone, pytest.mark.slow]


def nothing_lost_nothing_twice(verdict: Verdict) -> None:
    print(verdict.line)  # noqa: T201, the seed has to be seen
    said = verdict.line
    assert verdict.conversations == verdict.chats, said
    assert verdict.updates >= 8 * verdict.chats, said
    assert 0 < verdict.certain <= verdict.at_points, said
    assert (verdict.lost, verdict.other, verdict.twice) == (0, 0, 0), said
    assert (verdict.silent, verdict.parked) == (0, 0), said
    assert verdict.messages > 0, said
    assert (verdict.messages_lost, verdict.messages_unmarked) == (0, 0), said


ALONE = Size(chats=30, each=1, kills=20)
PAIR = Size(chats=10, each=1, kills=8)


async def test_one_process_killed_again_and_again(tmp_path: Path, seed: int) -> None:
    verdict = await kill_run(tmp_path, ALONE, seed)
    assert verdict.kills == ALONE.kills
    nothing_lost_nothing_twice(verdict)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_either_of_two_processes_killed(tmp_path: Path, database_url: str, seed: int) -> None:
    verdict = await kill_run(tmp_path, PAIR, seed, database_url)
    assert verdict.kills == PAIR.kills
    nothing_lost_nothing_twice(verdict)


MOVED = Size(chats=3, each=3, kills=6, pause=60.0)
CITIES = ("north", "east", "south")


@pytest.mark.postgres
async def test_cells_killed_and_moved_between_two_processes(
    tmp_path: Path, postgres_url: str, seed: int
) -> None:
    async with AsyncExitStack() as stack:
        control, *urls = [
            await stack.enter_async_context(on_server(postgres_url)) for _ in ("control", *CITIES)
        ]
        verdicts = await cells_run(
            tmp_path, dict(zip(CITIES, urls, strict=True)), control, MOVED, seed
        )
    for name, verdict in verdicts.items():
        print(name, verdict.line)  # noqa: T201, the seed has to be seen
    first, *_ = verdicts.values()
    assert first.kills == MOVED.kills
    assert 0 < first.certain <= first.at_points
    for verdict in verdicts.values():
        said = verdict.line
        assert verdict.conversations == MOVED.chats * MOVED.each, said
        assert (verdict.lost, verdict.other, verdict.twice) == (0, 0, 0), said
        assert (verdict.silent, verdict.parked) == (0, 0), said
        assert verdict.messages > 0, said
        assert (verdict.messages_lost, verdict.messages_unmarked) == (0, 0), said


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL that nobody else has anything in."""
    with postgres_server() as made:
        yield made


LONG_STOP, STOP = ANSWER_IN + 1, 0.2
"""Seconds for which a server stands still: longer than anybody waits for it, and shorter."""


@pytest.mark.postgres
async def test_fifty_interruptions_of_the_server_lose_nothing_and_freeze_nobody(
    tmp_path: Path, server: Any, seed: int
) -> None:
    """Its backends are ended, and all of it is stopped and goes on (docs/promises.md Q10)."""
    url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")

    async def interrupt(number: int) -> None:
        if number % 5:
            await run(url, ENDED)
            return
        processes = [server.get_pid(), *children_of(server.get_pid())]
        try:
            signalled(processes, signal.SIGSTOP)
            await asyncio.sleep(STOP if number else LONG_STOP)
        finally:
            signalled(processes, signal.SIGCONT)

    size = Size(chats=5, each=1, kills=50, pause=8.0)
    verdict = await interrupted_run(tmp_path, size, seed, url, interrupt)
    print(verdict.line)  # noqa: T201, the seed has to be seen
    assert verdict.kills == 50
    assert verdict.conversations == verdict.chats
    assert (verdict.lost, verdict.twice, verdict.silent, verdict.parked) == (0, 0, 0, 0)
    assert (verdict.messages_lost, verdict.messages_unmarked) == (0, 0)


ENDED = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def signalled(processes: list[int], what: signal.Signals) -> None:
    for process in processes:
        # A backend may have ended since they were listed.
        with suppress(ProcessLookupError):
            os.kill(process, what)


def children_of(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # After the name, which stands in brackets and may hold anything.
                state = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(state[1]) == parent:
                    found.append(int(folder.name))
    return found


@pytest.mark.parametrize("module", ["bare_aiogram", "bare_telegram"])
async def test_the_same_kills_find_losses_in_a_bare_bot_that_loses_nothing_unharmed(
    tmp_path: Path, module: str, seed: int
) -> None:
    bot = f"benchmarks.killing.{module}"
    for name, kills in (("unharmed", 0), ("killed", 5)):
        folder = tmp_path / name
        folder.mkdir()
        verdict = await bare_run(folder, bot, chats=15, kills=kills, seed=seed)
        print(module, verdict.line)  # noqa: T201, the seed has to be seen
        assert min(kills, 1) <= verdict.kills <= kills
        assert verdict.conversations >= 15
        assert (verdict.lost > 0) is (kills > 0), verdict.line
