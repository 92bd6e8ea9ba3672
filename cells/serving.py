"""All cells of one process: begun, ended, and moved to and from other processes by lease."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import structlog

from bot.app.database import unreached
from bot.app.engines import engine_for
from bot.app.lease import Lease
from bot.app.loopback import HOST
from bot.app.settings import SettingsError
from bot.app.shutdown import CANCEL_AFTER, StoppedBeforeReady, unless_stopped
from bot.operations.health import serving
from cells.capacity import CONTROL, short_of
from cells.cell import Cell, Shared
from cells.control import LEASE, Control, Held, Process
from cells.health import CellsHealth
from cells.plan import Plan, read
from domain.files.toml import FileError

LOOK = 2.0
"""Seconds after which leases are renewed, and the file and its folder are looked at again."""
ENDS_IN = timedelta(seconds=CANCEL_AFTER + 1)
"""Within which every cell has ended that was asked to: so long before its lease runs out."""
LEAVE_IN = 0.5
"""Seconds to give the leases back in, at the end."""

log = structlog.get_logger()

Make = Callable[[str, Path, Shared], Cell]


class Leases:
    """This process's part of the control database."""

    def __init__(self, control: Control, me: Process, clock: Callable[[], float]) -> None:
        self.control, self.me = control, me
        self.lease = Lease(LEASE, clock, ENDS_IN)

    async def renew(self, cells: Collection[str], keep: Collection[str]) -> Held | None:
        """What this process holds; None where that can't be known now but still holds. Empty where
        others may take over from now on."""
        try:
            return await self.lease.renewed(lambda: self.control.renew(self.me, cells, keep), LOOK)
        except Exception as error:
            # Whatever it is: raised, it would end cells that have some seconds left.
            log.warning("leases_not_renewed", error=type(error).__name__, left=self.lease.left)
            return None if self.lease.left > LOOK else Held(frozenset(), 0)

    async def leave(self) -> None:
        """Never fails: else they run out."""
        try:
            async with asyncio.timeout(LEAVE_IN):
                await self.control.leave(self.me)
        except Exception as error:
            log.warning("leases_not_returned", error=type(error).__name__)


class Cells:
    """The cells at work in this process, by name. `leases`: None where it is the only one."""

    def __init__(self, plan: Plan, leases: Leases | None = None, make: Make = Cell) -> None:
        self.plan, self.leases, self.make = plan, leases, make
        self.running: dict[str, Cell] = {}
        self.known: Mapping[str, Path] = there(plan)
        self.shared = Shared(leases is not None, plan.connections)
        self._seen = self._stamp()
        self._ending: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then every cell ends, and the leases are given back."""
        try:
            with suppress(StoppedBeforeReady):
                while not stop.is_set():
                    await unless_stopped(stop, self.look())
                    self._woken.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK):
                            await unless_stopped(stop, self._woken.wait())
        finally:
            await self.end()

    async def end(self) -> None:
        """End every cell, and give the leases back."""
        for name in self.running:
            self._end(name)
        await self.ended()
        if self.leases is not None:
            await self.leases.leave()

    async def ended(self) -> None:
        """Wait until every cell has ended that was asked to."""
        while self._ending:
            await asyncio.wait(self._ending)

    async def look(self) -> None:
        """Begin and end cells, by the file and by the leases."""
        self._read_again()
        known = self.known
        held = await self._held()
        # Not known just now: what is served goes on until its lease has run out.
        if held is None:
            return
        for name in self.running:
            if name not in held.cells or name not in known:
                self._end(name)
        # Those that are ending count for whoever takes them over.
        serving = [name for name, cell in self.running.items() if not cell.ending]
        # One at a time: whoever takes it over has to begin it.
        if len(serving) > held.share and not self._ending:
            self._end(serving[-1])
        for name in sorted(held.cells & {*known} - {*self.running}):
            self.running[name] = self.make(name, known[name], self.shared)
            self.running[name].begin()
            log.info("cell_begins", cell=name)

    async def _held(self) -> Held | None:
        if self.leases is None:
            return Held(frozenset(self.known), len(self.known))
        # Also those that are ending: until they have ended nobody else may begin them.
        return await self.leases.renew(self.known, self.running)

    def _end(self, name: str) -> None:
        cell = self.running[name]
        if cell.ending:
            return

        async def end() -> None:
            await cell.end()
            del self.running[name]
            log.info("cell_ended", cell=name)

        task = asyncio.create_task(end())
        self._ending.add(task)
        # At once: its lease is given back with the next look.
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        self._woken.set()

    def _read_again(self) -> None:
        """Take what the file and the folder say now; go on with what they said where they can't be
        used."""
        try:
            # Also another file under the same name, as an editor leaves it.
            if (seen := self._stamp()) != self._seen:
                self._seen = seen
                self.plan = read(self.plan.path)
                self.shared.connections = self.plan.connections
            self.known = there(self.plan)
        except (FileError, SettingsError) as problem:
            log.error("cells_as_they_were", why=str(problem))

    def _stamp(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = self.plan.path.stat()
            return found.st_ino, found.st_mtime_ns
        return None


def there(plan: Plan) -> dict[str, Path]:
    """The settings of each cell there is now. Raises SettingsError."""
    try:
        return plan.cells()
    except OSError as error:
        raise SettingsError(f"folder: {plan.folder}: it can't be read ({error.strerror})") from None


async def serve(path: Path, stop: asyncio.Event, health_port: int | None = None) -> None:
    """The cells of a file, until `stop` is set. `health_port`: instead of the file's. Raises
    FileError, SettingsError."""
    plan = read(path)
    port = plan.health_port if health_port is None else health_port
    host, clock = socket.gethostname() if plan.control else HOST, asyncio.get_running_loop().time
    async with AsyncExitStack() as stack:
        leases = None
        if plan.control:
            control = await stack.enter_async_context(controlled(plan.control))
            address = f"http://{host}:{port}" if port else host
            # Differs after every start: a lease of one that was killed is nobody's but runs out.
            me = Process(f"{host}:{os.getpid()}:{token_hex(4)}", address)
            leases = Leases(control, me, clock)
        cells = Cells(plan, leases)
        if port:
            health = CellsHealth(cells.running, clock)
            await stack.enter_async_context(serving(health, port, "health_port"))
        for short in await short_of(plan, cells.known):
            log.warning("too_few_connections", why=str(short))
        log.info("began", bot="cells")
        await cells.run(stop)


@asynccontextmanager
async def controlled(url: str) -> AsyncIterator[Control]:
    """The control database behind an address. Raises SettingsError where it isn't reached."""
    engine = engine_for(url, CONTROL)
    try:
        control = Control(engine)
        with unreached("control: the database can't be opened"):
            await control.make()
        yield control
    finally:
        await engine.dispose()


async def listed(path: Path) -> list[str]:
    """A line for each cell: its settings, and where it is served; then one for each PostgreSQL that
    can't hold them. Raises FileError, SettingsError."""
    plan, at = read(path), dict[str, str]()
    cells, processes = there(plan), 1
    if plan.control:
        async with controlled(plan.control) as control:
            at = {one.cell: one.address for one in await control.leases()}
            processes = max(1, await control.processes())
    lines = [
        f"{name}  {settings}" + (f"  {at.get(name, 'nobody')}" if plan.control else "")
        for name, settings in sorted(cells.items())
    ]
    return lines + [f"!!  {short}" for short in await short_of(plan, cells, processes)]
