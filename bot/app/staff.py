"""The staff side of the house in one process: intake, workers, timetable, deliverer."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError

from bot.app.clock import BEGAN, Clock, FollowedClock, SystemClock
from bot.app.database import open_database, open_intake
from bot.app.keys import opener, rings
from bot.app.lean import trusting_nobody
from bot.app.settings import TELEGRAM, Settings
from bot.app.shutdown import unless
from bot.pipeline.deliverer import Deliverer
from bot.pipeline.flood_waits import Silences
from bot.pipeline.fsm_storage import make_dispatcher
from bot.pipeline.leader import Duty
from bot.pipeline.limiter import Limiter, LimitRequests, Limits, LowPriorityBot
from bot.pipeline.polling import Poller, Pulse
from bot.pipeline.webhook import Webhook
from bot.pipeline.worker import Worker
from domain.calendar.files import calendar_of
from handlers.staff import announce_commands, setup
from handlers.staff.messages import Notifier
from sandbox.local_clock import InStep
from scheduler.jobs import Jobs
from services.container import Services, build_services, procedure_of
from services.core.advisory_locks import Turns
from services.reports.exchange import Exchange
from services.rulebooks.fingerprints import RuleMarks, said

T = TypeVar("T")
NAME = "staff"
LOCAL_LIMITS = Limits(overall=1000, chat=1000)
"""A person at the local messenger plays everybody, faster than anybody writes."""

log = structlog.get_logger()


@dataclass
class StaffBot:
    """Everything joined, nothing running. `intake`: run until cancelled, brings updates in."""

    services: Services
    clock: Clock
    bot: Bot
    worker: Worker
    intake: Callable[[], Coroutine[Any, Any, None]]
    silences: Silences
    deliverer: Deliverer
    jobs: Jobs
    duty: Duty
    in_step: InStep | None = None
    beside: list[asyncio.Task[None]] = field(default_factory=list)
    """Tasks that end with the bot, and whose end doesn't end it."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the updates in hand are finished."""
        parts = [self.intake(), self.worker.run(), self.duty.run(), self.silences.run()]
        if self.in_step is not None:
            parts.append(self.in_step.run())
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            self.beside.append(asyncio.create_task(self._announce()))
            await _first_end(stop, tasks)
        finally:
            for task in (*tasks, *self.beside):
                task.cancel()
            await self.worker.stop()
            await asyncio.gather(*tasks, *self.beside, return_exceptions=True)
            await self.worker.turns.close()

    async def _announce(self) -> None:
        with suppress(TelegramAPIError):
            await announce_commands(self.bot)


async def _first_end(stop: asyncio.Event, tasks: Iterable[asyncio.Task[None]]) -> None:
    """Until `stop` is set, or a part can't go on: then with its error."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done - {stopped}:
        task.result()


async def make_bot(settings: Settings, services: Services) -> tuple[Bot, Silences]:
    """A bot that keeps the limits, and the silence that was asked of any process before."""
    local = settings.api != TELEGRAM and settings.follow_clock
    share = Limits(overall=max(1, Limits().overall // settings.staff_processes))
    limiter = Limiter(LOCAL_LIMITS if local else share, begun=BEGAN)
    silences = Silences(services.outgoing, limiter, SystemClock().now)
    await silences.take_over()
    with trusting_nobody() if settings.api.startswith("http://") else nullcontext():
        session = AiohttpSession(api=TelegramAPIServer.from_base(settings.api))
    session.middleware(LimitRequests(limiter))
    return Bot(settings.token(NAME), session=session), silences


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Services, Clock]]:
    """The services over the migrated database, and the clock. Raises SettingsError, KeyProblem and
    domain.rulebook.reading.reader.FileError where something is set wrongly."""
    settings.make_folder()
    # A passphrase takes its time: meanwhile the databases are opened.
    holding = _beside(opener, settings)
    calendar, catalogue = calendar_of(settings.calendar_file), settings.catalogue()
    procedure = procedure_of(settings.profile, calendar, settings.profiles)
    database = await open_database(settings.staff_database, rings(settings))
    intake = await open_intake(settings.intake_database)
    try:
        exchange = Exchange(database, intake, await holding)
        retention = timedelta(days=settings.keep_reports_days)
        services = build_services(database, procedure, True, exchange, catalogue, retention)
        yield services, SystemClock()
    finally:
        await intake.close()
        await database.close()


def _beside(does: Callable[[Settings], T], settings: Settings) -> asyncio.Future[T]:
    """In a thread. What goes wrong there is told to whoever waits for it, and to nobody else."""
    made = asyncio.ensure_future(asyncio.to_thread(does, settings))
    made.add_done_callback(lambda done: done.cancelled() or done.exception())
    return made


@asynccontextmanager
async def joined(settings: Settings, stop: asyncio.Event) -> AsyncIterator[StaffBot]:
    """Raises NotBegun where `stop` is set while the messenger is waited for, and as `opened`."""
    async with opened(settings) as (services, system):
        clock = await unless(stop, clock_of(settings, system))
        bot, silences = await make_bot(settings, services)
        await mark_rules(services)
        try:
            yield join(settings, services, clock, bot, silences)
        finally:
            await bot.session.close()


async def mark_rules(services: Services) -> None:
    """Says which rulebooks were changed under their name; doctor goes on saying so."""
    marks = RuleMarks(services.database, services.procedure)
    for line in said(await marks.remember()):
        log.warning("rulebook_changed", what=line, next="yinlu doctor")


async def clock_of(settings: Settings, system: Clock) -> Clock:
    if not settings.follow_clock:
        return system
    clock = FollowedClock(settings.api)
    await clock.start()
    return clock


def join(
    settings: Settings, services: Services, clock: Clock, bot: Bot, silences: Silences
) -> StaffBot:
    # One connection pool for both; the limiter tells them apart.
    unasked = LowPriorityBot(bot.token, session=bot.session)
    deliverer = Deliverer(
        services.outgoing,
        Notifier(unasked, services, clock.now),
        clock.now,
        f"{NAME}:{os.getpid()}",
    )
    dispatcher = make_dispatcher()
    setup(dispatcher, services)
    turns = Turns(services.database)
    worker = Worker(NAME, bot, dispatcher, services.inbox, turns, clock.now, deliverer.wake)
    jobs = Jobs(services, clock.now, deliverer.wake)
    intake = _intake(settings, services, clock, bot, worker)
    duty = Duty(NAME, turns, deliverer, jobs)
    joined = StaffBot(services, clock, bot, worker, intake, silences, deliverer, jobs, duty)
    if isinstance(clock, FollowedClock):
        joined.in_step = InStep(settings.api, services, clock, jobs, deliverer)
        worker.done = joined.in_step.changed
    return joined


def _intake(
    settings: Settings, services: Services, clock: Clock, bot: Bot, worker: Worker
) -> Callable[[], Coroutine[Any, Any, None]]:
    # Where a person moves the clock on, days without a message are none in which one was dropped.
    watched = not settings.follow_clock
    pulse = Pulse(lambda: services.gaps.heard(NAME, clock.now())) if watched else None
    if not settings.webhook_url:
        return Poller(NAME, bot, services.inbox, clock.now, worker.awake, pulse).run
    webhook = Webhook(NAME, bot, services.inbox, clock.now, worker.awake, pulse)
    return partial(
        webhook.run,
        settings.webhook_url,
        settings.webhook_secret_text,
        settings.webhook_host,
        settings.webhook_port,
    )
