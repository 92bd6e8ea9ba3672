"""The staff bot of `yinlu run`: the one of production, with the invented city beside it, in step
with the local messenger: with its clock, which a person may move on, and with its page, which
offers "to the next deadline"."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import structlog
from aiohttp import ClientError, ClientSession

from bot.app.clock import FollowedClock
from bot.app.process_tasks import forever
from bot.app.settings import Settings
from bot.processes.staff import Extras, StaffBot, serve
from sandbox.cast import play
from sandbox.child import READY
from sandbox.prepare import prepare
from sandbox.run import beginning
from services.core.database import away

HEAD_START = 1.5
"""Seconds between the first answer and everything that is only played."""
SETTLE = 0.3
"""Seconds in which several changes are told to the page as one."""
PAUSE = 1.0
"""Seconds after which the database is asked again when it was away."""

log = structlog.get_logger()


async def serve_local(settings: Settings, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises as bot.processes.staff.serve."""
    await prepare(settings, beginning(settings.data / "clock"))
    # The parent starts the public bot by this word, which reads what was prepared here.
    print(READY, flush=True)  # noqa: T201
    # Beside the bot and not in it: production knows nothing of a clock that can be moved.
    extras = MessengerSync(settings.api).extras()
    await serve(settings, stop, replace(extras, parts={**extras.parts, "cast": play_cast}))


async def play_cast(bot: StaffBot) -> None:
    """Until cancelled."""
    await forever(lambda: play_once(bot))()


async def play_once(bot: StaffBot) -> None:
    """Whoever opens the page is answered first. The notices of the invented city are told to the
    public side at once: until the next look nobody could report on one."""
    await asyncio.sleep(HEAD_START)
    await play(bot.services, bot.clock.now())
    await bot.jobs.look()


class MessengerSync:
    """`changed`: an update was handled or a look was taken; dates may have changed."""

    def __init__(self, api: str) -> None:
        self.api = api
        self._changed = asyncio.Event()

    def extras(self) -> Extras:
        return Extras(self._changed.set, {"clock moved": self.look, "page": self.tell})

    async def look(self, bot: StaffBot) -> None:
        """Looks for what is due as soon as a person moves the clock on. Until cancelled."""
        assert isinstance(bot.clock, FollowedClock)
        while True:
            await bot.clock.moved.wait()
            bot.clock.moved.clear()
            async with _again_if_away(bot.clock.moved):
                await bot.jobs.look()
                bot.deliverer.wake()

    async def tell(self, bot: StaffBot) -> None:
        """Tells the page when the next thing is due. Until cancelled."""
        async with ClientSession(self.api) as session:
            while True:
                await self._changed.wait()
                self._changed.clear()
                async with _again_if_away(self._changed):
                    await self._tell(session, bot)

    async def _tell(self, session: ClientSession, bot: StaffBot) -> None:
        following = await bot.services.reminders.next_moment(bot.clock.now())
        body = {"next": following.isoformat() if following else None}
        with suppress(ClientError, OSError):
            async with session.post("/api/clock", json=body):
                await asyncio.sleep(SETTLE)
        if following is not None and following <= bot.clock.now():
            # It is being told this moment; what comes after it is known then.
            self._changed.set()


@asynccontextmanager
async def _again_if_away(wanted: asyncio.Event) -> AsyncIterator[None]:
    """Ask for it again where the database is away: a part that fails would end the bot."""
    try:
        yield
    except Exception as error:
        if not away(error):
            raise
        log.warning("local_clock_retries", error=type(error).__name__)
        await asyncio.sleep(PAUSE)
        wanted.set()
