"""Clean attachments one at a time, each in a process of its own that can do nothing else: a hostile
file that takes over its parser finds no key, no network and no disk."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from contextlib import suppress

from services.attachments.errors import REASONS, Unusable
from services.attachments.formats import CleanFile
from services.attachments.kinds import RECORDING, Content

WORKER = ("-m", "services.attachments.worker")
LONGEST = 20.0
"""Seconds for one file; a photo takes half of one."""


class AttachmentCleaner:
    """Cleans one file at a time while `waiting` may be in memory, however many are sent. `worker`:
    arguments of the interpreter; `longest`: seconds for one file."""

    def __init__(
        self, waiting: int = 3, worker: tuple[str, ...] = WORKER, longest: float = LONGEST
    ) -> None:
        self._held, self._cleaning = asyncio.Semaphore(waiting), asyncio.Semaphore(1)
        self.worker, self.longest = worker, longest

    async def clean(
        self, fetch: Callable[[], Awaitable[Content]], *, recording: bool = False
    ) -> CleanFile:
        """Fetch and clean a file. `recording`: a voice message is asked for, and nothing else.
        Raises Unusable, and what `fetch` raises."""
        # Fetched with a place only: the files that wait would fill the memory, 20 MB each.
        async with self._held:
            return await self.clean_here(await fetch(), recording=recording)

    async def clean_here(self, content: Content, *, recording: bool = False) -> CleanFile:
        """Clean a file that is in memory already. Raises Unusable, also where its process ended or
        took too long."""
        async with self._cleaning:
            return _read(await self._in_process(content, (RECORDING,) if recording else ()))

    async def _in_process(self, content: Content, asked: tuple[str, ...]) -> bytes:
        # It is given no environment: that is where tokens and passphrases stand.
        # -I: neither environment nor current folder decide what is imported.
        command = (sys.executable, "-I", *self.worker, *asked)
        # A session of its own, so that whatever it starts ends with it.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, start_new_session=True
        )
        try:
            async with asyncio.timeout(self.longest):
                said, _ = await process.communicate(content)
        except TimeoutError:
            raise Unusable("too_hard") from None
        finally:
            # Also when cancelled: else the process would go on with the stranger's file.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        return said


def _read(said: bytes) -> CleanFile:
    """Read the process's answer without trusting it: a stranger's file may have written it. Raises
    Unusable."""
    reason = said[1:].decode("ascii", "replace")
    if said.startswith(b"-"):
        raise Unusable(reason if reason in REASONS else "not_readable")
    try:
        if not said.startswith(b"+"):
            raise ValueError("ended before it said anything")
        return CleanFile.unpack(said[1:])
    except (ValueError, KeyError, TypeError):
        raise Unusable("not_readable") from None
