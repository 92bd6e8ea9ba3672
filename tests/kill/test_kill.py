"""Nothing is lost and nothing is done twice, whenever the process dies (docs/promises.md Q1, Q3).

`pytest tests/kill --seed 42` replays a run.
"""

from pathlib import Path

import pytest

from benchmarks.killing.bare import bare_run
from benchmarks.killing.run import Size, kill_run
from benchmarks.killing.verdict import Verdict

pytestmark = [pytest.mark.kill, pytest.mark.alone]


def nothing_lost_nothing_twice(verdict: Verdict) -> None:
    print(verdict.line)  # noqa: T201, the seed has to be seen
    said = verdict.line
    assert verdict.conversations == verdict.chats, said
    assert verdict.updates >= 10 * verdict.chats, said
    assert 0 < verdict.certain <= verdict.at_points, said
    assert (verdict.lost, verdict.twice, verdict.silent, verdict.parked) == (0, 0, 0, 0), said
    assert verdict.messages > 0, said
    assert (verdict.messages_lost, verdict.messages_unmarked) == (0, 0), said


FEW = Size(chats=6, each=1, kills=4)
LONG = pytest.param(Size(chats=30, each=1, kills=20), marks=pytest.mark.slow, id="long")
FEW_PAIR = pytest.param(FEW, marks=pytest.mark.slow, id="few")
LONG_PAIR = pytest.param(Size(chats=10, each=1, kills=8), marks=pytest.mark.slow, id="long")


@pytest.mark.parametrize("size", [pytest.param(FEW, id="few"), LONG])
async def test_one_process_killed_again_and_again(tmp_path: Path, seed: int, size: Size) -> None:
    verdict = await kill_run(tmp_path, size, seed)
    assert verdict.kills == size.kills
    nothing_lost_nothing_twice(verdict)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("size", [FEW_PAIR, LONG_PAIR])
async def test_either_of_two_processes_killed(
    tmp_path: Path, database_url: str, seed: int, size: Size
) -> None:
    verdict = await kill_run(tmp_path, size, seed, database_url)
    assert verdict.kills == size.kills
    nothing_lost_nothing_twice(verdict)


@pytest.mark.slow
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
