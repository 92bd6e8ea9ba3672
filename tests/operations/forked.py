"""Commands of ours as processes of their own, forked from one that has loaded the libraries:
loading them took longer than most of what is done then."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.left_behind import ends_with_us

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", "tests.operations.loaded"])

Prepare = tuple[Callable[..., None], Any]
"""What is called with what in the new process, before the command: both are pickled."""


class Forked:
    """What tests use of an `asyncio.subprocess.Process`. `stdout`, `stderr`: None where nobody
    reads it."""

    def __init__(self, process: Any) -> None:
        self.process = process
        self.pid: int = process.pid
        self.over = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.stdout: asyncio.StreamReader | None = None
        self.stderr: asyncio.StreamReader | None = None
        self.returncode: int | None = None
        self.loop.add_reader(process.sentinel, self._ended)

    def _ended(self) -> None:
        self.loop.remove_reader(self.process.sentinel)
        self.process.join()
        self.returncode = self.process.exitcode
        self.process.close()
        self.over.set()

    async def wait(self) -> int:
        await self.over.wait()
        assert self.returncode is not None
        return self.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        assert self.stdout is not None
        assert self.stderr is not None
        out, err = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return out, err

    def send_signal(self, how: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def fork(
    environment: Mapping[str, str], *arguments: str, prepare: Prepare | None = None
) -> Forked:
    """`python -m bot ARGUMENTS`."""
    out, said = FORKS.Pipe(duplex=False), FORKS.Pipe(duplex=False)
    given = dict(environment), arguments, prepare, out[1], said[1]
    process = FORKS.Process(target=become, args=given)
    # The first one waits until the libraries are loaded.
    await asyncio.to_thread(process.start)
    assert process.pid is not None
    ends_with_us(process.pid)
    made = Forked(process)
    for writing in (out[1], said[1]):
        writing.close()
    made.stdout, made.stderr = await _reader(out[0]), await _reader(said[0])
    return made


async def _reader(connection: Connection) -> asyncio.StreamReader:
    """What is written to the other end, as it comes."""
    reader = asyncio.StreamReader()
    pipe = os.fdopen(os.dup(connection.fileno()), "rb", 0)
    connection.close()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


def become(
    environment: dict[str, str],
    arguments: tuple[str, ...],
    prepare: Prepare | None,
    out: Connection,
    said: Connection,
) -> None:
    """Called in the new process, which has nothing of its parent's but what is loaded."""
    os.environ.clear()
    os.environ.update(environment)
    for number, pipe in ((1, out), (2, said)):
        os.dup2(pipe.fileno(), number)
        pipe.close()
    sys.stdout, sys.stderr = (
        open(number, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        for number in (1, 2)
    )
    sys.argv = ["yinlu", *arguments]
    if prepare is not None:
        does, what = prepare
        does(what)
    from bot.__main__ import main

    main()
