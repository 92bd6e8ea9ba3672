"""Killed wherever it is, the gateway loses nothing and shows nothing twice: each named point once.
`python -m benchmarks gateway` has 25 of each."""

from pathlib import Path

import pytest

from benchmarks.matrix.kill import kill_run
from benchmarks.matrix.server import there
from benchmarks.matrix.victim import POINTS

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not there(), reason="no Synapse here: `make test-slow` makes it")
async def test_killed_at_each_point_it_loses_nothing_and_shows_nothing_twice(
    tmp_path: Path,
) -> None:
    verdict = await kill_run(tmp_path, 1, seed=1)
    assert (verdict.kills, verdict.texts, verdict.wrong) == (len(POINTS), 3 * len(POINTS), 0)
