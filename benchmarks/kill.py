"""What 200 `kill -9` lose (docs/promises.md Q1, Q3), beside bots as their frameworks' manuals show
them.

`python -m benchmarks.kill [SEED]` runs ours alone; the seed replays it.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.deferred_validators import load_aiogram

load_aiogram()

from benchmarks.killing.bare import bare_run  # noqa: E402
from benchmarks.killing.run import Size, kill_run  # noqa: E402
from benchmarks.killing.verdict import Verdict  # noqa: E402
from benchmarks.rows import Row, row  # noqa: E402

KILLS, BARE_KILLS = 200, 15
CHATS, EACH = 50, 7
"""Conversations take about 14 updates each: some 5,000 in all."""
LONGEST_THOUGHT = 60.0


async def long_run(seed: int) -> Verdict:
    """Processes that load everything anew, and people who think between their conversations."""
    with TemporaryDirectory() as folder:
        size = Size(CHATS, EACH, KILLS, pause=LONGEST_THOUGHT, fresh=True)
        return await kill_run(Path(folder), size, seed)


async def bare(module: str, seed: int) -> Verdict:
    with TemporaryDirectory() as folder:
        return await bare_run(Path(folder), f"benchmarks.killing.{module}", 30, BARE_KILLS, seed)


async def rows() -> Sequence[Row]:
    seed = new_seed()
    ours = await long_run(seed)
    print(ours.line)
    bad = ours.lost + ours.twice + ours.silent + ours.messages_lost + ours.messages_unmarked
    name = f"{ours.kills} kills, {ours.updates} updates, seed {seed}"
    found = [row(f"lost or twice: {name}", [bad], "", "0", bad == 0)]
    for module in ("bare_aiogram", "bare_telegram"):
        verdict = await bare(module, seed)
        print(module, verdict.line)
        name = f"{verdict.kills} kills, {verdict.conversations} conversations, {module}"
        wrong = verdict.lost + verdict.other + verdict.twice
        found.append(row(f"lost or twice: {name}", [wrong], ""))
    return found


def new_seed() -> int:
    return time.time_ns() % 1_000_000


if __name__ == "__main__":
    chosen = int(sys.argv[1]) if sys.argv[1:] else new_seed()
    print(f"seed {chosen}", flush=True)
    print(asyncio.run(long_run(chosen)).line)
