"""The public side, a process of its own: its token, its database, the public half of a key."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from telegram import Update
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.app.clock import FollowedClock, SystemClock
from bot.app.database import open_intake
from bot.app.keys import pepper, sealer, signer
from bot.app.settings import TELEGRAM, Settings, SettingsError
from bot.app.shutdown import CLOSE_HTTP, DELETE_REPORTS, STOP_ONE, finish_within, unless_stopped
from domain.calendar.files import calendar_of
from domain.calendar.office_hours import day_of
from domain.case.report_deadline import AnswerTime
from domain.rulebook.reading.reader import load
from handlers.public.chat.application import (
    Bot,
    announce,
    build,
    delete_before_exit,
    run_housekeeping,
)
from handlers.public.web import build_web, serving
from services.intake.intake import Intake

RETRIES = -1
"""Until the messenger answers."""
RECONNECT = 5.0
"""Seconds between two attempts to reach it at the beginning."""
log = structlog.get_logger()


@dataclass
class MessengerErrors:
    """Counts and logs each failed request to the messenger; python-telegram-bot repeats it."""

    errors: int = 0

    def __call__(self, error: TelegramError) -> None:
        self.errors += 1
        log.warning("messenger_unreachable", error=type(error).__name__)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises SettingsError where something is missing, and
    StoppedBeforeReady."""
    # The public half of the key alone: this process can't read what it accepts.
    token, seals = settings.token("public"), sealer(settings)
    spice, signs = pepper(settings), signer(settings)
    time = AnswerTime.of(load(settings.profile, settings.profiles))
    calendar = calendar_of(settings.calendar_file)
    settings.make_folder()
    database = await open_intake(settings.intake_database)
    clock = FollowedClock(settings.api) if settings.follow_clock else None
    tasks = []
    try:
        if clock is not None:
            await unless_stopped(stop, clock.start())
            tasks.append(asyncio.create_task(clock.follow()))
        now = (clock or SystemClock()).now
        intake = Intake(database, seals, spice, signs, time, calendar)
        intake.kept_days = settings.keep_reports_days
        await intake.introduce("", settings.report_page)
        await intake.abandon_all_pending(day_of(now()))
        await _serve(settings, token, intake, now, stop)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


async def _serve(
    settings: Settings,
    token: str,
    intake: Intake,
    now: Callable[[], datetime],
    stop: asyncio.Event,
) -> None:
    base = settings.api if settings.api != TELEGRAM else ""
    bot = build(token, intake, now, base, page_address=settings.report_page)
    errors = MessengerErrors()
    async with watched(settings, intake, now, errors), report_page_served(settings, intake, now):
        working = asyncio.create_task(_work(settings, bot, intake, errors))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            stopping.cancel()
            working.cancel()
            await asyncio.wait({working}, timeout=STOP_ONE)
            await _shut_down(bot)


async def _work(settings: Settings, bot: Bot, intake: Intake, errors: MessengerErrors) -> None:
    """Until cancelled."""
    await _reach(bot, errors)
    assert bot.updater is not None
    await intake.introduce(bot.bot.username, settings.report_page)
    await bot.start()
    await bot.updater.start_polling(
        allowed_updates=[Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY],
        bootstrap_retries=RETRIES,
        error_callback=errors,
    )
    log.info("began", bot="public")
    await asyncio.gather(run_housekeeping(bot), _announce(bot, errors))


async def _reach(bot: Bot, errors: MessengerErrors) -> None:
    """Returns once the messenger was reached; until then the web page is open alone, whatever the
    messenger answers. Raises SettingsError where it refuses the token."""
    while True:
        try:
            return await bot.initialize()
        except InvalidToken:
            raise SettingsError(
                "YINLU_PUBLIC_TOKEN: the messenger doesn't know this token; BotFather shows it"
            ) from None
        except RetryAfter as error:
            errors(error)
            await asyncio.sleep(_seconds(error))
        except TelegramError as error:
            errors(error)
            await asyncio.sleep(RECONNECT)


def _seconds(error: RetryAfter) -> float:
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


async def _shut_down(bot: Bot) -> None:
    """Ends in any case. Waiting for a messenger that hangs doesn't keep unfinished reports on
    the chats for which it still answers."""
    if bot.updater is not None and bot.updater.running:
        await finish_within(STOP_ONE, bot.updater.stop())
    if bot.running:
        await finish_within(STOP_ONE, bot.stop())
    await finish_within(DELETE_REPORTS, delete_before_exit(bot))
    await finish_within(STOP_ONE, bot.shutdown())


@asynccontextmanager
async def watched(
    settings: Settings, intake: Intake, now: Callable[[], datetime], errors: MessengerErrors
) -> AsyncIterator[None]:
    """With /healthz and /metrics, where a port is set for them. Raises SettingsError."""
    if not settings.public_health_port:
        yield
        return
    # The library of the numbers isn't loaded where nobody asks for them.
    from bot.operations.health import serving
    from bot.operations.public_health import PublicHealth

    health = PublicHealth(intake, now, lambda: errors.errors)
    async with serving(health, settings.public_health_port, "YINLU_PUBLIC_HEALTH_PORT"):
        yield


@asynccontextmanager
async def report_page_served(
    settings: Settings, intake: Intake, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """The web page, on loopback only: what leads to it from outside is an onion service or a proxy
    that keeps no log. It works while the messenger doesn't. Raises SettingsError."""
    if not settings.public_port:
        yield
        return
    app, port = build_web(intake, now), settings.public_port
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(serving(app, "127.0.0.1", port, CLOSE_HTTP))
        except OSError as problem:
            raise SettingsError(f"YINLU_PUBLIC_PORT: port {port}: {problem.strerror}") from None
        yield


async def _announce(bot: Bot, errors: MessengerErrors) -> None:
    try:
        await announce(bot)
    except TelegramError as error:
        errors(error)
