"""The messenger drops what it couldn't bring for a day: that is noticed and told
(docs/promises.md Q6)."""

from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetWebhookInfo, TelegramMethod
from aiogram.types import WebhookInfo
from sqlmodel import select

from bot.pipeline import polling as intake
from bot.pipeline.polling import GetRawUpdates, Poller, Pulse
from models import OutgoingRow
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.telegram import Telegram
from tests.messages.conftest import said
from tests.messages.test_webhook import Hook

URL, SECRET = "https://here.example/hook", "the-right-secret"
HOUR = timedelta(hours=1)


class Distant(Telegram):
    """A messenger in which `pending` updates wait for this side; `away`: it can't be reached."""

    pending, away = 0, False

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: Any = None,  # noqa: ASYNC109
    ) -> Any:
        if self.away:
            raise TelegramNetworkError(method, "no route")
        return await super().make_request(bot, method, timeout)

    def _GetWebhookInfo(self, method: GetWebhookInfo) -> WebhookInfo:  # noqa: N802
        waiting = self.pending
        return WebhookInfo(url=URL, has_custom_certificate=False, pending_update_count=waiting)

    def _GetRawUpdates(self, method: GetRawUpdates) -> list[dict[str, Any]]:  # noqa: N802
        return []


@pytest.fixture(autouse=True)
def each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "HEARD_EVERY", 0.0)


@pytest.fixture
def telegram() -> Distant:
    return Distant()


async def told(database: Database) -> list[int]:
    """Hours, once for each of the three people of the house who was told."""
    async with database.read() as session:
        rows = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "gap"))
        return [row.payload["hours"] for row in rows]


def pulse_of(house: House) -> Pulse:
    return Pulse(lambda: house.services.gaps.heard("staff", house.at))


async def test_a_messenger_that_was_away_for_days_is_noticed_when_it_answers(
    house: House, bot: Bot, telegram: Distant, second: Database
) -> None:
    inbox, pulse = house.services.inbox, pulse_of(house)
    poller = Poller("staff", bot, inbox, house.now, lambda chats: None, pulse)
    await poller.round(None)
    telegram.away = True
    for _ in range(3):
        house.at += HOUR * 10
        with pytest.raises(TelegramNetworkError):
            await poller.round(None)
    assert await told(second) == []
    telegram.away = False
    await poller.round(None)
    await poller.round(None)
    assert await told(second) == [30] * len(house.posts)


async def test_updates_that_never_get_through_are_missed_though_the_messenger_answers(
    house: House, bot: Bot, telegram: Distant, database: Database, second: Database
) -> None:
    async with Hook(bot, database) as hook:
        hook.webhook.pulse = pulse_of(house)
        assert await hook.webhook.announced(URL, SECRET)
        telegram.pending = 5
        for _ in range(3):
            house.at += HOUR * 10
            assert await hook.webhook.announced(URL, SECRET)
        assert await told(second) == []
        telegram.pending = 0
        assert await hook.webhook.announced(URL, SECRET)
    assert await told(second) == [30] * len(house.posts)


async def test_a_backlog_that_is_being_brought_is_no_gap(
    house: House, bot: Bot, telegram: Distant, database: Database, second: Database
) -> None:
    async with Hook(bot, database) as hook:
        hook.webhook.pulse = pulse_of(house)
        assert await hook.webhook.announced(URL, SECRET)
        telegram.pending = 5
        for _ in range(4):
            assert await hook.post(said("x")) == 200
            assert await hook.webhook.announced(URL, SECRET)
            house.at += HOUR * 20
        telegram.pending = 0
        assert await hook.webhook.announced(URL, SECRET)
    assert await told(second) == []


async def test_a_clock_put_back_and_right_again_is_no_gap(house: House, second: Database) -> None:
    heard, right = house.services.gaps.heard, house.at
    assert await heard("staff", right) is None
    assert await heard("staff", right - HOUR * 72) is None
    assert await heard("staff", right + HOUR) is None
    assert await told(second) == []
    assert await heard("staff", right - HOUR * 72) is None
    assert await heard("staff", right + HOUR * 26) == HOUR * 25
