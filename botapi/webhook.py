"""setWebhook and what follows from it: each chat's updates in order, again until it answers 200."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from botapi import wire
from botapi.errors import bad
from botapi.methods import SetWebhook
from botapi.queue import UpdateQueue, Webhook

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
HERE = {"127.0.0.1", "localhost", "::1"}
MOST_CONNECTIONS, CONNECTIONS = 100, 40
TIMEOUT = ClientTimeout(total=10)
LONGEST_WAIT = 30.0


def set_webhook(queue: UpdateQueue, asked: SetWebhook) -> bool:
    """Set where updates are brought; without an address the webhook is deleted. Raises ApiError."""
    if not asked.url:
        return delete_webhook(queue, asked.drop_pending_updates is True)
    address = urlsplit(asked.url)
    # Nothing of a conversation may leave this machine by a wrong address.
    if address.scheme not in ("http", "https") or address.hostname not in HERE:
        raise bad("bad webhook: only addresses of this machine are called")
    if asked.secret_token and not SECRET.fullmatch(asked.secret_token):
        raise bad("secret token contains unallowed characters")
    connections = asked.max_connections or CONNECTIONS
    if not 1 <= connections <= MOST_CONNECTIONS:
        raise bad("bad webhook: max_connections is out of range")
    if asked.allowed_updates is not None:
        queue.allowed = tuple(asked.allowed_updates)
    if asked.drop_pending_updates:
        _drop(queue)
    queue.webhook = Webhook(asked.url, asked.secret_token or "", connections)
    queue.wake()
    return True


def delete_webhook(queue: UpdateQueue, drop: bool) -> bool:
    """`drop`: what waits is forgotten."""
    if drop:
        _drop(queue)
    queue.webhook = None
    queue.wake()
    return True


def _drop(queue: UpdateQueue) -> None:
    queue.remove([number for number, _ in queue.waiting()])


def get_webhook_info(queue: UpdateQueue) -> dict[str, Any]:
    """What is set, how much waits, and how the last call that wasn't answered with 200 failed."""
    hook = queue.webhook
    told: dict[str, Any] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(list(queue.waiting())),
    }
    if queue.allowed:
        told["allowed_updates"] = list(queue.allowed)
    if hook:
        told |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
    if hook and hook.failed_at:
        failed = {"last_error_date": wire.seconds(hook.failed_at)}
        told |= {**failed, "last_error_message": hook.failure}
    return told


class WebhookSender:
    """Calls one bot's webhook: chats side by side, within a chat one update after the other."""

    def __init__(self, queue: UpdateQueue) -> None:
        self.queue = queue
        self.busy: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with ClientSession(timeout=TIMEOUT) as session:
            try:
                while True:
                    self._begin(session)
                    await self.queue.wait(LONGEST_WAIT)
            finally:
                for task in self.busy.values():
                    task.cancel()
                await asyncio.gather(*self.busy.values(), return_exceptions=True)

    def _begin(self, session: ClientSession) -> None:
        hook = self.queue.webhook
        if hook is None:
            return
        for number, waiting in self.queue.waiting():
            # One call a chat: a later update must not overtake one that is being repeated.
            if waiting.chat not in self.busy and len(self.busy) < hook.connections:
                call = self._call(session, hook, waiting.chat, number, waiting.payload)
                self.busy[waiting.chat] = asyncio.create_task(call)

    async def _call(
        self, session: ClientSession, hook: Webhook, chat: int, number: int, payload: dict[str, Any]
    ) -> None:
        """Deliver one update once. A chat whose call failed is begun again after `retry`."""
        try:
            if failure := await self._post(session, hook, payload):
                hook.failed_at, hook.failure = self.queue.now(), failure
                # The chat stays busy while it waits: its later updates must not overtake this
                # one.
                await asyncio.sleep(self.queue.retry)
            else:
                self.queue.remove([number])
        finally:
            # Woken, since only now the chat's next update may be sent.
            del self.busy[chat]
            self.queue.wake()

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
            # Telegram's own wordings; the error's text could hold an address with a secret in it.
            return "Connection refused" if "connect" in str(error).lower() else "Connection closed"
