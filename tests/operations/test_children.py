"""What `yinlu run` does with the two bots it starts, told of programs that only say that they are
ready: `tests/operations/test_run.py` starts the bots themselves."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from sandbox import child
from sandbox.child import REFUSED, Child
from sandbox.run import LocalRun, local_run
from tests.operations.conftest import settings_in
from tests.operations.process import HANGS

READY = """#!/bin/sh
case "$3" in staff|local-staff) echo ready;; esac
exec sleep {HANGS}
"""


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """In the place of Python, and started again at once."""
    path = folder / "program"
    path.write_text(text.format(HANGS=HANGS), "utf-8")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))
    monkeypatch.setattr(child, "RESTART", 0.0)


async def begun(one: Child, other_than: int = 0) -> asyncio.subprocess.Process:
    """Its process, once it is ready."""
    async with asyncio.timeout(HANGS):
        await one.ready.wait()
        while one.process is None or one.process.pid == other_than:  # noqa: ASYNC110, it is another process
            await asyncio.sleep(0.01)
    return one.process


async def test_killed_bots_come_back_and_all_end_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, monkeypatch, READY)
    run: LocalRun = local_run(settings_in(tmp_path / "var"), 0)
    stop = asyncio.Event()
    serving = asyncio.create_task(run.serve(stop))
    again = []
    for one in (run.staff, run.public):
        first = await begun(one)
        os.kill(first.pid, signal.SIGKILL)
        again.append(await begun(one, other_than=first.pid))
    assert [process.returncode for process in again] == [None, None]
    stop.set()
    async with asyncio.timeout(HANGS):
        assert await serving == 0
    assert [process.returncode for process in again] == [-signal.SIGTERM, -signal.SIGTERM]
    said = capsys.readouterr()
    for name in ("staff", "public"):
        assert said.err.count(f"{name}: ended with -9, starting again") == 1
    assert said.out.splitlines()[1].endswith("/report")


async def test_no_bot_outlives_a_start_that_was_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, "#!/bin/sh\nexec sleep {HANGS}\n")
    run = local_run(settings_in(tmp_path / "var"), 0)
    stop = asyncio.Event()
    serving = asyncio.create_task(run.serve(stop))
    async with asyncio.timeout(HANGS):
        while run.staff.process is None:  # noqa: ASYNC110, it is another process
            await asyncio.sleep(0.01)
        stop.set()
        assert await serving == 0
    assert run.staff.process.returncode == -signal.SIGTERM
    assert run.public.process is None


@pytest.mark.parametrize(("text", "code"), [("echo ready; exit 2", REFUSED), ("exit 3", 3)])
async def test_one_that_is_refused_or_never_was_ready_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, code: int
) -> None:
    program(tmp_path, monkeypatch, f"#!/bin/sh\n{text}\n")
    one = Child("staff", ("local-staff",), {})
    async with asyncio.timeout(HANGS):
        assert await one.supervise() == code
    assert one.ready.is_set() == (code == REFUSED)
