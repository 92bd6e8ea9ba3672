"""The public side, a process of its own: its token, its database, the public half of a key."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog
from telegram import Update
from telegram.error import TelegramError

from bot.clock import FollowedClock, SystemClock
from bot.database import open_intake
from bot.keys import pepper, sealer, signer
from bot.settings import TELEGRAM, Settings
from domain.loader import load
from handlers.public.application import Bot, announce, build, keep_clean, leave_clean
from services.intake import Intake

RETRIES = -1
"""Until the messenger answers."""
LEAVING = 3.0
"""Seconds to take unfinished reports off the chats before the process ends."""

log = structlog.get_logger()


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises SettingsError where something is missing."""
    token, seals = settings.token("public"), sealer(settings)
    spice, signs = pepper(settings), signer(settings)
    days = load(settings.profile).report_days or load().report_days
    settings.data.mkdir(parents=True, exist_ok=True)
    database = await open_intake(settings.intake_database)
    clock = FollowedClock(settings.api) if settings.follow_clock else None
    tasks = []
    try:
        if clock is not None:
            await clock.start()
            tasks.append(asyncio.create_task(clock.follow()))
        now = (clock or SystemClock()).now
        await _answer(settings, token, Intake(database, seals, spice, signs, days), now, stop)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


async def _answer(
    settings: Settings,
    token: str,
    intake: Intake,
    now: Callable[[], datetime],
    stop: asyncio.Event,
) -> None:
    base = settings.api if settings.api != TELEGRAM else ""
    bot = build(token, intake, now, base)
    async with bot:
        assert bot.updater is not None
        await bot.start()
        await bot.updater.start_polling(
            allowed_updates=[Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY],
            bootstrap_retries=RETRIES,
            error_callback=waits,
        )
        beside = [asyncio.create_task(keep_clean(bot)), asyncio.create_task(_announce(bot))]
        await stop.wait()
        for task in beside:
            task.cancel()
        await bot.updater.stop()
        await bot.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVING):
                await leave_clean(bot)


def waits(error: TelegramError) -> None:
    log.warning("public_waits", error=type(error).__name__)


async def _announce(bot: Bot) -> None:
    try:
        await announce(bot)
    except TelegramError as error:
        waits(error)
