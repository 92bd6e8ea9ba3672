"""The city of the invented people, both bots running, spoken to over HTTP like anybody would."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.app.database import open_database
from bot.app.settings import Settings
from bot.app.shutdown import StoppedBeforeReady
from bot.processes.public import serve
from bot.processes.staff import joined
from domain.calendar.office_hours import day_of, is_open
from domain.rulebook.schema import Role
from messenger.client import TIMEOUT, MessengerClient, Person
from messenger.core.settings import BOTS, MessengerSettings, user_id
from messenger.server import Running, running
from models import Setting
from sandbox.cast import Cast, Play
from sandbox.local_staff import MessengerSync
from sandbox.people import people
from services.cases.views import CaseCard
from services.container import Services, build_services, procedure_of
from services.core import advisory_locks
from services.reports.register import batch_of
from services.reports.schedule import BATCH
from tests.databases import fresh_database
from tests.installed import MONDAY, gathered, give_keys

HOME = "东山村党支部"
PEOPLE = people() | {"introducer3": ("介绍人 孟和", ("staff",))}
"""With an introducer of the other branch, who has no part in anybody's case here."""
CHATS = {name: user_id(place) for place, name in enumerate(PEOPLE)}


@dataclass(repr=False)
class City:
    """`services` look through a connection of their own: they see what was committed."""

    server: Running
    messenger: MessengerClient
    services: Services
    cast: Cast
    staff: "Staff"
    known: dict[str, Person] = field(default_factory=dict)

    async def person(self, name: str, bot: str = "staff", language: str | None = None) -> Person:
        if name not in self.known:
            self.known[name] = await self.messenger.person(name, bot, language)
        return self.known[name]

    @property
    def now(self) -> datetime:
        return self.server.state.clock.now()

    @property
    def today(self) -> date:
        return day_of(self.now)

    async def morning_of(self, day: date) -> None:
        """On to 10 o'clock of a day; nothing where it is here already."""
        moment = datetime.combine(day, MONDAY.timetz())
        if moment > self.now:
            await self.messenger.post("/api/clock", {"to": moment.isoformat()})
            await self.caught_up()

    async def passes(self, step: str) -> None:
        """ "3d", "6h", "1m" go by, and what is due in them is told."""
        await self.messenger.advance(step)
        await self.caught_up()

    async def caught_up(self) -> None:
        """Until nothing is left that has to be told by now."""
        async with asyncio.timeout(TIMEOUT):
            while not await self._told() or not await self._fetched():
                self.staff.still_runs()
                await asyncio.sleep(0.05)

    async def _told(self) -> bool:
        following = await self.services.reminders.next_moment(self.now)
        return following is None or following > self.now

    async def _fetched(self) -> bool:
        slot = batch_of(self.now)
        if slot is None or not is_open(self.now, self.services.procedure.calendar):
            return True
        async with self.services.database.read() as session:
            last = await session.get(Setting, BATCH)
            return last is not None and last.value >= slot

    async def case(self, at: str, days: int, name: str = "陆小满", branch: str = HOME) -> str:
        """A case that began `days` ago and whose next step is `at`; gives its id."""
        return await Play(
            self.cast, {"name": name, "branch": branch, "at": at, "days": days}
        ).lead()

    async def restart(self) -> None:
        """The staff bot's process ends and another begins; what was stored is all there is."""
        await self.staff.end()
        await self.staff.start()

    async def join_introducer(self, name: str, known_as: str) -> None:
        """One more introducer of the other branch, at the messenger and in the house."""
        person = await self.person(name)
        secretary, place = self.cast.people["赵峰"], self.cast.places["河湾村党支部"]
        people = self.services.people
        token = await people.invite(self.cast.act(), secretary, Role.INTRODUCER, place, known_as)
        await people.join(self.cast.act(), person.user_id, token, "zh")

    async def card(self, case_id: str) -> CaseCard:
        director = self.cast.people["苏和"]
        return await self.services.cases.card(director, case_id, self.today)


def settings_for(folder: Path, url: str, database_url: str = "", **more: str) -> Settings:
    return Settings.model_validate(
        more
        | {
            "DATABASE_URL": database_url,
            "data": folder,
            "api": url,
            "follow_clock": True,
            "staff_token": BOTS["staff"][0],
            "public_token": BOTS["public"][0],
        }
    )


@dataclass
class Staff:
    """The staff bot, which can be ended and started again."""

    settings: Settings
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with suppress(StoppedBeforeReady):
            extras = MessengerSync(self.settings.api).extras()
            async with joined(self.settings, self.stop, extras) as bot:
                await bot.run(self.stop)

    def still_runs(self) -> None:
        """Raises what ended it: waiting for it would only say that nothing came."""
        assert self.task is not None
        if self.task.done():
            self.task.result()
            raise AssertionError("the staff bot has ended")

    async def end(self) -> None:
        self.stop.set()
        assert self.task is not None
        await self.task


async def _public(settings: Settings, stop: asyncio.Event) -> None:
    with suppress(StoppedBeforeReady):
        await serve(settings, stop)


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """SQLite, and for what is told `on_both` PostgreSQL as well."""
    async with fresh_database(request, tmp_path) as url:
        yield url


@asynccontextmanager
async def founded(
    folder: Path, database_url: str, chats: Mapping[str, int] = CHATS, **more: str
) -> AsyncIterator[City]:
    """`chats`: where everybody is written to. `more`: settings of both bots."""
    here = MessengerSettings(port=0, people=PEOPLE, clock=MONDAY, started=True)
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # A server that is late on a busy machine isn't gone: a leader that gave up would leave what
        # it was sending to the next one for half a minute.
        patch.setattr(advisory_locks, "ANSWER_IN", TIMEOUT)
        server = await stack.enter_async_context(running(here))
        settings = settings_for(folder, server.url, database_url, **more)
        give_keys(settings)
        second = await open_database(settings.staff_database, settings.ring())
        looking = build_services(second, procedure_of(), tells=False)
        cast = await gathered(looking, chats)
        staff, stop = Staff(settings), asyncio.Event()
        await staff.start()
        public = asyncio.create_task(_public(settings, stop))
        async with MessengerClient(server.url) as messenger:
            yield City(server, messenger, looking, cast, staff)
        stop.set()
        await asyncio.gather(public, staff.end())
        await second.close()


@pytest.fixture
async def city(tmp_path: Path, database_url: str) -> AsyncIterator[City]:
    async with founded(tmp_path, database_url) as made:
        yield made
