"""Ask a process of its own: a stranger's file, or much memory, stays away from the bot."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress


async def ask(module: str, question: bytes, longest: float) -> bytes:
    """Run `module` with a question on its input; return all that it writes, which is what its
    `reply` makes of the question, or "" where it ended without a word. Raises TimeoutError after
    `longest` seconds, OSError where no process begins."""
    # Neither environment (`env`) nor current folder (-I): nothing of the bot's tokens gets there.
    # A session of its own, so that whatever it starts ends with it.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", module),
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(longest):
            said, _ = await process.communicate(question)
    finally:
        # Also when cancelled: else the process would go on with the stranger's file.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return said
