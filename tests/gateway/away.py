"""A messenger that can't be reached for a day."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiogram.exceptions import TelegramServerError

from tests.gateway.fake import Reader
from tests.gateway.test_core import buttons


@dataclass
class Away:
    """`tried`: set once the gateway has tried often enough. `back`: until it is set, it waits."""

    tried: asyncio.Event = field(default_factory=asyncio.Event)
    back: asyncio.Event = field(default_factory=asyncio.Event)

    async def waits(self) -> None:
        self.tried.set()
        await self.back.wait()


async def outlasts_a_day(
    house: Any,
    somebody: Reader,
    away: Away,
    sleep: Any,
    nowhere: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What can't be sent meanwhile is sent once it is back. `house`: of a messenger's stand-in, for
    which `nowhere` is the address that day. `sleep`: of its platform, with `away.waits()` in it."""
    server = house.server
    async with house.running() as bot:
        chat = await bot.begun(somebody)
    there, server.url = server.url, nowhere
    house.sleep = sleep
    async with house.running(waits=False) as bot:
        await away.tried.wait()
        platform: Any = bot.gateway.platform
        assert not platform.connected
        house.now += timedelta(days=1)
        # Only while it is away: a busy machine takes longer than that to send what can be sent.
        with monkeypatch.context() as hurried, pytest.raises(TelegramServerError):
            hurried.setattr("gateway.outwards.READY_WITHIN", 0.05)
            await bot.api.send_message(chat, "提醒", reply_markup=buttons("好"))
        server.url = there
        object.__setattr__(platform.settings, "url", there)
        away.back.set()
        await platform.reached()
        await bot.api.send_message(chat, "提醒", reply_markup=buttons("好"))
        # Surely not sent before, it isn't called a repetition.
        assert somebody.sees() == ["提醒\n好"]
