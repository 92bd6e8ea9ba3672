"""The rows of a long sheet, judged on two cores: here from the first one on, and from the last one
on by a process beside (`services.sheets.judge_worker`), until both meet."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from services.core.ports import Told
from services.sheets.judging import Judge, Judged, Row
from services.workers.worker_process import WorkerEnded, WorkerProcess

WORKER = "services.sheets.judge_worker"
PART = 50
"""Rows that are taken at a time: the one who is ready first waits no longer than for so many."""
AHEAD = 2
"""Parts that the process has at the same time: it needn't wait for the next one."""
AT_A_TIME = 10
"""Rows that are judged here before others get their turn."""


async def judged(
    judge: Judge, rows: Sequence[Row], process: WorkerProcess | None, told: Told
) -> Sequence[Judged]:
    """Judge rows, each by itself, and return them in their order. Where the process ends, the rest
    is judged here."""
    work = _Work(judge, len(rows), told)
    # The process gets none of what the database says of a case.
    work.here.extend(_parts([row for row in rows if judge.knows(row)]))
    work.anywhere.extend(_parts([row for row in rows if not judge.knows(row)]))
    if process is not None and work.anywhere:
        await asyncio.gather(work.done_here(), work.done_beside(process))
    await work.done_here()
    return sorted(work.found, key=attrgetter("row"))


def _parts(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[first : first + PART] for first in range(0, len(rows), PART)]


@dataclass
class _Work:
    """`here`: parts that are judged in this process alone; `anywhere`: those left for both."""

    judge: Judge
    rows: int
    told: Told
    here: deque[Sequence[Row]] = field(default_factory=deque)
    anywhere: deque[Sequence[Row]] = field(default_factory=deque)
    found: list[Judged] = field(default_factory=list)

    async def done_here(self) -> None:
        while self.here or self.anywhere:
            part = (self.here or self.anywhere).popleft()
            for first in range(0, len(part), AT_A_TIME):
                self.found += self.judge.rows(part[first : first + AT_A_TIME])
                await asyncio.sleep(0)
            await self.told(len(self.found), self.rows)

    async def done_beside(self, process: WorkerProcess) -> None:
        under_way = deque[Sequence[Row]]()
        process.send(replace(self.judge, known={}))
        try:
            while self.anywhere or under_way:
                while self.anywhere and len(under_way) < AHEAD:
                    under_way.append(self.anywhere.pop())
                    process.send(under_way[-1])
                self.found += await process.answer()
                under_way.popleft()
        except WorkerEnded:
            self.anywhere.extend(under_way)
