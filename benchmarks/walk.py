"""`python -m benchmarks.walk`: how long the way of one update is, in our own functions and files;
with `-v` also which functions are called most.

Counted from the inbox to the last commit, on the visit form: one typed answer, and the press that
confirms the form. Libraries don't count, nor does a coroutine that goes on after it has waited.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from aiogram import Bot

from benchmarks import city as cities
from benchmarks.quiet import Quiet
from benchmarks.rows import Row, row
from benchmarks.talk import UPDATES, Talks
from bot.pipeline.fsm_storage import make_dispatcher
from bot.pipeline.worker import Worker
from handlers.staff import setup
from sandbox.people import FILE, read
from services.container import build_services
from services.core.advisory_locks import AdvisoryLocks
from services.messages.inbox import Incoming

HERE = Path(__file__).parent
ROOT = str(HERE.parent)
TYPED, CONFIRM = "a typed answer", "its confirm press"
BOUNDS = {TYPED: (60, 800), CONFIRM: (81, 4_000)}
"""Files and calls, at most (docs/decisions/0044)."""


@dataclass
class Walk:
    """`frames` are kept until the end: one that is gone could give its identity to another."""

    frames: set[FrameType] = field(default_factory=set)

    def see(self, frame: FrameType, event: str, argument: Any) -> None:
        file = frame.f_code.co_filename
        ours = file.startswith(ROOT) and "site-packages" not in file and HERE.name not in file
        if event == "call" and ours:
            self.frames.add(frame)

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """By file and function."""
        # By frame, not by call event: a coroutine that is resumed calls its code again.
        code = (frame.f_code for frame in self.frames)
        return Counter((one.co_filename[len(ROOT) + 1 :], one.co_qualname) for one in code)

    @property
    def files(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (file, _), number in self.calls.items():
            found[file] += number
        return found


async def walks() -> dict[str, Walk]:
    """The first visit is not counted: what is done once per process would count with it."""
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, 2, read(FILE)["texts"])
        line, locks = Quiet(), AdvisoryLocks(city.database)
        services = build_services(city.database, city.services.procedure)
        dispatcher = make_dispatcher()
        setup(dispatcher, services)
        bot = Bot("42:TEST", session=line)
        worker = Worker("staff", bot, dispatcher, services.inbox, locks, lambda: cities.MORNING)
        seen: list[Walk] = []

        async def handle(incoming: Incoming) -> None:
            chats = await services.inbox.store("staff", [incoming], cities.MORNING)
            seen.append(Walk())
            # The last two updates of the second visit: counting each call takes a multiple of it.
            if len(seen) > 2 * UPDATES - 2:
                sys.setprofile(seen[-1].see)
            try:
                worker.wake(chats)
                await worker.idle()
            finally:
                sys.setprofile(None)

        await Talks(line, handle).all_of(city.cases)
        await worker.stop()
        await locks.close()
        await city.close()
    return {TYPED: seen[-2], CONFIRM: seen[-1]}


async def rows() -> Sequence[Row]:
    found = []
    for name, walk in (await walks()).items():
        files, calls = BOUNDS[name]
        found.append(row(f"files that {name} passes", [len(walk.files)], "", f"<= {files}"))
        found.append(row("  own functions called", [walk.calls.total()], "", f"<= {calls:,}"))
    return found


async def main() -> None:
    for name, walk in (await walks()).items():
        files, calls = BOUNDS[name]
        print(f"{name}: {len(walk.files)} files ({files} at most)", end=", ")
        print(f"{walk.calls.total():,} own functions called ({calls:,} at most)")
        for file, number in walk.files.most_common():
            print(f"  {number:6,}  {file}")
        if "-v" in sys.argv:
            for (file, function), number in walk.calls.most_common(60):
                print(f"  {number:6,}  {file} {function}")


if __name__ == "__main__":
    asyncio.run(main())
