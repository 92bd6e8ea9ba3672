"""A suite or a benchmark that is broken off leaves no process behind, and no folder of a server."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from benchmarks.left_behind import PROC
from tests.operations.process import HANGS

TOP = Path(__file__).parents[2]
CHILD = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print("begun", flush=True)
import signal
signal.pause()
"""
STARTS = f"""
import signal, subprocess, sys
from pathlib import Path
from benchmarks.left_behind import ends_with_us, goes_with_us
goes_with_us(Path(sys.argv[1]))
ends_with_us(subprocess.Popen([sys.executable, "-c", {CHILD!r}]).pid)
signal.pause()
"""
MARK = "YINLU_TEST_BROKEN_OFF"
NURSERY, SERVER = "benchmarks.killing.nursery", "postgres"

pytestmark = pytest.mark.skipif(not PROC.exists(), reason="nothing is watched without /proc")


async def test_what_a_killed_process_had_started_ends_with_all_that_it_started_itself(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    (data / "base").mkdir(parents=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTS, str(data), cwd=TOP, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(HANGS):
        assert await process.stdout.readline() == b"begun\n"
        process.kill()
        await process.wait()
        # All of them hold it, the watcher too: it ends once nobody is left.
        assert await process.stdout.read() == b""
    assert not data.exists()


def marked(mark: str) -> dict[int, str]:
    """The processes that were started with a mark in their environment, with their commands."""
    found = {}
    for entry in PROC.glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_text()
        except OSError:
            continue
    return {pid: command for pid, command in found.items() if command}


@pytest.fixture
def room() -> Iterator[Path]:
    """Where a server may be that runs as another user: it can't enter the folders of pytest."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.alone
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_suite_that_is_broken_off_ends_its_server_and_its_bots(
    how: signal.Signals, room: Path
) -> None:
    mark = uuid4().hex
    # A server of this session has set it to a folder of its own, where another one can't start.
    given = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider",
        "tests/kill", "-k", "either",
        cwd=TOP, env=given | {MARK: mark, "TMPDIR": str(room)},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(HANGS):
        while not all_begun(marked(mark)):
            assert process.returncode is None
            await asyncio.sleep(0.05)
        process.send_signal(how)
        await process.wait()
        while marked(mark):  # noqa: ASYNC110, as above
            await asyncio.sleep(0.05)
    assert list(room.glob("yinlu-*")) == []


def all_begun(commands: dict[int, str]) -> bool:
    """The server, and of the nursery more than itself."""
    said = list(commands.values())
    return sum(NURSERY in each for each in said) > 1 and any(SERVER in each for each in said)
