"""Cleans attachments one after the other, each in a process of its own that can do nothing else."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from contextlib import suppress

from services.attachments.errors import REASONS, Unusable
from services.attachments.formats import CleanFile, Content

WORKER = ("-m", "services.attachments.worker")
LONGEST = 20.0
"""Seconds for one file; a photo takes half of one."""


class AttachmentCleaner:
    """Holds few that wait for it, whoever sends how many. `worker`: what the interpreter runs."""

    def __init__(
        self, waiting: int = 3, worker: tuple[str, ...] = WORKER, longest: float = LONGEST
    ) -> None:
        self._held, self._cleaning = asyncio.Semaphore(waiting), asyncio.Semaphore(1)
        self.worker, self.longest = worker, longest

    async def clean(self, fetch: Callable[[], Awaitable[Content]]) -> CleanFile:
        """Raises Unusable, and what `fetch` raises."""
        async with self._held:
            return await self.clean_here(await fetch())

    async def clean_here(self, content: Content) -> CleanFile:
        """What is held already. Raises Unusable, also where its process ended or took too long."""
        async with self._cleaning:
            return _read(await self._in_process(content))

    async def _in_process(self, content: Content) -> bytes:
        # It is given no environment: that is where tokens and passphrases stand.
        command = (sys.executable, "-I", *self.worker)
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}
        )
        try:
            async with asyncio.timeout(self.longest):
                said, _ = await process.communicate(content)
        except TimeoutError:
            raise Unusable("too_hard") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return said


def _read(said: bytes) -> CleanFile:
    """What the process said. It read a stranger's file: nothing of it is taken on trust."""
    reason = said[1:].decode("ascii", "replace")
    if said.startswith(b"-"):
        raise Unusable(reason if reason in REASONS else "not_readable")
    try:
        if not said.startswith(b"+"):
            raise ValueError("ended before it said anything")
        return CleanFile.unpack(said[1:])
    except (ValueError, KeyError, TypeError):
        raise Unusable("not_readable") from None
