"""Restart a bot many times without importing it each time: one process loads everything and does
nothing but fork. What is forked reads its settings, opens its database, and is ended by SIGKILL
like any other; only the two seconds of loading are saved."""

import asyncio
import json
import os
import select
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.left_behind import ends_with_us


class Forked:
    """A process of the nursery. It is the nursery's child, which tells how it ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.ended = asyncio.Event()

    async def wait(self) -> int:
        await self.ended.wait()
        assert self.returncode is not None
        return self.returncode

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Nursery:
    """The side that asks. `module` has a `main`, which is handed the environment."""

    def __init__(self, module: str) -> None:
        self.module = module

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.killing.nursery",
            self.module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        ends_with_us(self.process.pid)
        self.children: dict[int, Forked] = {}
        self.born: asyncio.Queue[Forked] = asyncio.Queue()
        self.reader = asyncio.create_task(self._read())

    async def spawn(self, environment: Mapping[str, str], log: Path) -> Forked:
        assert self.process.stdin is not None
        asked = {"environment": dict(environment), "log": str(log)}
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        await self.process.stdin.drain()
        return await self.born.get()

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            told = json.loads(line)
            if "born" in told:
                child = self.children[told["born"]] = Forked(told["born"])
                self.born.put_nowait(child)
            else:
                child = self.children.pop(told["ended"])
                child.returncode = told["code"]
                child.ended.set()

    async def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()
        await self.reader


def tell(**said: int) -> None:
    print(json.dumps(said), flush=True)


def serve(module: ModuleType) -> None:
    """Serve until standard input is closed."""
    children: set[int] = set()
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.02)
        for pid in list(children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                children.discard(pid)
                tell(ended=pid, code=os.waitstatus_to_exitcode(status))
        if readable:
            line = os.read(sys.stdin.fileno(), 1_000_000)
            if not line:
                return
            pid = os.fork()
            if pid == 0:
                become(module, json.loads(line))
            children.add(pid)
            tell(born=pid)


def become(module: ModuleType, asked: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(asked["environment"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    empty = os.open(os.devnull, os.O_RDONLY)
    for number, handle in enumerate((empty, log, log)):
        os.dup2(handle, number)
    module.main(asked["environment"])
    # Not sys.exit: exit handlers and buffers are the nursery's, and would be run twice.
    os._exit(0)


if __name__ == "__main__":
    serve(import_module(sys.argv[1]))
