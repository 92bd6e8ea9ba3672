"""setWebhook and what follows from it: each chat's updates in order, again until it answers 200."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from aiogram import methods
from aiohttp import ClientError, ClientSession, ClientTimeout

from messenger import wire
from messenger.errors import bad
from messenger.requests import Call
from messenger.state import Bot, State, Webhook

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
HERE = {"127.0.0.1", "localhost", "::1"}
MOST_CONNECTIONS, CONNECTIONS = 100, 40
PATIENCE = ClientTimeout(total=10)
LONGEST_WAIT = 30.0


async def set_webhook(call: Call[methods.SetWebhook]) -> Any:
    asked, bot = call.asked, call.bot
    if not asked.url:
        return _remove(call)
    address = urlsplit(asked.url)
    if address.scheme not in ("http", "https") or address.hostname not in HERE:
        raise bad("bad webhook: only addresses of this machine are called")
    if asked.secret_token and not SECRET.fullmatch(asked.secret_token):
        raise bad("secret token contains unallowed characters")
    connections = asked.max_connections or CONNECTIONS
    if not 1 <= connections <= MOST_CONNECTIONS:
        raise bad("bad webhook: max_connections is out of range")
    if asked.allowed_updates is not None:
        bot.allowed = tuple(asked.allowed_updates)
    if asked.drop_pending_updates:
        bot.updates.clear()
    bot.webhook = Webhook(asked.url, asked.secret_token or "", connections)
    call.state.wake()
    return True


async def delete_webhook(call: Call[methods.DeleteWebhook]) -> Any:
    return _remove(call)


def _remove(call: Call[Any]) -> bool:
    if call.asked.drop_pending_updates:
        call.bot.updates.clear()
    call.bot.webhook = None
    call.state.wake()
    return True


async def get_webhook_info(call: Call[methods.GetWebhookInfo]) -> Any:
    hook, bot = call.bot.webhook, call.bot
    told: dict[str, Any] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if bot.allowed:
        told["allowed_updates"] = list(bot.allowed)
    if hook:
        told |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
    if hook and hook.failed_at:
        failed = {"last_error_date": wire.seconds(hook.failed_at)}
        told |= {**failed, "last_error_message": hook.failure}
    return told


class Deliverer:
    """Calls one bot's webhook: chats side by side, within a chat one update after the other."""

    def __init__(self, state: State, bot: Bot) -> None:
        self.state, self.bot = state, bot
        self.busy: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with ClientSession(timeout=PATIENCE) as session:
            try:
                while True:
                    self._begin(session)
                    await self.state.wait(LONGEST_WAIT)
            finally:
                for task in self.busy.values():
                    task.cancel()
                await asyncio.gather(*self.busy.values(), return_exceptions=True)

    def _begin(self, session: ClientSession) -> None:
        hook = self.bot.webhook
        if hook is None:
            return
        for number, waiting in self.bot.updates.items():
            if waiting.chat not in self.busy and len(self.busy) < hook.connections:
                call = self._call(session, hook, waiting.chat, number, waiting.payload)
                self.busy[waiting.chat] = asyncio.create_task(call)

    async def _call(
        self, session: ClientSession, hook: Webhook, chat: int, number: int, payload: dict[str, Any]
    ) -> None:
        """One update, once. Where that fails its chat rests, and is begun again."""
        try:
            if failure := await self._post(session, hook, payload):
                hook.failed_at, hook.failure = self.state.clock.now(), failure
                await asyncio.sleep(self.state.settings.retry)
            else:
                self.bot.updates.pop(number, None)
        finally:
            del self.busy[chat]
            self.state.wake()

    async def _post(self, session: ClientSession, hook: Webhook, payload: dict[str, Any]) -> str:
        """What went wrong; nothing when it was taken."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        try:
            async with session.post(hook.url, json=payload, headers=headers) as answer:
                if answer.status == 200:
                    return ""
                return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except ClientError as error:
            return "Connection refused" if "connect" in str(error).lower() else "Connection closed"
