"""`yinlu run`: one that dies is started again, and all end together."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from messenger.client import MessengerClient
from tests.browser.start import invent
from tests.operations.process import HANGS, Running, environment, started
from tests.ports import free_port

BEGAN = '"event": "began"'


def children(parent: int) -> list[int]:
    """The processes started by another one that still live."""
    stats = (entry / "stat" for entry in Path("/proc").glob("[0-9]*"))
    found = [_stat(path) for path in stats]
    return [pid for pid, state, above in found if above == parent and state != "Z"]


def _stat(path: Path) -> tuple[int, str, int]:
    try:
        state, above = path.read_text().rsplit(")", 1)[1].split()[:2]
    except OSError:
        return 0, "", 0
    return int(path.parent.name), state, int(above)


async def begun(house: Running, times: int) -> None:
    while house.log.count(BEGAN) < times:
        assert house.process.returncode is None, house.log
        house.spoke.clear()
        await house.spoke.wait()


@pytest.mark.slow
@pytest.mark.long
async def test_killed_bots_come_back_and_ctrl_c_ends_all_together_without_a_word(
    tmp_path: Path,
) -> None:
    port = free_port()
    given = environment(tmp_path)
    # Both bots of either start would play the whole city meanwhile: test_prepare.py tells of it.
    await invent(tmp_path, ())
    async with started(given, "run", "--port", str(port), group=True) as house:
        await begun(house, 2)
        both = children(house.process.pid)
        assert len(both) == 2
        for child in both:
            os.kill(child, signal.SIGKILL)
        await begun(house, 4)
        assert house.log.count("ended with -9, starting again") == 2
        again = children(house.process.pid)
        assert len(again) == 2
        assert not set(again) & set(both)
        async with MessengerClient(f"http://127.0.0.1:{port}") as messenger:
            secretary = await messenger.person("secretary", "staff")
            await secretary.says("/start")
            await secretary.sees("待办")
        async with asyncio.timeout(HANGS):
            os.killpg(house.process.pid, signal.SIGINT)
            assert await house.process.wait() == 0
    assert "Traceback" not in house.log
    assert "KeyboardInterrupt" not in house.log
    assert not [pid for pid in again if Path(f"/proc/{pid}").exists()]
