"""Send what is due, urgent first, to the source of its recipient's chat, and store the outcome of
each message."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.pipeline.turns import Turn
from services.core.database import away
from services.core.ports import Ambiguous, Messenger, Moot, Outgoing, RetryLater, Unreachable
from services.messages.chats import source_of, within
from services.messages.outbox import Outbox

LOOK = 2.0
"""Seconds after which to look without being woken: another process may have written rows."""
CONCURRENT_SENDS = 20
RETRY_IN = timedelta(seconds=30)
FINISH_SENDS = 3.0
"""Seconds for the messages in hand at shutdown."""
PAUSE = 1.0
"""Seconds after which the database is asked again when it was away."""

log = structlog.get_logger()


class Deliverer:
    def __init__(
        self,
        outbox: Outbox,
        messenger: Messenger,
        now: Callable[[], datetime],
        worker: str,
        turn: Turn | None = None,
    ) -> None:
        self.turn = turn
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
                # Clear before the claim: what is queued meanwhile sets it again.
                self._woken.clear()
                try:
                    claimed = await self.begin()
                except Exception as error:
                    if not away(error):
                        raise
                    log.warning("deliverer_retries", error=type(error).__name__)
                    claimed = 0
                # Above half, another claim would be a whole query for a few messages.
                if not claimed or len(self._sending) > CONCURRENT_SENDS // 2:
                    await self._wait_for_work()
        finally:
            if self._sending:
                _, left = await asyncio.wait(list(self._sending.values()), timeout=FINISH_SENDS)
                for task in left:
                    task.cancel()

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._woken.wait()
        except TimeoutError:
            return

    async def begin(self) -> int:
        """Claim as many messages as there is room for and begin to send them; return how many."""
        # One a person at a time: two sent at once may arrive in the other order.
        room = CONCURRENT_SENDS - len(self._sending)
        if room <= 0 or asyncio.get_running_loop().time() < self._silent_until:
            return 0
        claimed = await self.outbox.claim(self.now(), self.worker, room, tuple(self._sending))
        for message in claimed:
            work = self._deliver(message)
            task = asyncio.create_task(work if self.turn is None else self.turn.taken(work))
            self._sending[message.person_id] = task
            task.add_done_callback(partial(self._done, message.person_id))
        return len(claimed)

    def _done(self, person_id: str, task: asyncio.Task[None]) -> None:
        del self._sending[person_id]
        if len(self._sending) <= CONCURRENT_SENDS // 2:
            self._woken.set()

    async def idle(self) -> None:
        """Returns when nothing is being sent."""
        while self._sending:
            await asyncio.gather(*self._sending.values(), return_exceptions=True)
            # Give the loop a turn: `_done`, which takes finished tasks out, runs in it.
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
            await self._store_outcome(lambda: outbox.moot(ids))
        except Unreachable:
            await self._store_outcome(lambda: outbox.unreachable(ids, self.now()))
        except RetryLater as wait:
            again = self.now() + timedelta(seconds=wait.seconds)
            # Claiming more would only move them from the queue into the same wait.
            if wait.everything:
                self._silent_until = asyncio.get_running_loop().time() + wait.seconds
            await self._store_outcome(lambda: outbox.later(ids, again))
        except Ambiguous:
            await self._store_outcome(lambda: outbox.ambiguous(ids, self.now() + RETRY_IN))
        except Exception as error:
            again = self.now() + RETRY_IN
            if away(error):
                await self._store_outcome(lambda: outbox.later(ids, again))
                return
            log.error("delivery_failed", message=message.id, error=type(error).__name__)
            await self._store_outcome(lambda: outbox.failed(ids, again))
        else:
            await self._store_outcome(lambda: outbox.sent(ids, number, self.now()))

    async def _store_outcome(self, store: Callable[[], Awaitable[None]]) -> None:
        """Store an outcome, also through an outage: forgotten, the message would be sent again."""
        while True:
            try:
                return await store()
            except Exception as error:
                log.warning("outcome_not_stored", error=type(error).__name__)
                if not away(error):
                    return None
            await asyncio.sleep(PAUSE)


@dataclass(frozen=True)
class BySource:
    """`first` delivers to the chats of the first source, `others` to those of each other one, by
    its number."""

    first: Messenger
    others: Mapping[int, Messenger] = field(default_factory=dict)

    async def deliver(self, message: Outgoing) -> int:
        """As `Messenger.deliver`. Somebody of a source that isn't set any more can't be reached:
        then the next level up hears of it."""
        source = source_of(message.chat_id)
        messenger = self.others.get(source) if source else self.first
        if messenger is None:
            raise Unreachable(message.person_id)
        try:
            return await messenger.deliver(replace(message, chat_id=within(message.chat_id)))
        except RetryLater as wait:
            if not self.others:
                raise
            # One messenger that is away is no reason to be silent in the others.
            raise RetryLater(wait.seconds) from wait
