"""The processes of both bots, as children of `yinlu run`.

Loading the libraries takes a process up to two seconds and ninety megabytes. Here it is done once:
the children are forked from a process that has them, and share its memory. One that ended by itself
is started anew as a program of its own, since nothing may be forked once a loop runs.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from sqlalchemy.orm import configure_mappers

from bot.app.lean import load_aiogram, share_one_arena
from bot.app.shutdown import KILLED_AFTER

RESTART = 1.0
FORKS = sys.platform == "linux"
"""Elsewhere libraries of the system mind being forked."""


@contextmanager
def forking() -> Iterator[None]:
    """Around loading and forking. The collector rests: looking at what is loaded takes time, and
    looking at it again in a child would copy it."""
    gc.disable()
    try:
        load_aiogram()
        yield
    finally:
        gc.enable()


def apart(work: Callable[..., None], *arguments: object) -> Callable[[], None]:
    """Begun by a process that ends with it: what it had in memory is handed on to nobody. What is
    given back waits for its end, and exits where it failed."""
    process: BaseProcess
    if FORKS:
        process = _forked(work, *arguments)
    else:
        process = get_context("spawn").Process(target=work, args=arguments)
        process.start()

    def ended() -> None:
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)

    return ended


ENDS = {signal.SIGINT, signal.SIGTERM}


def _forked(work: Callable[..., None], *arguments: object) -> BaseProcess:
    """Ended with this one, and not by what is typed here: that reaches a whole group of processes,
    and this one sees to the others."""
    process = get_context("fork").Process(target=_deaf, args=(work, *arguments), daemon=True)
    # Python forgets what reaches a process while it is being forked; what is held back comes later.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    return process


def _deaf(work: Callable[..., None], *arguments: object) -> None:
    """To what is typed, until a loop listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    work(*arguments)


@dataclass
class Child:
    """A process that is started again when it ends by itself."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    needs: str
    """The module that brings what it needs, if that is loaded before."""
    waits: float = 0.0
    """Seconds that it leaves to the others at the start."""
    process: "BaseProcess | asyncio.subprocess.Process | None" = None

    def fork(self, listening: socket.socket, ready: Callable[[], None]) -> None:
        """To be called before a loop runs. `listening` stays the parent's alone; `ready` returns
        when there is what it finds at its start."""
        if self.needs:
            import_module(self.needs)
            configure_mappers()
        ready()
        if FORKS:
            gc.freeze()
            self.process = _forked(self._run, listening)

    def _run(self, listening: socket.socket) -> None:
        from bot.cli.commands import main

        listening.close()
        share_one_arena()
        os.environ.clear()
        os.environ.update(self.environment)
        time.sleep(self.waits)
        main(self.arguments)

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            if self.process is None:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot", *self.arguments, env=dict(self.environment)
                )
            code = await _end_of(self.process)
            print(f"{self.name}: ended with {code}, starting again", file=sys.stderr)  # noqa: T201
            await asyncio.sleep(RESTART)
            self.process = None

    async def stop(self) -> None:
        process = self.process
        if process is None or process.pid is None:
            return
        _tell(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(KILLED_AFTER):
                await _end_of(process)
        except TimeoutError:
            _tell(process.pid, signal.SIGKILL)
            await _end_of(process)


def _tell(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


async def _end_of(process: "BaseProcess | asyncio.subprocess.Process") -> int | None:
    """Its exit code, once it has ended; may be asked by several."""
    if not isinstance(process, BaseProcess):
        return await process.wait()
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    if process.exitcode is None:
        loop.add_reader(process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(process.sentinel)
        process.join()
    return process.exitcode
