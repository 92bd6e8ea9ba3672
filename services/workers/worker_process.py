"""A process beside the bot that works out what needs neither the database nor a key: on another
core, and never in front of somebody's update."""

import os
import pickle
import signal
import sys
from asyncio import IncompleteReadError, create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from services.workers.packed import LENGTH, packed


class WorkerEnded(Exception):
    """The process ended, for want of memory perhaps: its work is to be done without it."""


@dataclass(frozen=True)
class WorkerProcess:
    """A process that answers each message but the first, in their order
    (`services.workers.packed.serve`)."""

    process: Process

    def send(self, message: object) -> None:
        """Send a message, without waiting: what is under way is to be little, and the answers have
        to be read meanwhile."""
        assert self.process.stdin is not None
        self.process.stdin.write(packed(message))

    async def answer(self) -> Any:
        """Return the answer to the oldest message that has none yet. Raises WorkerEnded."""
        assert self.process.stdout is not None
        try:
            length = int.from_bytes(await self.process.stdout.readexactly(LENGTH))
            return pickle.loads(await self.process.stdout.readexactly(length))
        except (IncompleteReadError, ConnectionError):
            raise WorkerEnded from None


@asynccontextmanager
async def beside(module: str, wanted: bool = True) -> AsyncIterator[WorkerProcess | None]:
    """Run a process for as long as it is needed; None where none is wanted, or none begins."""
    process = await _begun(module) if wanted else None
    if process is None:
        yield None
        return
    try:
        yield WorkerProcess(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _begun(module: str) -> Process | None:
    try:
        # As `papers.processes.child_process`: nothing of the bot's tokens gets there.
        return await create_subprocess_exec(
            *(sys.executable, "-I", "-m", module),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, start_new_session=True,
        )  # fmt: skip
    except OSError:
        return None
