"""A house with a department, a committee, two branches and their people, and a bot to talk to."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from aiogram import Bot
from aiogram_dialog.test_tools.memory_storage import JsonMemoryStorage

from bot.pipeline.press_answers import AnswerOnce
from domain.calendar.calendar import WorkCalendar
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role
from services.casefile.procedure import Procedure
from services.container import Services, build_services
from services.core.acts import Act
from services.core.database import Database
from services.people.views import Actor
from services.reports.exchange import Exchange
from tests.conversation.faults import FaultyLine, FaultyTelegram
from tests.conversation.people import Somebody
from tests.conversation.shared_dispatcher import begin
from tests.conversation.telegram import Seen
from tests.databases import fresh_database
from tests.remembered import remembered

BOOK = Path(__file__).parent / "rulebook"
ACTS = count(1)
T = TypeVar("T")


# asyncio writes down what a fixture gave whenever it sets its signals: without `repr=False`, all of
# the rulebook, which took more time than most stories.
@dataclass(repr=False)
class House:
    """Everything a story needs. `at`: the time that the bot is told."""

    services: Services
    line: FaultyLine
    storage: JsonMemoryStorage
    at: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    places: dict[str, str] = field(default_factory=dict)
    posts: dict[str, Actor] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.at

    def pass_days(self, days: int) -> None:
        self.at += timedelta(days=days)

    def act(self) -> Act:
        return Act(f"setup:{next(ACTS)}", self.at)

    def somebody(self, chat_id: int, language: str = "zh-hans") -> Somebody:
        return Somebody(self.line, chat_id, language)

    def restart(self) -> None:
        """The process dies; what was stored is all that is left."""
        self.line.now = self.now
        self.line.dispatcher = begin(self.services, self.storage)

    async def join(
        self, inviter: Actor, role: Role, place: str, name: str, chat_id: int
    ) -> Somebody:
        async def joined() -> Actor:
            people = self.services.people
            token = await people.invite(self.act(), inviter, role, self.places[place], name)
            return await people.join(self.act(), chat_id, token, "zh")

        self.posts[name] = await self.once((inviter, role, place, name, chat_id), joined)
        return self.somebody(chat_id)

    async def once(self, what: Hashable, play: Callable[[], Awaitable[T]]) -> T:
        """Played once a session from here, then put back."""
        book = self.services.procedure.current.id
        return await remembered(self.services.database, (what, self.at, book), play)

    async def said_once(self, what: Hashable, play: Callable[[], Awaitable[None]]) -> None:
        """Likewise, with what each person sees and where their conversations stand."""
        telegram, talks = self.line.telegram, self.storage.storage

        async def said() -> tuple[dict[Any, Any], dict[int, dict[int, Seen]], int]:
            await play()
            return dict(talks), telegram.chats, telegram.number

        if self.line.fault:
            # What goes wrong is a part of the story.
            await play()
            return
        stand, telegram.chats, telegram.number = await self.once(what, said)
        talks.clear()
        talks.update(stand)


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Most of these stories are about what is said: one database will do. `on_both` tells one of
    them on the other as well."""
    async with fresh_database(request, tmp_path, threads=False) as url:
        yield url


@pytest.fixture
def procedure() -> Procedure:
    """A short procedure that holds every kind of question."""
    return Procedure(load("small", BOOK), partial(load, folder=BOOK), WorkCalendar())


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> AsyncIterator[House]:
    made = await make_house(database, procedure)
    yield made
    assert not made.line.telegram.twice, "a press was answered twice"


async def make_house(
    database: Database, procedure: Procedure, exchange: Exchange | None = None
) -> House:
    telegram = FaultyTelegram()
    telegram.middleware(AnswerOnce())
    services = build_services(database, procedure, exchange=exchange)
    storage = JsonMemoryStorage()
    line = FaultyLine(
        Bot("42:TEST", session=telegram), telegram, begin(services, storage), storage=storage
    )
    made = House(services, line, storage)
    made.restart()
    made.places, made.posts = await made.once("house", partial(_found, made))
    return made


async def _found(house: House) -> tuple[dict[str, str], dict[str, Actor]]:
    """Places and posts by their names."""
    people = house.services.people
    token = await people.found(house.act(), "组织部", "主任甲")
    director = await people.join(house.act(), 100, token, "zh")
    house.posts["主任甲"] = director
    places = await people.organisations(director)
    house.places["组织部"] = places[0][0]
    for name, level, parent in (
        ("第一党委", "committee", "组织部"),
        ("第一支部", "branch", "第一党委"),
        ("第二支部", "branch", "第一党委"),
    ):
        house.places[name] = await people.add_organisation(
            house.act(), director, house.places[parent], level, name
        )
    return house.places, house.posts


@pytest.fixture
def line_fault(request: pytest.FixtureRequest, house: House) -> str:
    """What goes wrong at every update of this story."""
    house.line.fault = request.param
    return house.line.fault


@pytest.fixture
async def committee(house: House) -> Somebody:
    return await house.join(house.posts["主任甲"], Role.COMMITTEE, "第一党委", "委员乙", 200)


@pytest.fixture
async def secretary(house: House, committee: Somebody) -> Somebody:
    house.posts["书记丙"] = await house.once("secretary", partial(_secretary, house))
    return house.somebody(300)


async def _secretary(house: House) -> Actor:
    """With two members in the branch."""
    officer, branch = house.posts["委员乙"], house.places["第一支部"]
    await house.join(officer, Role.SECRETARY, "第一支部", "书记丙", 300)
    secretary = house.posts["书记丙"]
    for name in ("党员甲一", "党员甲二"):
        await house.services.people.add_member(house.act(), secretary, branch, name)
    return secretary


@pytest.fixture
async def introducer(house: House, secretary: Somebody) -> Somebody:
    return await house.join(house.posts["书记丙"], Role.INTRODUCER, "第一支部", "介绍丁", 400)


@pytest.fixture
async def other_secretary(house: House, committee: Somebody) -> Somebody:
    return await house.join(house.posts["委员乙"], Role.SECRETARY, "第二支部", "书记戊", 500)


@pytest.fixture
def director(house: House) -> Somebody:
    return house.somebody(100)


@pytest.fixture
def stranger(house: House) -> Somebody:
    return house.somebody(900)
