"""`yinlu run`: the messenger here, both bots as processes of their own, and the invented people."""

import asyncio
import os
import signal
import socket
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.keys import make_keys
from bot.lean import load_aiogram
from bot.settings import Settings
from domain.calendar import WorkCalendar
from domain.hours import ZONE, is_open, next_open
from messenger.settings import BOTS, PEOPLE, MessengerSettings

CAST = Path(__file__).with_name("cast.toml")
RESTART = 1.0
PATIENCE = 5.0
"""Seconds that a process gets to finish what it has in hand."""


class PortTaken(Exception):
    """Something else listens on the port."""


def people() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Everybody at the local messenger: the six of its own, and who else the cast has."""
    beside = tomllib.loads(CAST.read_text("utf-8"))["beside"]
    return PEOPLE | {name: (shown, ("staff",)) for name, shown in beside.items()}


def beginning(last: Path) -> datetime:
    """Where time begins here: never before it was, and within the hours, so that what is due comes
    at once."""
    now = SystemClock().now()
    if last.exists():
        now = max(now, datetime.fromisoformat(last.read_text("utf-8").strip()))
    calendar = WorkCalendar()
    return now if is_open(now, calendar) else next_open(now, calendar)


def environment(settings: Settings, url: str, door: int) -> dict[str, str]:
    """What the processes of both bots are handed; nothing else of ours. `door`: the port of the web
    page for reports."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("YINLU_")}
    return kept | {
        "YINLU_API": url,
        "YINLU_FOLLOW_CLOCK": "1",
        "YINLU_DATA": str(settings.data),
        "YINLU_LOG_LEVEL": settings.log_level,
        "YINLU_PROFILE": settings.profile,
        **({"YINLU_CALENDAR_FILE": str(settings.calendar_file)} if settings.calendar_file else {}),
        "YINLU_STAFF_TOKEN": BOTS["staff"][0],
        "YINLU_PUBLIC_TOKEN": BOTS["public"][0],
        "YINLU_PUBLIC_PORT": str(door),
    }


@dataclass
class Child:
    """A process that is started again when it ends by itself."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        while True:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *self.arguments, env=dict(self.environment)
            )
            code = await self.process.wait()
            print(f"{self.name}: ended with {code}, starting again", file=sys.stderr)  # noqa: T201
            await asyncio.sleep(RESTART)

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(PATIENCE):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def everything(settings: Settings, port: int, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises PortTaken."""
    make_keys(settings)
    with closing(listen(port)) as listening:
        host, port = listening.getsockname()
        url = f"http://{host}:{port}"
        door = settings.public_port or free_port(port + 1)
        given = environment(settings, url, door)
        children = [Child("staff", ("staff", "--cast"), given), Child("public", ("public",), given)]
        # Both bots load while the messenger does: a request waits until it answers.
        keeping = [asyncio.create_task(child.keep()) for child in children]
        await asyncio.sleep(0)
        async with _messenger(settings, listening, door):
            try:
                await stop.wait()
            finally:
                for task in keeping:
                    task.cancel()
                await asyncio.gather(*(child.stop() for child in children))
                await asyncio.gather(*keeping, return_exceptions=True)


def listen(port: int) -> socket.socket:
    """Bound to loopback before anything is started. Raises PortTaken."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PortTaken(f"port {port}: {error.strerror}") from error
    return listening


def free_port(wanted: int) -> int:
    """`wanted`, or another one where something listens there."""
    for port in (wanted, 0):
        with suppress(PortTaken), closing(listen(port)) as found:
            return int(found.getsockname()[1])
    raise PortTaken("no port is free")


@asynccontextmanager
async def _messenger(
    settings: Settings, listening: socket.socket, door: int
) -> AsyncIterator[None]:
    """It goes last: a bot that finishes what it has in hand still has somebody to talk to."""
    load_aiogram()
    from messenger.server import running

    last = settings.data / "clock"
    here = MessengerSettings(people=people(), clock=beginning(last), started=True)
    async with running(here, listening) as server:
        print(server.url, flush=True)  # noqa: T201
        print(f"http://127.0.0.1:{door}/report", flush=True)  # noqa: T201
        yield
        last.write_text(server.state.clock.now().astimezone(ZONE).isoformat(), "utf-8")
