"""What is fetched is confirmed only once it is stored."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import DeleteWebhook, TelegramMethod
from sqlalchemy.exc import OperationalError

from bot.pipeline import polling as intake
from bot.pipeline.polling import GetRawUpdates, Poller
from services.core.database import Database
from services.messages.inbox import Inbox, Incoming
from tests.conversation.telegram import Telegram
from tests.messages.conftest import NOW, said
from tests.messages.test_webhook import kept


class Keeping(Telegram):
    """A messenger that gives what waits until it is confirmed. `asked`: from which update on."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = [said("x", update=5), said("y", update=6)]
        self.asked: list[int | None] = []
        self.confirmed = asyncio.Event()

    def _DeleteWebhook(self, method: DeleteWebhook) -> bool:  # noqa: N802
        return True

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: Any = None,  # noqa: ASYNC109
    ) -> Any:
        if not isinstance(method, GetRawUpdates):
            return await super().make_request(bot, method, timeout)
        self.asked.append(method.offset)
        self.waiting = [one for one in self.waiting if one["update_id"] >= (method.offset or 0)]
        if not self.waiting:
            self.confirmed.set()
            await asyncio.Event().wait()
        return self.waiting


@dataclass
class Full(Inbox):
    """On a disk that has no room for the first `times` batches."""

    database: Database
    times: int = 3
    tried: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.database)

    async def store(self, bot: str, batch: Sequence[Incoming], now: datetime) -> tuple[str, ...]:
        self.tried.append(len(batch))
        if len(self.tried) <= self.times:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        return await super().store(bot, batch, now)


@pytest.fixture
def telegram() -> Keeping:
    return Keeping()


async def test_while_nothing_can_be_stored_nothing_is_confirmed(
    bot: Bot,
    telegram: Keeping,
    database: Database,
    second: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "FIRST_PAUSE", 0.0)
    woken: list[str] = []
    inbox = Full(database)
    running = asyncio.create_task(Poller("staff", bot, inbox, lambda: NOW, woken.extend).run())
    await asyncio.wait({running, asyncio.create_task(telegram.confirmed.wait())},
                       return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert inbox.tried[:4] == [2, 2, 2, 2]
    assert telegram.asked[:5] == [None, None, None, None, 7]
    assert len(woken) == 1
    assert await kept(second) == 2
