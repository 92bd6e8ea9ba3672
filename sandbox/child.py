"""One of the processes that `yinlu run` starts, and starts again when it ends by itself."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from bot.app.shutdown import KILL_AFTER

RESTART = 1.0
REFUSED = 2
"""The exit code of a command that was refused: started again, it would be refused again."""
READY = "ready"
"""What a child prints once it has prepared what the others need."""


@dataclass
class Child:
    """`ready` is set when it has printed READY."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, in a process group of its own: Ctrl-C reaches the parent only, which
        keeps the order in which all end."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *self.arguments, env=dict(self.environment),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, process_group=0,
        )  # fmt: skip

    async def supervise(self) -> int:
        """Until cancelled, or until it is refused: then gives the code. One that ends before it is
        ready isn't started again either."""
        while True:
            if self.process is None:
                await self.start()
            assert self.process is not None
            code = await self._end_of(self.process)
            # Started again, it would meet the same setting or the same broken database.
            if code == REFUSED or not self.ready.is_set():
                return code
            print(f"{self.name}: ended with {code}, starting again", file=sys.stderr)  # noqa: T201
            await asyncio.sleep(RESTART)
            self.process = None

    async def _end_of(self, process: asyncio.subprocess.Process) -> int:
        assert process.stdout is not None
        # Read to the end, not only to READY: a pipe that nobody reads fills and stops the child.
        async for line in process.stdout:
            if line.decode().strip() == READY:
                self.ready.set()
        return await process.wait()

    async def stop(self) -> None:
        """Ask the process to end, and kill it after KILL_AFTER seconds."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(KILL_AFTER):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
