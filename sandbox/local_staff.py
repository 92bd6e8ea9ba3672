"""The staff bot of `yinlu run`: the one of production, with the invented city and the local clock
beside it."""

import asyncio
from dataclasses import replace

from bot.app.parts import forever
from bot.app.settings import Settings
from bot.processes.staff import StaffBot, serve
from sandbox.cast import play
from sandbox.child import READY
from sandbox.local_clock import MessengerSync
from sandbox.prepare import prepare
from sandbox.run import beginning

HEAD_START = 1.5
"""Seconds between the first answer and everything that is only played."""


async def serve_local(settings: Settings, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises as bot.processes.staff.serve."""
    await prepare(settings, beginning(settings.data / "clock"))
    print(READY, flush=True)  # noqa: T201
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
