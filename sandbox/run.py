"""`yinlu run`: the messenger here, both bots as processes of their own, and the invented people."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from bot.app.deferred_validators import load_aiogram
from bot.app.loading import loading
from bot.app.settings import Settings
from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import ZONE, day_of, next_open
from messenger.core.settings import BOTS, MessengerSettings
from sandbox.child import Child
from sandbox.people import people

STARTS = time(9, 30)
"""No morning begins earlier here: after the hour at which staff are given the citizens' reports, so
that `+1 天` leads past it."""


class PortTaken(Exception):
    """Something else listens on the port."""


def beginning(last: Path) -> datetime:
    """Where time begins here: never before it was, and within the hours, so that what is due comes
    at once; late enough in the morning that a day more brings the reports handed in until now."""
    # Not above: what the clock needs to follow another one is loaded once the bots load as well.
    from bot.app.clock import SystemClock

    now = SystemClock().now()
    if last.exists():
        now = max(now, datetime.fromisoformat(last.read_text("utf-8").strip()))
    calendar = WorkCalendar()
    now = next_open(now, calendar)
    return max(now, datetime.combine(day_of(now), STARTS, ZONE))


def environment(settings: Settings, url: str, page_port: int) -> dict[str, str]:
    """The environment of both bots. `page_port`: the port of the web page for reports."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("YINLU_")}
    return kept | {
        "YINLU_API": url,
        "YINLU_FOLLOW_CLOCK": "1",
        "YINLU_DATA": str(settings.data),
        "YINLU_LOG_LEVEL": settings.log_level,
        "YINLU_PROFILE": settings.profile,
        **({"YINLU_PROFILES": str(settings.profiles)} if settings.profiles else {}),
        **({"YINLU_CALENDAR_FILE": str(settings.calendar_file)} if settings.calendar_file else {}),
        "YINLU_STAFF_TOKEN": BOTS["staff"][0],
        "YINLU_PUBLIC_TOKEN": BOTS["public"][0],
        "YINLU_PUBLIC_PORT": str(page_port),
        "YINLU_PUBLIC_URL": f"http://127.0.0.1:{page_port}",
    }


@dataclass(frozen=True)
class LocalRun:
    """The messenger in this process and both bots as children.

    `listening`: the socket on which the messenger is going to answer. `page_port`: the port of the
    web page for reports.

    Worked example, Ctrl-C at second 0: only this process gets the signal, because each child has a
    process group of its own. It sends SIGTERM to both bots; they finish what they have in hand and
    end, or cancel themselves at CANCEL_AFTER, or are killed at KILL_AFTER. Only then the messenger
    closes, since a bot that finishes needs somebody to send to. The exit code is 0 each time.
    """

    settings: Settings
    listening: socket.socket
    page_port: int
    staff: Child
    public: Child

    async def serve(self, stop: asyncio.Event) -> int:
        """Until `stop` is set, or a bot is refused; gives the exit code. The bots find a socket
        that listens, and are answered once the messenger is loaded: all three load side by side."""
        with closing(self.listening):
            await self.staff.start()
            supervising = [
                asyncio.create_task(self.staff.supervise()),
                asyncio.create_task(self._public_after_staff()),
            ]
            try:
                # It goes last: a bot that finishes what it has in hand still has somebody to
                # talk to.
                async with self._messenger():
                    try:
                        return await _first(stop, supervising)
                    finally:
                        await self._end(supervising)
            finally:
                await self._end(supervising)

    async def _public_after_staff(self) -> int:
        """What notices are sealed to has to be there before either bot runs, and the staff bot's
        process is the one that leaves it there."""
        await self.staff.ready.wait()
        self.public.ready.set()
        return await self.public.supervise()

    async def _end(self, supervising: Sequence[asyncio.Task[int]]) -> None:
        for task in supervising:
            task.cancel()
        await asyncio.gather(*supervising, return_exceptions=True)
        await asyncio.gather(self.staff.stop(), self.public.stop())

    @asynccontextmanager
    async def _messenger(self) -> AsyncIterator[None]:
        # Only now that the bots load as well: loaded before, it would be waited for by all three.
        with loading():
            load_aiogram()
            from messenger.server import running
        since = beginning(self.settings.data / "clock")
        here = MessengerSettings(
            people=people(),
            clock=since,
            started=True,
            chats=self.settings.make_folder() / "chats.json",
            # What a citizen writes is on no disk but sealed, here as well.
            unsaved=frozenset({"public"}),
        )
        async with running(here, self.listening) as server:
            print(server.url, flush=True)  # noqa: T201
            print(f"http://127.0.0.1:{self.page_port}/report", flush=True)  # noqa: T201
            yield
            now = server.state.clock.now().astimezone(ZONE)
            self.settings.make_folder().joinpath("clock").write_text(now.isoformat(), "utf-8")


async def _first(stop: asyncio.Event, supervising: Sequence[asyncio.Task[int]]) -> int:
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopping, *supervising}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    return next((task.result() for task in supervising if task.done()), 0)


def local_run(settings: Settings, port: int) -> LocalRun:
    """Raises PortTaken."""
    listening = listen(port)
    host, port = listening.getsockname()
    page_port = settings.public_port or free_port(port + 1)
    given = environment(settings, f"http://{host}:{port}", page_port)
    staff, public = Child("staff", ("local-staff",), given), Child("public", ("public",), given)
    return LocalRun(settings, listening, page_port, staff, public)


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
