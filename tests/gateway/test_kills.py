"""Killed wherever it is, over WeCom and Feishu: what was stored is answered, and what is said again
is said to be a repetition. Each named point once; `python -m benchmarks gateway` has 25 of each."""

from pathlib import Path

import pytest

from bot.app.settings import FEISHU, WECOM
from tests.gateway.kills import PASSED, kill_run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", [WECOM, FEISHU])
async def test_killed_at_each_point_it_loses_nothing_stored_and_marks_what_it_repeats(
    tmp_path: Path, name: str
) -> None:
    verdict = await kill_run(tmp_path, name, 1, seed=1)
    assert (verdict.kills, verdict.wrong) == (len(PASSED), 0), verdict
    if name == FEISHU:
        # It pushes again what wasn't acknowledged, and knows keys.
        assert (verdict.unheard, verdict.marked) == (0, 0), verdict
    else:
        # What dies before it is stored isn't pushed again: always at one of the points, and at any
        # other where the text was already on its way to a process that was just dying. And a key
        # means nothing there.
        assert 1 <= verdict.unheard <= verdict.kills, verdict
        assert verdict.marked >= 1, verdict
