"""The staff bot of production on two messengers at once: the first one, and a gateway beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.app.database import open_database
from bot.cli.doctor import sources as messengers_check
from bot.processes.staff import StaffBot, joined
from domain.rulebook.schema import Role
from messenger.client import MessengerClient, Person
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import running
from papers.sheets.writing import listed
from sandbox.cast import Cast, Play
from sandbox.people import people
from services.container import build_services, procedure_of
from services.core.acts import Act
from services.core.ports import URGENT, Message
from services.messages.chats import chat_at
from services.messages.queue import enqueue
from services.messages.update_gaps import GAP
from tests.gateway.conftest import FakeHouse
from tests.gateway.fake import Somebody
from tests.gateway.house import TOKEN, Bot
from tests.gateway.village import NEW, VISITED, answers_a_visit, begins_a_visit, joins
from tests.installed import MONDAY, gathered, give_keys
from tests.operations.conftest import BRANCH, CHATS, settings_in

pytestmark = pytest.mark.slow


@dataclass(repr=False)
class Town:
    """`gateway`: closes the gateway that runs. `port`: where it is looked for."""

    bot: StaffBot
    cast: Cast
    wulan: Person
    beside: Bot
    gateway: AsyncExitStack

    @property
    def port(self) -> int:
        return urlsplit(self.beside.gateway.url).port or 0

    async def tells(self, chat: int, hours: int) -> None:
        """What nobody asked for."""
        services = self.bot.services
        me = await services.people.known(chat)
        message = Message(f"gap:{hours}", GAP, "x", {"hours": hours}, self.bot.clock.now(), URGENT)
        async with services.database.write() as session:
            await enqueue(session, (me.person_id,), message)
        self.bot.deliverer.wake()


@pytest.fixture
async def town(tmp_path: Path, house: FakeHouse) -> AsyncIterator[Town]:
    here = MessengerSettings(port=0, people=people(), clock=MONDAY, started=True)
    async with AsyncExitStack() as stack, AsyncExitStack() as gateway:
        first = await stack.enter_async_context(running(here))
        beside = await gateway.enter_async_context(house.running())
        settings = settings_in(
            tmp_path / "var",
            api=first.url,
            gateways=f"matrix={beside.gateway.url}",
            follow_clock=True,
            staff_token=TOKEN,
        )
        assert BOTS["staff"][0] == TOKEN
        give_keys(settings)
        database = await open_database(settings.staff_database, settings.ring())
        cast = await gathered(build_services(database, procedure_of(), tells=False), CHATS)
        await Play(cast, VISITED).lead()
        await database.close()
        stop = asyncio.Event()
        bot = await stack.enter_async_context(joined(settings, stop))
        messenger = await stack.enter_async_context(MessengerClient(first.url))
        task = asyncio.create_task(bot.run(stop))
        assert not (await messengers_check(settings)).needs
        yield Town(bot, cast, await messenger.person("secretary", "staff"), beside, gateway)
        stop.set()
        await task


async def test_one_case_is_led_from_two_messengers(
    town: Town, house: FakeHouse, wang: Somebody
) -> None:
    await town.wulan.says("/start")
    await town.wulan.sees("您好")
    await wang.writes("你好")
    services, director = town.bot.services, town.cast.people["苏和"]
    act = Act("setup:link", town.bot.clock.now())
    place = town.cast.places[BRANCH]
    token = await services.people.invite(act, director, Role.SECRETARY, place, NEW)
    await joins(wang, token)

    # A visit, entered there by letters and typed text, is told of here.
    await begins_a_visit(wang)
    await answers_a_visit(wang)
    await wang.chooses("确认，保存")
    await wang.hears("已保存")
    assert "书记其木格记" in await town.wulan.sees("还没签完：陆小满 · 21a")

    # A file is fetched from where it came.
    content = listed("名单", ("姓名", "性别"), [("王小明", "男")])
    await wang.sends_file("名单.xlsx", content)
    await wang.hears("党员名册", "新1")

    await away_it_holds_up_nobody_and_is_told_afterwards(town, house, wang)


async def away_it_holds_up_nobody_and_is_told_afterwards(
    town: Town, house: FakeHouse, wang: Somebody
) -> None:
    chat, port = await town.beside.chat(wang), town.port
    await town.tells(chat_at(1, chat), 30)
    await wang.hears("30")
    await town.gateway.aclose()
    await town.tells(chat_at(1, chat), 31)
    await town.wulan.says("你好")
    await town.wulan.sees("您好")
    assert not [text for text in wang.sees() if "31" in text]
    async with house.running(port):
        await wang.writes("待办")
        await wang.hears("31")
        assert sum("31" in text for text in wang.sees()) == 1
