"""The staff side of the house in one process: intake, workers, timetable, deliverer."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError

from bot.clock import Clock, FollowedClock, SystemClock
from bot.database import open_database, open_intake
from bot.deliverer import Deliverer
from bot.intake import Poller
from bot.keys import opener, rings
from bot.limiter import Limiter, LimitRequests, Limits
from bot.local import InStep
from bot.settings import TELEGRAM, Settings
from bot.storage import HeldStorage
from bot.worker import Worker
from handlers.staff import announce_commands, setup
from handlers.staff.notifier import Notifier
from scheduler import timetable
from scheduler.jobs import Jobs
from services.exchange import Exchange
from services.house import Services, build_services, procedure_of

NAME = "staff"
LOCAL_LIMITS = Limits(overall=1000, chat=1000)
"""A person at the local messenger plays everybody, faster than anybody writes."""

log = structlog.get_logger()


@dataclass
class StaffBot:
    """Everything joined, nothing running."""

    services: Services
    clock: Clock
    bot: Bot
    worker: Worker
    poller: Poller
    deliverer: Deliverer
    jobs: Jobs
    in_step: InStep | None = None
    beside: list[asyncio.Task[None]] = field(default_factory=list)
    """Tasks that end with the bot, and whose end doesn't end it."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the updates in hand are finished."""
        plan = timetable.build(self.jobs)
        parts = [self.poller.run(), self.deliverer.run()]
        if self.in_step is not None:
            parts.append(self.in_step.run())
        tasks = [asyncio.create_task(part) for part in parts]
        plan.start()
        try:
            await self.worker.start()
            await self.jobs.look()
            self.beside.append(asyncio.create_task(self._announce()))
            await _first_end(stop, tasks)
        finally:
            plan.shutdown(wait=False)
            for task in (*tasks, *self.beside):
                task.cancel()
            await self.worker.stop()
            await asyncio.gather(*tasks, *self.beside, return_exceptions=True)

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


def make_bot(settings: Settings) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.api))
    local = settings.api != TELEGRAM and settings.follow_clock
    session.middleware(LimitRequests(Limiter(LOCAL_LIMITS if local else Limits())))
    return Bot(settings.token(NAME), session=session)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Services, Clock]]:
    """The services over the migrated database, and the clock. Raises SettingsError, KeyProblem and
    domain.loader.RulebookError where something is set wrongly."""
    settings.data.mkdir(parents=True, exist_ok=True)
    procedure = procedure_of(settings.profile)
    database = await open_database(settings.staff_database, rings(settings))
    intake = await open_intake(settings.intake_database)
    try:
        exchange = Exchange(database, intake, opener(settings))
        yield build_services(database, procedure, exchange=exchange), SystemClock()
    finally:
        await intake.close()
        await database.close()


@asynccontextmanager
async def joined(settings: Settings) -> AsyncIterator[StaffBot]:
    async with opened(settings) as (services, system):
        clock = await clock_of(settings, system)
        bot = make_bot(settings)
        try:
            yield join(settings, services, clock, bot)
        finally:
            await bot.session.close()


async def clock_of(settings: Settings, system: Clock) -> Clock:
    if not settings.follow_clock:
        return system
    clock = FollowedClock(settings.api)
    await clock.start()
    return clock


def join(settings: Settings, services: Services, clock: Clock, bot: Bot) -> StaffBot:
    deliverer = Deliverer(
        services.outgoing, Notifier(bot, services, clock.now), clock.now, f"{NAME}:{os.getpid()}"
    )
    dispatcher = Dispatcher(storage=HeldStorage())
    setup(dispatcher, services, clock.now)
    worker = Worker(NAME, bot, dispatcher, services.inbox, done=deliverer.wake)
    jobs = Jobs(services, clock.now, deliverer.wake)
    poller = Poller(NAME, bot, services.inbox, clock.now, worker.awake)
    joined = StaffBot(services, clock, bot, worker, poller, deliverer, jobs)
    if isinstance(clock, FollowedClock):
        joined.in_step = InStep(settings.api, services, clock, jobs, deliverer)
        worker.done = joined.in_step.changed
    return joined
