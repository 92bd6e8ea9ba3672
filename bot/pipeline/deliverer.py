"""Sends what is due, urgent first, and stores what became of each message."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from services.core.database import away
from services.core.ports import Ambiguous, Messenger, Moot, Outgoing, RetryLater, Unreachable
from services.messages.outbox import Outbox

LOOK = 2.0
"""Seconds after which to look without being woken: another process may have written rows."""
AT_ONCE = 20
AGAIN = timedelta(seconds=30)
PATIENCE = 3.0
"""Seconds for the messages in hand when the process is to end."""
PAUSE = 1.0
"""Seconds after which the database is asked again when it was away."""

log = structlog.get_logger()


class Deliverer:
    def __init__(
        self, outbox: Outbox, messenger: Messenger, now: Callable[[], datetime], worker: str
    ) -> None:
        self.outbox, self.messenger, self.now, self.worker = outbox, messenger, now, worker
        self._woken = asyncio.Event()
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._silent_until = 0.0

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; what was begun is finished, if that doesn't take long."""
        try:
            while True:
                self._woken.clear()
                try:
                    claimed = await self.begin()
                except Exception as error:
                    log.warning("deliverer_waits", error=type(error).__name__)
                    if not away(error):
                        raise
                    claimed = 0
                if not claimed or len(self._sending) > AT_ONCE // 2:
                    await self._rest()
        finally:
            if self._sending:
                _, left = await asyncio.wait(list(self._sending.values()), timeout=PATIENCE)
                for task in left:
                    task.cancel()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._woken.wait()
        except TimeoutError:
            return

    async def begin(self) -> int:
        """Claims as many messages as there is room for and begins to send them, one a person;
        gives how many."""
        room = AT_ONCE - len(self._sending)
        if room <= 0 or asyncio.get_running_loop().time() < self._silent_until:
            return 0
        claimed = await self.outbox.claim(self.now(), self.worker, room, tuple(self._sending))
        for message in claimed:
            task = asyncio.create_task(self._deliver(message))
            self._sending[message.person_id] = task
            task.add_done_callback(partial(self._done, message.person_id))
        return len(claimed)

    def _done(self, person_id: str, task: asyncio.Task[None]) -> None:
        del self._sending[person_id]
        if len(self._sending) <= AT_ONCE // 2:
            self._woken.set()

    async def idle(self) -> None:
        """Returns when nothing is being sent."""
        while self._sending:
            await asyncio.gather(*self._sending.values(), return_exceptions=True)
            await asyncio.sleep(0)

    async def round(self) -> int:
        """Sends what is due now, one message a person; gives how many."""
        claimed = await self.begin()
        await self.idle()
        return claimed

    async def _deliver(self, message: Outgoing) -> None:
        outbox, ids = self.outbox, message.ids
        try:
            number = await self.messenger.deliver(message)
        except Moot:
            await self._note(lambda: outbox.moot(ids))
        except Unreachable:
            await self._note(lambda: outbox.unreachable(ids, self.now()))
        except RetryLater as wait:
            again = self.now() + timedelta(seconds=wait.seconds)
            if wait.everything:
                self._silent_until = asyncio.get_running_loop().time() + wait.seconds
            await self._note(lambda: outbox.later(ids, again))
        except Ambiguous:
            await self._note(lambda: outbox.ambiguous(ids, self.now() + AGAIN))
        except Exception as error:
            again = self.now() + AGAIN
            if away(error):
                await self._note(lambda: outbox.later(ids, again))
                return
            log.error("delivery_failed", message=message.id, error=type(error).__name__)
            await self._note(lambda: outbox.failed(ids, again))
        else:
            await self._note(lambda: outbox.sent(ids, number, self.now()))

    async def _note(self, store: Callable[[], Awaitable[None]]) -> None:
        """What became of a message isn't forgotten while the database is away: it would be sent
        again."""
        while True:
            try:
                return await store()
            except Exception as error:
                log.warning("outcome_waits", error=type(error).__name__)
                if not away(error):
                    return None
            await asyncio.sleep(PAUSE)
