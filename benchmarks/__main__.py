"""`python -m benchmarks [name …]`: everything, or only what is named."""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence

from benchmarks.rows import Row, failed, keep, line, machine, table
from bot.app.clock import SystemClock
from bot.app.loading import loading
from bot.app.logs import set_up

# As the bots do.
with loading():
    from benchmarks import (
        acts,
        cells,
        commands,
        crowd,
        due,
        figures,
        flood,
        gateway,
        growth,
        kill,
        look,
        nation,
        neighbours,
        papers,
        procedure,
        process,
        restart,
        screens,
        sheets,
        storage,
        todo,
        two_processes,
        visit,
        walk,
    )

Measuring = Callable[[], Awaitable[Sequence[Row]]]

ALL: Mapping[str, Measuring] = {
    "process": process.rows,
    "visit": visit.rows,
    "storage": storage.rows,
    "walk": walk.rows,
    "growth": growth.rows,
    "screens": screens.rows,
    "commands": commands.rows,
    "acts": acts.rows,
    "todo": todo.rows,
    "look": look.rows,
    "due": due.rows,
    "flood": flood.rows,
    "restart": restart.rows,
    "procedure": procedure.rows,
    "papers": papers.rows,
    "sheets": sheets.rows,
    "figures": figures.rows,
    "gateway": gateway.rows,
    "crowd": crowd.rows,
    "cells": cells.rows,
    "two_processes": two_processes.rows,
    "neighbours": neighbours.rows,
    "nation": nation.rows,
    "kill": kill.rows,
}


async def measured(name: str, measuring: Measuring) -> Sequence[Row]:
    """What fails is a row that says so: the others are measured all the same."""
    try:
        return await measuring()
    except Exception as error:
        traceback.print_exc()
        return [failed(name, error)]


async def main(names: Sequence[str]) -> int:
    found: list[Row] = []
    for name in names or ALL:
        rows = await measured(name, ALL[name])
        print(*map(line, rows), sep="\n", flush=True)
        found += rows
    print(", ".join(f"{key}: {value}" for key, value in machine().items()))
    print(table(found))
    print(keep(found, SystemClock().now(), names))
    return 1 if any(item.met is False for item in found) else 0


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in ALL]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(ALL)}")
    set_up("ERROR")
    sys.exit(asyncio.run(main(sys.argv[1:])))
