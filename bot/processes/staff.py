"""The staff bot in one process: intake, worker, timetable, deliverer."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError

from bot.app.clock import BEGAN, Clock, FollowedClock, SystemClock
from bot.app.instance_lock import alone
from bot.app.process_tasks import Part, Parts, forever
from bot.app.settings import TELEGRAM, Settings, SettingsError
from bot.app.shutdown import unless_stopped
from bot.app.sources import Source
from bot.operations.unlock_socket import serving_unlock
from bot.pipeline.admission import Admission, Admissions
from bot.pipeline.deliverer import BySource, Deliverer
from bot.pipeline.fsm_storage import make_dispatcher
from bot.pipeline.leader import Leader
from bot.pipeline.limiter import FloodWaits, Limiter, LimitRequests, Limits, LowPriorityBot
from bot.pipeline.peers import PeerDoor, PeerPoster
from bot.pipeline.polling import Poller, Pulse
from bot.pipeline.press_answers import AnswerOnce
from bot.pipeline.share import Share
from bot.pipeline.turns import Turn
from bot.pipeline.webhook import Webhook
from bot.pipeline.worker import Worker
from bot.processes.staff_services import opened
from handlers.staff import announce_commands, setup
from handlers.staff.messages.notifier import Notifier
from models.columns import new_id
from scheduler.jobs import Jobs
from services.container import Services
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database
from services.messages.group_commit import as_it_comes
from services.messages.shares import Shares
from services.rulebooks.fingerprints import RuleMarks, said

T = TypeVar("T")
NAME = "staff"
LOCAL_LIMITS = Limits(overall=1000, chat=1000)
"""A person at the local messenger plays everybody, faster than anybody writes."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Extras:
    """What somebody else adds to the staff bot. `changed` is called after every update and every
    look; `parts` run beside ours until they are cancelled."""

    changed: Callable[[], None] = lambda: None
    parts: Mapping[str, Callable[["StaffBot"], Coroutine[Any, Any, None]]] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class FurtherMessenger:
    """A source beside the first messenger, with what talks to it."""

    source: Source
    bot: Bot
    limiter: Limiter
    waits: FloodWaits
    share: Share


@dataclass(frozen=True)
class FurtherSource:
    """A source beside the first one at work; `pulse` knows since when it is silent."""

    name: str
    bot: Bot
    worker: Worker
    pulse: Pulse
    parts: Mapping[str, Part]


