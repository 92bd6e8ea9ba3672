"""What follows from the lines of a long sheet, worked out ahead of those that are entered, by a
process of its own: on another core, and never in front of somebody's update."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from services.casefile.follows import Follows
from services.sheet_lines.lines import Line, Rules
from services.workers.worker_process import WorkerEnded, WorkerProcess, beside

WORKER = "services.sheet_lines.line_worker"
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
    async with beside(WORKER, rules is not None and number >= FEW) as process:
        if rules is None or process is None:
            async for line in lines:
                yield line, rules.follows(line) if rules is not None else None
                # Some thousandths of a second each: let others in between.
                await asyncio.sleep(0)
            return
        process.send(rules)
        waiting = deque[list[Line]]()
        async for part in _parts(lines):
            process.send(part)
            waiting.append(part)
            if len(waiting) > AHEAD:
                for one in await _answered(process, rules, waiting.popleft()):
                    yield one
        for part in waiting:
            for one in await _answered(process, rules, part):
                yield one


async def _parts(lines: AsyncIterator[Line]) -> AsyncIterator[list[Line]]:
    part = list[Line]()
    async for line in lines:
        part.append(line)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


async def _answered(process: WorkerProcess, rules: Rules, part: list[Line]) -> list[Reckoned]:
    try:
        said: list[Follows | None] = await process.answer()
    except WorkerEnded:
        # The sheet goes on without it.
        said = []
        for line in part:
            said.append(rules.follows(line))
            await asyncio.sleep(0)
    return [*zip(part, said, strict=True)]
