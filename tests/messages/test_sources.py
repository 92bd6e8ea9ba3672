"""Two messengers at one staff bot, which count chats and updates alike: nothing of one is taken for
the other's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Update
from pydantic import ValidationError
from sqlmodel import select

from bot.app.database import open_database
from bot.app.settings import Settings, SettingsError
from bot.app.sources import KINDS, read
from bot.cli.doctor import sources as messengers_check
from bot.pipeline.polling import incoming
from bot.processes.staff import StaffBot, joined
from domain.rulebook.schema import Role
from messenger.client import MessengerClient, Person
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import running
from models import AuditLine, SeenUpdate
from papers.sheets.writing import listed
from sandbox.cast import Cast
from sandbox.people import people
from services.casefile.update_context import UpdateContext
from services.container import build_services, procedure_of
from services.core.acts import Act, Acts
from services.core.errors import NotInvited
from services.core.ports import URGENT, Message
from services.messages.chats import SPAN, chat_at, source_of, within
from services.messages.queue import enqueue
from services.messages.update_gaps import GAP
from tests.installed import gathered, give_keys
from tests.operations.conftest import BRANCH, CHATS, MONDAY, settings_in

NEW = "书记 其木格"


@pytest.mark.parametrize("chat", [1, 7, -100, 2**52 - 1, 1 - 2**52])
def test_a_chat_has_one_number_among_all_sources(chat: int) -> None:
    assert chat_at(0, chat) == chat
    numbers = {chat_at(source, chat) for source in range(87)}
    assert len(numbers) == 87
    assert {(source_of(number), within(number)) for number in numbers} == {
        (source, chat) for source in range(87)
    }
    assert all(abs(number) < 2**63 for number in numbers)
    assert SPAN > 2 * 2**52 - 1


@pytest.mark.parametrize("source", [0, 1])
def test_no_source_speaks_for_a_chat_of_another(source: int) -> None:
    forged = 7 + SPAN - 2 * SPAN * source
    assert chat_at(source, forged) == chat_at(1 - source, 7)
    message = {"chat": {"id": forged, "type": "private"}, "from": {"id": forged}}
    stored = incoming({"update_id": 1, "message": message}, source)
    assert stored is not None
    assert stored.chat_id == chat_at(source, 0)


def test_each_source_has_a_number_that_stays() -> None:
    found = read(" ".join(f"{name}=http://127.0.0.1:{n}" for n, name in enumerate(KINDS, 8000)))
    assert [source.number for source in found] == [1, 2, 3, 4, 5, 6]
    (second,) = read("wecom2=https://gateway.example/")
    assert (second.number, second.api) == (12, "https://gateway.example")
    assert Acts(42, 7, MONDAY)("join").key == "42:7:join"
    assert Acts(42, 7, MONDAY, second.number)("join").key == "42.12:7:join"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("telegram=http://127.0.0.1:1", "expected one of matrix"),
        ("matrix", "expected NAME=ADDRESS"),
        ("matrix=http://gateway.example", "https:// or on this machine"),
        ("matrix=http://localhost:1 matrix=http://localhost:2", "each name and each address once"),
        ("matrix=http://localhost:1 wecom=http://localhost:1", "each name and each address once"),
    ],
)
def test_what_is_set_wrongly_is_said(given: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate({"gateways": given})


def test_a_gateway_is_asked_by_one_process_and_is_no_second_name_of_the_first() -> None:
    given = {"gateways": "matrix=http://localhost:1"}
    with pytest.raises(SettingsError, match="STAFF_PROCESSES=1"):
        _ = Settings.model_validate({**given, "staff_processes": 2}).sources
    with pytest.raises(SettingsError, match="another address"):
        _ = Settings.model_validate({**given, "api": "http://localhost:1"}).sources


@dataclass(repr=False)
class Town:
    """Two messengers: `first`, and `matrix` beside it; each knows a secretary by the same chat."""

    settings: Settings
    bot: StaffBot
    cast: Cast
    first: MessengerClient
    matrix: MessengerClient
    away: AsyncExitStack

    async def secretaries(self) -> tuple[Person, Person]:
        found = [await one.person("secretary", "staff") for one in (self.first, self.matrix)]
        assert found[0].user_id == found[1].user_id == CHATS["secretary"]
        return found[0], found[1]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    tuesday = MONDAY + timedelta(days=1)
    here = MessengerSettings(port=0, people=people(), clock=tuesday, started=True)
    async with AsyncExitStack() as stack, AsyncExitStack() as away:
        first, matrix = (
            await stack.enter_async_context(running(here)),
            await away.enter_async_context(running(here)),
        )
        # A messenger's ids go on from the time of day: these two shall give out the same ones.
        highest = max(one.state.next_id() for one in (first, matrix))
        for one in (first, matrix):
            one.state.continue_after(highest)
        settings = settings_in(
            tmp_path / "var",
            api=first.url,
            gateways=f"matrix={matrix.url}",
            follow_clock=True,
            staff_token=BOTS["staff"][0],
        )
        give_keys(settings)
        database = await open_database(settings.staff_database, settings.ring())
        cast = await gathered(build_services(database, procedure_of(), tells=False), CHATS)
        await database.close()
        stop = asyncio.Event()
        bot = await stack.enter_async_context(joined(settings, stop))
        clients = [
            await stack.enter_async_context(MessengerClient(one.url)) for one in (first, matrix)
        ]
        task = asyncio.create_task(bot.run(stop))
        yield Town(settings, bot, cast, *clients, away)
        stop.set()
        await task


async def link_for(town: Town) -> str:
    services, officer = town.bot.services, town.cast.people["苏和"]
    places = {name: place for place, _, name in await services.people.organisations(officer)}
    act = Act("setup:link", town.bot.clock.now())
    return await services.people.invite(act, officer, Role.SECRETARY, places[BRANCH], NEW)


async def test_two_messengers_with_the_same_chats_and_updates_are_kept_apart(town: Town) -> None:
    known, other = await town.secretaries()
    await known.says("/start")
    assert "乌兰" in await known.sees("您好")
    await other.says("/start")
    await other.sees("只接待受邀请的党务工作者")
    await other.says(f"/start {await link_for(town)}")
    await other.presses("是，我是")
    assert "其木格" in await other.sees("您已加入")
    for person, name in ((known, "乌兰"), (other, "其木格")):
        await person.says("你好")
        assert name in await person.sees("您好")
    async with town.bot.services.database.read() as session:
        seen = list(await session.exec(select(SeenUpdate)))
        keys = [line.act_key for line in await session.exec(select(AuditLine))]
    by_bot = {
        name: {row.update_id for row in seen if row.bot == name} for name in ("staff", "matrix")
    }
    assert by_bot["staff"] & by_bot["matrix"], "the same numbers, and both were handled"
    assert len(by_bot["matrix"]) >= 4
    assert [key for key in keys if key.startswith("700001.1:")]
    await says_it_is_of_another(town, known)
    await sends_to_its_source(town, known, other)
    await one_that_is_away_holds_up_no_other(town, known)


async def says_it_is_of_another(town: Town, known: Person) -> None:
    """What got into the inbox all the same finds nobody there."""
    people, asked = town.bot.services.people, list[int]()

    async def whoami(number: int, *_: object) -> Any:
        asked.append(number)
        raise NotInvited

    update = Update.model_validate(
        {
            "update_id": 1,
            "message": {
                "message_id": 1,
                "date": 0,
                "text": "待办",
                "chat": {"id": known.user_id - SPAN, "type": "private"},
            },
        }
    )
    context = UpdateContext(Acts(1, 1, town.bot.clock.now(), 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "whoami", whoami)
        for line in town.bot.lines:
            await line.worker.dispatcher.feed_update(line.bot, update, update_context=context)
    assert asked == []


async def sends_to_its_source(town: Town, known: Person, other: Person) -> None:
    """A file is fetched there, and what nobody asked for goes there too."""
    content = listed("名单", ("姓名", "性别"), [("王小明", "男")])
    await other.sends(content, "名单.xlsx", "application/vnd.ms-excel")
    assert "新1" in await other.sees("党员名册")
    services = town.bot.services
    me = await services.people.known(chat_at(1, other.user_id))
    message = Message("gap:x", GAP, "x", {"hours": 30}, town.bot.clock.now(), URGENT)
    before = (await known.chat())["seq"]
    async with services.database.write() as session:
        await enqueue(session, (me.person_id,), message)
    town.bot.deliverer.wake()
    await other.sees("30")
    assert (await known.chat())["seq"] == before


async def one_that_is_away_holds_up_no_other(town: Town, known: Person) -> None:
    assert not (await messengers_check(town.settings)).needs
    assert town.bot.silent().keys() == {"matrix"}
    await town.away.aclose()
    await known.says("待办")
    await known.sees("没有要您办的事")
    check = await messengers_check(town.settings)
    assert check.needs
    assert [item for item in check.items if item.startswith("matrix: doesn't answer")]
