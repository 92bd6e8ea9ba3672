"""`make run` as a new user meets it: the time until the bot answers, its memory, its end."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.left_behind import ends_with_us
from benchmarks.rows import Row, missing, row
from messenger.client import MessengerClient

TOP = Path(__file__).parents[1]
RUNS, SETTLED = 3, 20.0


async def rows() -> Sequence[Row]:
    spent, memory, ends = [], [], []
    with TemporaryDirectory() as environment:
        program = await installed(Path(environment))
        for _ in range(RUNS):
            with TemporaryDirectory() as folder:
                answered, taken, ended = await _run(program, Path(folder))
                spent.append(answered)
                memory.append(taken)
                ends.append(ended)
    worst = max(spent)
    first = row("make run, installed, to the first answer", spent, "s", "<= 4", worst <= 4)
    last = row("from SIGTERM to the end of all processes", ends, "s", "<= 5", max(ends) <= 5)
    if not all(memory):
        return [first, missing("memory, idle, all processes", "MB", "no /proc here"), last]
    most = max(memory)
    second = row("memory, idle, all processes", memory, "MB", "<= 320", most <= 320)
    return [first, second, last]


async def installed(folder: Path) -> Path:
    """The program as `make run` installs it: beside the tools of development it loads some of them
    and takes ten megabytes more."""
    stamp = folder / ".run"
    process = await asyncio.create_subprocess_exec("make", f"VENV={folder}", str(stamp), cwd=TOP)
    # Not in the measured time: a user installs once.
    assert await process.wait() == 0
    return folder / "bin" / "yinlu"


async def _run(program: Path, folder: Path) -> tuple[float, float, float]:
    begin = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        str(program), "run", "--port", "0",
        env=os.environ | {"YINLU_DATA": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    ends_with_us(process.pid)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with MessengerClient(url) as messenger:
            secretary = await messenger.person("secretary", "staff")
            await secretary.says("/start")
            await secretary.sees("待办")
            answered = time.perf_counter() - begin
            await asyncio.sleep(SETTLED)
        taken = _memory(process.pid)
    finally:
        asked = time.perf_counter()
        process.terminate()
        await process.wait()
    return answered, taken, time.perf_counter() - asked


def _memory(session: int) -> float:
    """Megabytes of all processes of a session, what they share counted once (PSS); 0 where the
    system doesn't say."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(entry.name)) == session:
                total += _share((entry / "smaps_rollup").read_text())
        except (OSError, ValueError):
            continue
    return total / 1024


def _share(text: str) -> int:
    lines = (line.split() for line in text.splitlines())
    return next(int(parts[1]) for parts in lines if parts[0] == "Pss:")
