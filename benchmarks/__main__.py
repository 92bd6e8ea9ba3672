"""`python -m benchmarks [name …]`: everything, or only what is named."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from benchmarks import growth, kill, process, restart, visit
from benchmarks.rows import Row, keep, machine, table
from bot.clock import SystemClock
from bot.logs import set_up

ALL: Mapping[str, Callable[[], Awaitable[Sequence[Row]]]] = {
    "process": process.rows,
    "visit": visit.rows,
    "growth": growth.rows,
    "restart": restart.rows,
    "kill": kill.rows,
}


async def main(names: Sequence[str]) -> int:
    found: list[Row] = []
    for name in names or ALL:
        found += await ALL[name]()
    print(", ".join(f"{key}: {value}" for key, value in machine().items()))
    print(table(found))
    print(keep(found, SystemClock().now()))
    return 1 if any(item.met is False for item in found) else 0


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in ALL]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(ALL)}")
    set_up("ERROR")
    sys.exit(asyncio.run(main(sys.argv[1:])))
