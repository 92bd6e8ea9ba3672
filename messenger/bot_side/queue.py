"""The updates that wait for a bot, as the Bot API's long polling and webhook want them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from botapi import methods, updates, webhook
from botapi.queue import Waiting, Webhook
from messenger.bot_side.call import Call
from messenger.core.state import Bot, State


class BotQueue:
    """A view of the messenger's memory: nothing is kept here."""

    def __init__(self, state: State, bot: Bot) -> None:
        self.state, self.bot = state, bot

    @property
    def webhook(self) -> Webhook | None:
        return self.bot.webhook

    @webhook.setter
    def webhook(self, hook: Webhook | None) -> None:
        self.bot.webhook = hook

    @property
    def allowed(self) -> tuple[str, ...]:
        return self.bot.allowed

    @allowed.setter
    def allowed(self, kinds: tuple[str, ...]) -> None:
        self.bot.allowed = kinds

    @property
    def poll(self) -> int:
        return self.bot.poll

    @poll.setter
    def poll(self, count: int) -> None:
        self.bot.poll = count

    @property
    def retry(self) -> float:
        return self.state.settings.retry

    def now(self) -> datetime:
        return self.state.clock.now()

    def waiting(self) -> Iterable[tuple[int, Waiting]]:
        return self.bot.updates.items()

    def remove(self, update_ids: Iterable[int]) -> None:
        for number in update_ids:
            # Passed over where it is gone: a webhook's answer may come after the bot dropped what
            # waits.
            self.bot.updates.pop(number, None)

    def wake(self) -> None:
        self.state.wake()

    async def wait(self, seconds: float) -> None:
        await self.state.wait(seconds)


async def get_updates(call: Call[methods.GetUpdates]) -> Any:
    return await updates.get_updates(_queue(call), call.asked)


async def set_webhook(call: Call[methods.SetWebhook]) -> Any:
    return webhook.set_webhook(_queue(call), call.asked)


async def delete_webhook(call: Call[methods.DeleteWebhook]) -> Any:
    return webhook.delete_webhook(_queue(call), call.asked.drop_pending_updates is True)


async def get_webhook_info(call: Call[methods.GetWebhookInfo]) -> Any:
    return webhook.get_webhook_info(_queue(call))


def _queue(call: Call[Any]) -> BotQueue:
    return BotQueue(call.state, call.bot)