@dataclass
class StaffBot:
    """Everything joined, nothing running. `intake`: run until cancelled, brings updates in.
    `handled`: updates handled since the process began. `shares`: of the limits of each source.
    `lines`: the sources beside the first. `peers`: the line to other installations, where it is
    set up."""

    services: Services
    clock: Clock
    bot: Bot
    worker: Worker
    intake: Callable[[], Coroutine[Any, Any, None]]
    flood_waits: Callable[[], Coroutine[Any, Any, None]]
    shares: tuple[Share, ...]
    deliverer: Deliverer
    jobs: Jobs
    leader: Leader
    extras: Extras
    parts: Parts
    handled: Callable[[], int]
    lines: tuple[FurtherSource, ...] = ()
    peers: Mapping[str, Part] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the updates in hand are finished. Raises what ended a part."""
        parts = {
            "intake": self.intake,
            "worker": self.worker.run,
            "leader": self.leader.run,
            "flood waits": self.flood_waits,
            "share of the limit": self.shares[0].run,
            "commands": forever(self._announce),
        }
        for line in self.lines:
            parts |= line.parts
        parts |= self.peers
        if isinstance(self.clock, FollowedClock):
            parts["clock"] = self.clock.follow
        # Beside ours: if one of them ends, the process ends too, and is started again whole.
        parts |= {name: partial(part, self) for name, part in self.extras.parts.items()}
        try:
            await self.parts.run(stop, parts, leaving=self._leave)
        finally:
            # Last: what is in hand is finished under its chats' locks, and sent by the shares.
            await self.worker.locks.close()
            await asyncio.gather(*(share.leave() for share in self.shares))

    async def _leave(self) -> None:
        workers = (self.worker, *(line.worker for line in self.lines))
        await asyncio.gather(*(worker.stop() for worker in workers))

    async def _announce(self) -> None:
        for bot in (self.bot, *(line.bot for line in self.lines)):
            with suppress(TelegramAPIError):
                await announce_commands(bot)

    def silent(self) -> Mapping[str, float]:
        """Seconds since each source beside the first has answered, by its name."""
        return {line.name: line.pulse.silent for line in self.lines}


async def serve(settings: Settings, stop: asyncio.Event, extras: Extras = Extras()) -> None:
    """The staff process, until `stop` is set. Raises as `joined` and `work`."""
    async with joined(settings, stop, extras) as bot, watched(settings, bot):
        await work(settings, bot, stop)


async def work(settings: Settings, bot: StaffBot, stop: asyncio.Event) -> None:
    """Serve people until `stop` is set. Raises SettingsError for a token that the messenger doesn't
    know, and what ended a part."""
    async with serving_unlock(settings.data, bot.services.reports.exchange):
        log.info("began", bot=NAME)
        try:
            await bot.run(stop)
        except TelegramUnauthorizedError:
            raise SettingsError(
                "YINLU_STAFF_TOKEN: the messenger doesn't know this token; BotFather shows it"
            ) from None


@asynccontextmanager
async def watched(settings: Settings, bot: StaffBot) -> AsyncIterator[None]:
    """With /healthz and /metrics, where a port is set for them."""
    if not settings.health_port:
        yield
        return
    # The library of the numbers isn't loaded where nobody asks for them.
    from bot.operations.health import Health, serving

    database, ended = bot.services.database, lambda: bot.parts.ended
    refused = bot.services.from_peers.refused
    health = Health(database, bot.clock.now, bot.handled, ended, bot.silent, lambda: refused)
    async with serving(health, settings.health_port):
        yield


async def make_bot(
    settings: Settings,
    services: Services,
    source: Source | None = None,
    begun: float | None = BEGAN,
) -> tuple[Bot, Limiter, FloodWaits, Share]:
    """A bot that keeps the limits, its share of them, and the flood waits that were asked of any
    process before. `source`: one beside the first messenger. `begun`: as of `Limiter`."""
    api, number = (source.api, source.number) if source else (settings.api, 0)
    local = settings.api != TELEGRAM and settings.follow_clock
    limits = LOCAL_LIMITS if local else Limits()
    # Count waits by the real time: the messenger does, whoever moves the local clock on.
    flood_waits = FloodWaits(services.outgoing, SystemClock().now, number)
    limiter = Limiter(limits, flood_waits.store, begun=begun)
    # The messenger counts by bot: several processes share what one may send.
    share = Share(Shares(services.database, new_id(), limits.overall, number), limiter)
    # Before the first request: a restart must not send into a wait that was asked of the process
    # before.
    await flood_waits.load(limiter)
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    session.middleware(AnswerOnce())
    session.middleware(LimitRequests(limiter))
    return Bot(settings.token(NAME), session=session), limiter, flood_waits, share


@asynccontextmanager
async def joined(
    settings: Settings,
    stop: asyncio.Event,
    extras: Extras = Extras(),
    begun: float | None = BEGAN,
    turn: Turn | None = None,
) -> AsyncIterator[StaffBot]:
    """`begun`: since when no process before this one sends anything; None for now, where this one
    began long ago. `turn`: among other cells of the process. Raises StoppedBeforeReady where `stop`
    is set while the messenger is waited for, and as `opened` and `only_one`."""
    taking = as_it_comes if turn is None else turn.taken
    async with opened(settings, taking) as (services, system):
        with only_one(services.database):
            clock = await unless_stopped(stop, clock_of(settings, system))
            bot, limiter, flood_waits, share = await make_bot(settings, services, begun=begun)
            others = [
                FurtherMessenger(one, *await make_bot(settings, services, one, begun))
                for one in settings.sources
            ]
            await mark_rules(services)
            try:
                listening = partial(flood_waits.run, limiter)
                yield join(settings, services, clock, bot, listening, share, extras, others, turn)
            finally:
                for one in (bot, *(other.bot for other in others)):
                    await one.session.close()


def only_one(database: Database) -> AbstractContextManager[None]:
    """On SQLite no process sees what another has in hand: a second one would answer from where it
    left a conversation itself (`services.messages.chats_at_rest`). Raises SettingsError."""
    path = database.engine.url.database
    if database.shared or not path:
        return nullcontext()
    return alone(
        Path(f"{path}.lock"),
        f"{path}: another staff bot works with this file. Stop it first; several at the same time "
        "need PostgreSQL",
    )


async def mark_rules(services: Services) -> None:
    """Says which rulebooks were changed under their name; doctor goes on saying so."""
    marks = RuleMarks(services.database, services.procedure)
    for line in said(await marks.remember()):
        log.warning("rulebook_changed", what=line, next="yinlu doctor")


async def clock_of(settings: Settings, system: Clock) -> Clock:
    """The system's clock, or that of the local messenger, once it was asked for the time."""
    if not settings.follow_clock:
        return system
    clock = FollowedClock(settings.api)
    await clock.start()
    return clock


