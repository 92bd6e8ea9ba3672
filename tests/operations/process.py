"""`python -m bot …` as a process of its own, with an environment of its own: forked, or started
anew where it starts others itself."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.left_behind import ends_with_us
from tests.operations.forked import Forked, fork

TOKEN = "42:nobody_has_this_token"
HANGS = 120.0
"""Seconds after which a test gives up."""
BROKEN_OFF = 60.0
"""Seconds after which a process here breaks off what doesn't end by itself. In earnest it has less
than five; on a busy machine a test would tell of the machine then."""
LIMITS = ("CANCEL_AFTER", "KILL_AFTER", "RUN_CANCEL_AFTER", "ANSWER_IN")
PATIENT = """
import runpy
from bot.app import shutdown
for name, seconds in {ends}.items():
    setattr(shutdown, name, seconds)
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


def be_patient(ends: Mapping[str, float]) -> None:
    """In a forked process: what PATIENT does in one that is started anew. Who has loaded them holds
    the old ones."""
    for module in [module for name, module in sys.modules.items() if name.startswith("bot.")]:
        for name, seconds in ends.items():
            if hasattr(module, name):
                setattr(module, name, seconds)


def environment(folder: Path, **given: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("YINLU_", "DATABASE_"))}
    return kept | {"YINLU_DATA": str(folder), "PYTHONUNBUFFERED": "1"} | given


@dataclass
class Ended:
    code: int
    out: str
    said: str


async def ended(environment: Mapping[str, str], *arguments: str) -> Ended:
    """Runs a command to its end."""
    process = await fork(environment, *arguments)
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Running:
    process: asyncio.subprocess.Process | Forked
    lines: list[str] = field(default_factory=list)
    spoke: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    async def read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode().rstrip())
            self.spoke.set()
        # Who waits for it to begin hears that it has ended, not only that it is silent.
        await self.process.wait()
        self.spoke.set()

    async def began(self) -> None:
        """Everything is loaded and joined: what comes now is a matter of what was done."""
        while '"event": "began"' not in self.log:
            assert self.process.returncode is None, self.log
            self.spoke.clear()
            await self.spoke.wait()

    async def stopped(self) -> int:
        """After a SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(HANGS):
            return await self.process.wait()


@asynccontextmanager
async def started(
    environment: Mapping[str, str], *arguments: str, group: bool = False, **ends: float
) -> AsyncIterator[Running]:
    """Begun, whether or not it comes to anything. `group`: one of its own, as at a terminal.
    `ends`: seconds of `bot.app.shutdown` by their names."""
    patient = dict.fromkeys(LIMITS, BROKEN_OFF) | ends
    process: asyncio.subprocess.Process | Forked
    if "run" in arguments:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PATIENT.format(ends=patient), *arguments,
            env=dict(environment), stderr=asyncio.subprocess.PIPE, start_new_session=group,
        )  # fmt: skip
        ends_with_us(process.pid)
    else:
        process = await fork(environment, *arguments, prepare=(be_patient, patient))
    made = Running(process)
    reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


@asynccontextmanager
async def running(
    environment: Mapping[str, str], *arguments: str, **ends: float
) -> AsyncIterator[Running]:
    async with started(environment, *arguments, **ends) as made:
        await made.began()
        yield made
