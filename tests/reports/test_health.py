"""The public process seen from outside: how it goes, and never that somebody wrote just now."""

import asyncio
import socket
from contextlib import closing
from datetime import timedelta

import aiohttp
import pytest
from sqlmodel import select
from telegram.error import NetworkError

from bot.app.process_tasks import Parts
from bot.app.settings import Settings, SettingsError
from bot.operations.health import serving
from bot.operations.public_health import PublicHealth
from bot.processes.public import MessengerErrors, watched
from models.intake import IntakeReport
from services.intake.intake import Intake
from services.intake.rate_limits import Buckets, Caller, TokenBucket
from tests.reports.conftest import Channel


async def asks(health: PublicHealth, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{health.port}{path}"
    async with aiohttp.ClientSession() as browser, browser.get(url) as said:
        return said.status, await said.text()


def numbers(text: str) -> dict[str, float]:
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


@pytest.fixture
def health(channel: Channel) -> PublicHealth:
    waits = MessengerErrors()
    waits(NetworkError("away"))
    return PublicHealth(channel.intake, channel.now, lambda: waits.errors)


async def test_a_report_and_a_wrong_code_move_no_number(
    channel: Channel, health: PublicHealth
) -> None:
    async with serving(health, 0):
        _, before = await asks(health, "/metrics")
        code = await channel.files()
        await channel.status(code)
        assert await asks(health, "/healthz") == (200, '{"state": "fine"}')
        _, after = await asks(health, "/metrics")
    assert len(numbers(before)) == 4
    assert numbers(before) == numbers(after)
    assert numbers(after)["yinlu_messenger_errors_total"] == 1


async def test_a_late_answer_and_a_flood_are_seen(channel: Channel, health: PublicHealth) -> None:
    await channel.files()
    channel.house.pass_days(8)
    channel.intake.codes = Buckets(TokenBucket(2, 1000, reserve=1), TokenBucket(9, 1))
    channel.intake.codes.take(channel.house.at, Caller())
    async with serving(health, 0):
        _, said = await asks(health, "/metrics")
        assert numbers(said)["yinlu_reports_overdue"] == 1
        assert numbers(said)["yinlu_codes_short"] == 1
        assert numbers(said)["yinlu_reports_short"] == 0
        channel.house.at += timedelta(seconds=2000)
        async with channel.intake.database.write() as session:
            (await session.exec(select(IntakeReport))).one().state = "answered"
        _, said = await asks(health, "/metrics")
    assert numbers(said)["yinlu_reports_overdue"] == numbers(said)["yinlu_codes_short"] == 0


async def test_a_database_that_is_away_is_said(
    channel: Channel, health: PublicHealth, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: Intake, *_: object) -> None:
        await asyncio.sleep(0)
        raise OSError

    monkeypatch.setattr(Intake, "standing", away)
    async with serving(health, 0):
        for path in ("/healthz", "/metrics"):
            assert (await asks(health, path))[0] == 503


async def test_it_answers_where_a_port_is_set_and_names_the_setting_where_it_is_taken(
    channel: Channel,
) -> None:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        settings = Settings(public_health_port=port)
        held.listen()
        with pytest.raises(SettingsError, match="YINLU_PUBLIC_HEALTH_PORT"):
            async with watched(settings, channel.intake, channel.now, MessengerErrors(), Parts()):
                pass
    async with (
        watched(settings, channel.intake, channel.now, MessengerErrors(), Parts()),
        aiohttp.ClientSession() as browser,
        browser.get(f"http://127.0.0.1:{port}/healthz") as said,
    ):
        assert said.status == 200
