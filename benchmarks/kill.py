"""`python -m benchmarks.kill [SEED]`: the long kill run (TRUST Q1, Q3). The seed replays it."""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.lean import load_aiogram

KILLS = 200


async def long_run(seed: int) -> str:
    """One line of what was found. Raises AssertionError where something was lost."""
    from benchmarks.killing.run import Size, kill_run

    with TemporaryDirectory() as folder:
        size = Size(chats=50, each=6, kills=KILLS, pause=30.0)
        verdict = await kill_run(Path(folder), size, seed)
    print(verdict.line)
    assert verdict.lost == verdict.twice == verdict.silent == verdict.messages_lost == 0
    return verdict.line


if __name__ == "__main__":
    load_aiogram()
    seed = int(sys.argv[1]) if sys.argv[1:] else time.time_ns() % 1_000_000
    print(f"seed {seed}")
    asyncio.run(long_run(seed))
