"""The real processes, seen from outside: what they log, what they answer, how they end."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlmodel import select

from bot.app.database import open_database
from bot.app.settings import Settings
from messenger.client import MessengerClient, Person
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import Running as Messengers
from messenger.server import running as messenger_running
from models import InboxRow
from sandbox.people import people
from services.container import build_services, procedure_of
from services.core.database import Database
from tests.installed import gathered, give_keys
from tests.operations.conftest import CHATS, MONDAY, settings_in
from tests.operations.process import (
    BROKEN_OFF,
    HANGS,
    TOKEN,
    Running,
    ended,
    environment,
    running,
)
from tests.ports import free_port

CANARIES = ("朝克图的母亲病重", "昨晚在河边看见的事情", "不要告诉别人是我说的")


@dataclass(repr=False)
class Street:
    """A messenger, and an installation whose processes a test starts itself."""

    settings: Settings
    server: Messengers
    messenger: MessengerClient
    database: Database
    health: int

    def environment(self) -> dict[str, str]:
        return environment(
            self.settings.data,
            YINLU_API=self.messenger.url,
            YINLU_FOLLOW_CLOCK="1",
            YINLU_LOG_LEVEL="DEBUG",
            YINLU_STAFF_TOKEN=BOTS["staff"][0],
            YINLU_PUBLIC_TOKEN=BOTS["public"][0],
            YINLU_HEALTH_PORT=str(self.health),
        )

    async def asks(self, path: str) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.health}{path}"
        async with ClientSession() as session, session.get(url) as answer:
            return answer.status, await answer.text()

    async def waiting(self) -> int:
        async with self.database.read() as session:
            return len((await session.exec(select(InboxRow))).all())

    async def inbox_holds(self, number: int) -> None:
        async with asyncio.timeout(HANGS):
            while await self.waiting() != number:  # noqa: ASYNC110, it is another process
                await asyncio.sleep(0.01)

    async def answer_is_on_its_way(self) -> None:
        """Until the staff bot's call has met the fault that was asked for."""
        async with asyncio.timeout(HANGS):
            while self.server.state.bots["staff"].faults:  # noqa: ASYNC110, as above
                await asyncio.sleep(0.01)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    # Not a Monday: the digest of the week comes unasked, and would meet the fault meant for an
    # answer.
    tuesday = MONDAY + timedelta(days=1)
    here = MessengerSettings(port=0, people=people(), clock=tuesday, started=True)
    settings = settings_in(tmp_path / "var")
    give_keys(settings)
    database = await open_database(settings.staff_database, settings.ring())
    await gathered(build_services(database, procedure_of(), tells=False), CHATS)
    async with messenger_running(here) as server, MessengerClient(server.url) as messenger:
        yield Street(settings, server, messenger, database, free_port())
    await database.close()


async def a_case_is_begun(secretary: Person, name: str) -> None:
    await secretary.says("待办")
    await secretary.sees("没有要您办的事")
    await secretary.says("开始新的一件")
    await secretary.sees("姓名")
    await secretary.says(name)
    await secretary.presses("登记")
    await secretary.sees(name)


async def a_citizen_reports(citizen: Person, text: str) -> None:
    await citizen.says("/start")
    await citizen.sees()
    await citizen.says(text)
    await citizen.sees()


def lines_of(process: Running) -> list[dict[str, object]]:
    return [json.loads(line) for line in process.lines]


async def test_no_token_no_name_and_no_text_is_logged_even_at_debug(street: Street) -> None:
    given = street.environment()
    async with running(given, "staff") as staff, running(given, "public") as public:
        secretary = await street.messenger.person("secretary", "staff")
        citizen = await street.messenger.person("citizen", "public")
        await a_case_is_begun(secretary, CANARIES[0])
        await a_citizen_reports(citizen, CANARIES[1])
        fault = {"bot": "staff", "method": "sendMessage", "kind": "server_error", "count": 2}
        await street.messenger.post("/api/faults", fault)
        await secretary.says(CANARIES[2])
        await secretary.sees(since=secretary.since)
        assert (await staff.stopped(), await public.stopped()) == (0, 0)
    logged = staff.log + public.log
    assert lines_of(staff)
    assert "update_retries" in staff.log
    names = ("苏和", "乌兰", str(secretary.user_id), str(citizen.user_id))
    secrets = (*CANARIES, *names, *(token for token, *_ in BOTS.values()), "/bot")
    assert [secret for secret in secrets if secret in logged] == []
    assert all("event" in line for line in lines_of(staff) + lines_of(public))


async def test_health_and_metrics_say_how_it_goes_in_numbers(street: Street) -> None:
    async with running(street.environment(), "staff") as staff:
        secretary = await street.messenger.person("secretary", "staff")
        await a_case_is_begun(secretary, CANARIES[0])
        # What was said is seen a moment before it is counted.
        await street.inbox_holds(0)
        assert await street.asks("/healthz") == (200, '{"state": "fine"}')
        status, numbers = await street.asks("/metrics")
        assert await staff.stopped() == 0
    assert status == 200
    found = dict(line.rsplit(" ", 1) for line in numbers.splitlines() if not line.startswith("#"))
    assert float(found["yinlu_updates_handled_total"]) >= 3
    assert float(found["yinlu_updates_parked"]) == 0
    assert 'yinlu_messages_last_day{outcome="refused"}' in found
    assert len(found) >= 10
    assert CANARIES[0] not in numbers


@pytest.mark.parametrize("command", ["staff", "public"])
async def test_a_process_ends_soon_after_it_was_asked_to(street: Street, command: str) -> None:
    who = {"staff": "secretary", "public": "citizen"}[command]
    async with running(street.environment(), command) as process:
        person = await street.messenger.person(who, command)
        await person.says("/help")
        await person.sees()
        # What isn't through in time is broken off, and ends with 1.
        assert await process.stopped() == 0
    assert '"level": "critical"' not in process.log


async def test_the_update_in_hand_is_finished_first(street: Street) -> None:
    async with running(street.environment(), "staff", FINISH_UPDATES=BROKEN_OFF) as process:
        secretary = await street.messenger.person("secretary", "staff")
        await secretary.says("/help")
        await secretary.sees("怎么用")
        await street.inbox_holds(0)
        slow = {"bot": "staff", "method": "sendMessage", "kind": "delay", "seconds": 1, "count": 1}
        await street.messenger.post("/api/faults", slow)
        await secretary.says("待办")
        await street.answer_is_on_its_way()
        # What isn't through in time is broken off, and ends with 1.
        assert await process.stopped() == 0
    assert await street.waiting() == 0
    await secretary.sees("没有要您办的事")


async def test_an_update_that_came_too_late_waits_for_the_next_process(street: Street) -> None:
    async with running(street.environment(), "staff") as first:
        secretary = await street.messenger.person("secretary", "staff")
        await secretary.says("/help")
        await secretary.sees("怎么用")
        assert await first.stopped() == 0
    await secretary.says("待办")
    async with running(street.environment(), "staff") as second:
        await secretary.sees("没有要您办的事")
        assert await second.stopped() == 0


@pytest.mark.parametrize("command", ["staff", "public"])
async def test_a_token_the_messenger_doesnt_know_is_said_in_one_sentence(
    street: Street, command: str
) -> None:
    setting = f"YINLU_{command.upper()}_TOKEN"
    end = await ended(street.environment() | {setting: TOKEN}, command)
    assert end.code == 2
    assert f"yinlu: {setting}: the messenger doesn't know this token" in end.said
    assert TOKEN not in end.said
