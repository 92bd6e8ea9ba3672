"""Whoever restarts the staff bot by /healthz hears when it answers nobody any more."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from bot.operations import health as module
from bot.operations.health import Health, serving
from services.core.database import Database
from services.messages.inbox import Inbox, Incoming
from tests.operations.conftest import MONDAY
from tests.operations.process import HANGS


async def asks(health: Health, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{health.port}{path}"
    async with aiohttp.ClientSession() as browser, browser.get(url) as said:
        return said.status, await said.text()


@pytest.mark.parametrize(("minutes", "status"), [(5, 200), (6, 503)])
async def test_an_update_that_nobody_handles_is_said(
    database: Database, minutes: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_IN", HANGS)
    since = MONDAY - timedelta(minutes=minutes)
    await Inbox(database).store("staff", [Incoming(1, 5, "{}")], since)
    health = Health(database, lambda: MONDAY)
    async with serving(health, 0):
        assert (await asks(health, "/healthz"))[0] == status
        answered, numbers = await asks(health, "/metrics")
    assert answered == 200
    assert f"yinlu_updates_oldest_seconds {minutes * 60.0}" in numbers
    assert "yinlu_updates_waiting 1.0" in numbers


async def test_a_database_that_is_away_is_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        await asyncio.sleep(0)
        raise OSError

    monkeypatch.setattr(module, "measure", away)
    health = Health(database, lambda: MONDAY)
    async with serving(health, 0):
        for path in ("/healthz", "/metrics"):
            answered, said = await asks(health, path)
            assert (answered, "database" in said) == (503, True)


async def test_a_gateway_that_is_silent_is_named_and_no_reason_to_start_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_IN", HANGS)
    silent = {"matrix": 301.0, "wecom": 2.0}
    health = Health(database, lambda: MONDAY, silent=lambda: silent)
    async with serving(health, 0):
        assert await asks(health, "/healthz") == (200, '{"state": "fine; silent: matrix"}')
        _, numbers = await asks(health, "/metrics")
    assert 'yinlu_source_silent_seconds{source="matrix"} 301.0' in numbers


async def test_what_waits_for_a_gateway_alone_is_no_reason_either(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is away, and one that was taken out of the settings."""
    monkeypatch.setattr(module, "ANSWER_IN", HANGS)
    inbox, since = Inbox(database), MONDAY - timedelta(minutes=6)
    for name in ("matrix", "wecom"):
        await inbox.store(name, [Incoming(1, 5, "{}")], since)
    silent = {"matrix": 301.0}
    health = Health(database, lambda: MONDAY, silent=lambda: silent)
    async with serving(health, 0):
        assert await asks(health, "/healthz") == (200, '{"state": "fine; silent: matrix"}')
        _, numbers = await asks(health, "/metrics")
        assert "yinlu_updates_oldest_seconds 360.0" in numbers
        assert "yinlu_updates_waiting 2.0" in numbers
        silent["matrix"] = 1.0
        assert (await asks(health, "/healthz"))[0] == 503
