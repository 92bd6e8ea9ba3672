"""The public side, a process of its own: its token, its database, the public half of a key."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from telegram.error import TelegramError

from bot.app.clock import FollowedClock, SystemClock
from bot.app.database import open_intake
from bot.app.keys import answers, pepper, sealer, signer
from bot.app.process_tasks import Part, Parts
from bot.app.settings import TELEGRAM, Settings, SettingsError
from bot.app.shutdown import CLOSE_HTTP, DELETE_REPORTS, STOP_ONE, finish_within, unless_stopped
from bot.processes.public_updates import Updates, until_answered
from domain.calendar.files import calendar_of
from domain.calendar.office_hours import day_of
from domain.case.reports import AnswerTime
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
    spice, signs, checks = pepper(settings), signer(settings), answers(settings)
    time = AnswerTime.of(load(settings.profile, settings.profiles))
    calendar = calendar_of(settings.calendar_file)
    settings.make_folder()
    database = await open_intake(settings.intake_database)
    clock = FollowedClock(settings.api) if settings.follow_clock else None
    try:
        if clock is not None:
            await unless_stopped(stop, clock.start())
        now = (clock or SystemClock()).now
        intake = Intake(database, seals, spice, signs, checks, time, calendar)
        intake.kept_days = settings.keep_reports_days
        await intake.introduce("", settings.report_page)
        await intake.abandon_all_pending(day_of(now()))
        beside = {"clock": clock.follow} if clock is not None else {}
        await _serve(settings, token, intake, now, stop, beside)
    finally:
        await database.close()


async def _serve(
    settings: Settings,
    token: str,
    intake: Intake,
    now: Callable[[], datetime],
    stop: asyncio.Event,
    beside: Mapping[str, Part],
) -> None:
    base = settings.api if settings.api != TELEGRAM else ""
    bot = build(token, intake, now, base, page_address=settings.report_page)
    errors, parts = MessengerErrors(), Parts()
    running = PublicBot(bot, intake, errors, settings.report_page)
    health = watched(settings, intake, now, errors, parts)
    async with health, report_page_served(settings, intake, now):
        await parts.run(stop, {**running.parts, **beside}, leaving=running.shut_down)


class PublicBot:
    """The application with what keeps it going: updates come in, sessions are swept."""

    def __init__(self, bot: Bot, intake: Intake, errors: MessengerErrors, page: str) -> None:
        self.bot, self.intake, self.errors, self.page = bot, intake, errors, page
        self.updates = Updates(bot, errors)
        self.parts: Mapping[str, Part] = {
            "intake": self._take_in,
            "housekeeping": partial(run_housekeeping, bot),
        }

    async def _take_in(self) -> None:
        """Until cancelled. Until the messenger is reached the web page is open alone. Raises
        SettingsError where it refuses the token."""
        await until_answered(self.bot.initialize, self.errors)
        await self.intake.introduce(self.bot.bot.username, self.page)
        await self.bot.start()
        log.info("began", bot="public")
        with suppress(TelegramError):
            await announce(self.bot)
        await self.updates.run()

    async def shut_down(self) -> None:
        """Ends in any case. Waiting for a messenger that hangs doesn't keep unfinished reports on
        the chats for which it still answers."""
        await finish_within(STOP_ONE, self.updates.confirm())
        if self.bot.running:
            await finish_within(STOP_ONE, self.bot.stop())
        await finish_within(DELETE_REPORTS, delete_before_exit(self.bot))
        await finish_within(STOP_ONE, self.bot.shutdown())


@asynccontextmanager
async def watched(
    settings: Settings,
    intake: Intake,
    now: Callable[[], datetime],
    errors: MessengerErrors,
    parts: Parts,
) -> AsyncIterator[None]:
    """With /healthz and /metrics, where a port is set for them. Raises SettingsError."""
    if not settings.public_health_port:
        yield
        return
    # The library of the numbers isn't loaded where nobody asks for them.
    from bot.operations.health import serving
    from bot.operations.public_health import PublicHealth

    health = PublicHealth(intake, now, lambda: errors.errors, lambda: parts.ended)
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