class Handled:
    """Counts updates, and tells whoever waits for what they caused."""

    def __init__(self, *told: Callable[[], None]) -> None:
        self.told, self.count = told, 0

    def __call__(self) -> None:
        self.count += 1
        for tell in self.told:
            tell()


def join(
    settings: Settings,
    services: Services,
    clock: Clock,
    bot: Bot,
    flood_waits: Callable[[], Coroutine[Any, Any, None]],
    share: Share,
    extras: Extras,
    others: Sequence[FurtherMessenger] = (),
    turn: Turn | None = None,
) -> StaffBot:
    """Join all parts of the staff bot; nothing runs yet."""
    senders = BySource(
        _notifier(bot, services, clock),
        {one.source.number: _notifier(one.bot, services, clock) for one in others},
    )
    deliverer = Deliverer(services.outgoing, senders, clock.now, f"{NAME}:{os.getpid()}", turn)
    dispatcher = make_dispatcher()
    setup(dispatcher, services)
    locks, handled = AdvisoryLocks(services.database), Handled(deliverer.wake, extras.changed)
    worker = Worker(NAME, bot, dispatcher, services.inbox, locks, clock.now, handled, turn=turn)
    lines = tuple(_line(one, services, clock, dispatcher, locks, handled, turn) for one in others)
    jobs = Jobs(services, clock.now, deliverer.wake, extras.changed)
    return StaffBot(
        services,
        clock,
        bot,
        worker,
        _intake(settings, services, clock, bot, worker, turn),
        flood_waits,
        (share, *(one.share for one in others)),
        deliverer,
        jobs,
        Leader(NAME, locks, deliverer, jobs),
        extras,
        Parts(),
        lambda: handled.count,
        lines,
        _peers(settings, services, clock),
    )


def _peers(settings: Settings, services: Services, clock: Clock) -> Mapping[str, Part]:
    if not settings.peers_port:
        return {}
    door = PeerDoor(services.from_peers, clock.now)
    return {
        "door for other cities": partial(door.run, settings.peers_port),
        "post to other cities": PeerPoster(services.to_peers, clock.now).run,
    }


def _notifier(bot: Bot, services: Services, clock: Clock) -> Notifier:
    # One connection pool with the bot that answers; the limiter tells them apart.
    return Notifier(LowPriorityBot(bot.token, session=bot.session), services, clock.now)


def _line(
    beside: FurtherMessenger,
    services: Services,
    clock: Clock,
    dispatcher: Dispatcher,
    locks: AdvisoryLocks,
    handled: Handled,
    turn: Turn | None,
) -> FurtherSource:
    """A worker and a poller of its own: a source that is away or busy holds up no other."""
    name, number, bot = beside.source.name, beside.source.number, beside.bot
    inbox = services.inbox
    worker = Worker(name, bot, dispatcher, inbox, locks, clock.now, handled, number, turn)
    # A gateway keeps its updates until they are confirmed: none is dropped after a day.
    pulse, doors = (
        Pulse(_nothing_heard),
        Admissions(Admission(services.newcomers), worker.wake_others),
    )
    poller = Poller(name, bot, inbox, clock.now, worker.wake, pulse, doors, number, turn)

    async def intake() -> None:
        try:
            await poller.run()
        except TelegramUnauthorizedError:
            said = f"YINLU_GATEWAYS: {name} doesn't know the token of YINLU_STAFF_TOKEN"
            raise SettingsError(said) from None

    parts: dict[str, Part] = {
        f"intake of {name}": intake,
        f"worker of {name}": worker.run,
        f"flood waits of {name}": partial(beside.waits.run, beside.limiter),
        f"share of the limit of {name}": beside.share.run,
    }
    return FurtherSource(name, bot, worker, pulse, parts)


async def _nothing_heard() -> None:
    """No gap to be looked for."""


def _intake(
    settings: Settings,
    services: Services,
    clock: Clock,
    bot: Bot,
    worker: Worker,
    turn: Turn | None,
) -> Callable[[], Coroutine[Any, Any, None]]:
    # Where a person moves the clock on, days without a message are none in which one was dropped.
    watched = not settings.follow_clock
    pulse = Pulse(lambda: services.gaps.heard(NAME, clock.now())) if watched else None
    doors = Admissions(Admission(services.newcomers), worker.wake_others)
    if not settings.webhook_url:
        inbox, wake = services.inbox, worker.wake
        return Poller(NAME, bot, inbox, clock.now, wake, pulse, doors, turn=turn).run
    webhook = Webhook(NAME, bot, services.inbox, clock.now, worker.wake, pulse, doors, turn)
    return partial(
        webhook.run,
        settings.webhook_url,
        settings.webhook_secret_text,
        settings.webhook_host,
        settings.webhook_port,
    )
