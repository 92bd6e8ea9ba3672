"""What follows from the lines of a long sheet, worked out ahead of those that are entered, by a
process of its own: on another core, and never in front of somebody's update."""

import asyncio
import os
import pickle
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from services.brought.line_worker import LENGTH, packed
from services.brought.lines import Line, Rules
from services.casefile.follows import Follows

WORKER = "services.brought.line_worker"
FEW = 100
"""Lines for which no process is begun: beginning one takes as long."""
PART = 20
"""Lines that are sent together."""
AHEAD = 6
"""Parts that are under way at the same time: the process needn't wait for more, and what has come
back and isn't entered yet takes little memory."""
Reckoned = tuple[Line, Follows | None]


async def reckoned(
    lines: AsyncIterator[Line], rules: Rules | None, number: int
) -> AsyncGenerator[Reckoned, None]:
    """Yield `number` lines, each with what follows from it; None of one that changes a case that is
    there, and without `rules`. Close it (`aclosing`), so that the process ends."""
    process = await _begun() if rules is not None and number >= FEW else None
    if rules is None or process is None:
        async for line in lines:
            yield line, rules.follows(line) if rules is not None else None
            # Some thousandths of a second each: let others in between.
            await asyncio.sleep(0)
        return
    try:
        _send(process, rules)
        waiting = deque[list[Line]]()
        async for part in _parts(lines):
            _send(process, part)
            waiting.append(part)
            if len(waiting) > AHEAD:
                for one in await _answered(process, rules, waiting.popleft()):
                    yield one
        for part in waiting:
            for one in await _answered(process, rules, part):
                yield one
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _begun() -> Process | None:
    try:
        # As `papers.own_process`: nothing of the bot's tokens gets there.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", WORKER),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, start_new_session=True,
        )  # fmt: skip
    except OSError:
        return None


async def _parts(lines: AsyncIterator[Line]) -> AsyncIterator[list[Line]]:
    part = list[Line]()
    async for line in lines:
        part.append(line)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


def _send(process: Process, message: object) -> None:
    assert process.stdin is not None
    # Without waiting: what is under way is little, and the answers have to be read meanwhile.
    process.stdin.write(packed(message))


async def _answered(process: Process, rules: Rules, part: list[Line]) -> list[Reckoned]:
    assert process.stdout is not None
    try:
        length = int.from_bytes(await process.stdout.readexactly(LENGTH))
        said: list[Follows | None] = pickle.loads(await process.stdout.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        # It ended, for want of memory perhaps: the sheet goes on without it.
        said = []
        for line in part:
            said.append(rules.follows(line))
            await asyncio.sleep(0)
    return [*zip(part, said, strict=True)]
