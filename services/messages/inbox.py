"""The inbox: updates stored before they are confirmed, and kept until they are handled.

An update leaves the inbox in the same commit that stores the conversation's new state
(docs/design.md § 4).
"""

from asyncio import Lock
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from models import InboxRow, SeenUpdate
from models.columns import new_id
from models.crypto import ring
from models.messages import sealed_payload
from services.core.database import Database
from services.messages.chats_at_rest import MOST, ChatsAtRest, Stored
from services.messages.conversation_changes import Conversations, HeldWrite
from services.messages.group_commit import (
    GroupCommit,
    InboxUpdate,
    Taking,
    as_it_comes,
    oldest_of,
)

MOST_TRIES = 3

# Built once, as in `services.messages.group_commit`.
_SEEN = select(SeenUpdate.update_id).where(
    SeenUpdate.bot == bindparam("name"),
    col(SeenUpdate.update_id).in_(bindparam("ids", expanding=True)),
)
_STORE, _SEE = insert(InboxRow), insert(SeenUpdate)


Row = dict[str, Any]


@dataclass(frozen=True)
class Incoming:
    """An update as the messenger gave it: `payload` is its JSON, `chat_id` 0 where it has none."""

    update_id: int
    chat_id: int
    payload: str


@dataclass(frozen=True)
class Parked:
    """An update that failed three times and is left for the operator. `error`: name and place."""

    bot: str
    update_id: int
    error: str


def row_of(bot: str, incoming: Incoming, now: datetime) -> Row:
    """Return the columns of an update, its payload sealed to the row's id. `now`: aware."""
    row_id = new_id()
    return {
        "id": row_id,
        "bot": bot,
        "update_id": incoming.update_id,
        # Blind the chat: its rows are found together, and a copy of the table names nobody.
        "chat_index": ring().blind(f"{bot}:{incoming.chat_id}", "inbox"),
        "received_at": now,
        "tries": 0,
        "parked": False,
        "error": "",
        "payload_sealed": sealed_payload(row_id, incoming.payload),
    }


def _stored(row: Row, incoming: Incoming) -> tuple[str, int, Stored]:
    bot, number, chat = row["bot"], incoming.update_id, row["chat_index"]
    return chat, number, partial(InboxUpdate, row["id"], bot, number, chat, incoming.payload, 0)


class Inbox:
    """Durable queue of updates, ordered within each chat. `taking`: as of `GroupCommit`."""

    def __init__(self, database: Database, taking: Taking = as_it_comes) -> None:
        self.database = database
        self._next: dict[str, InboxUpdate] = {}
        """The oldest update of chats as the last commit of `store` saw them: it needn't be looked
        up, unless one was finished since or another process may have taken it."""
        self._rest = ChatsAtRest(0 if database.shared else MOST)
        self._commits = GroupCommit(database, self._rest.ends, self._rest.rests, taking)
        # Where chats are known to rest, one batch after the other: they all write to one file.
        self._storing: AbstractAsyncContextManager[Any] = (
            nullcontext() if database.shared else Lock()
        )

    async def store(self, bot: str, batch: Sequence[Incoming], now: datetime) -> tuple[str, ...]:
        """Store a batch in one commit and return the chats that have work. An update that was
        stored before, also one handled since, is left out: the messenger may give it again."""
        coming = object()
        self.database.in_hand.begin(coming)
        try:
            return await self._store_once(bot, batch, now)
        finally:
            self.database.in_hand.end(coming)

    async def _store_once(
        self, bot: str, batch: Sequence[Incoming], now: datetime
    ) -> tuple[str, ...]:
        try:
            # Unasked: mostly all are new, and where one isn't, its key refuses it.
            return await self._store(bot, batch, now)
        except IntegrityError:
            seen = await self._seen(bot, batch)
        try:
            return await self._store(bot, batch, now, seen)
        except IntegrityError:
            # Another process took one of them in at the same moment: now it is seen.
            return await self._store(bot, batch, now, await self._seen(bot, batch))

    async def _seen(self, bot: str, batch: Sequence[Incoming]) -> frozenset[int]:
        ids = [incoming.update_id for incoming in batch]
        async with self.database.read() as session:
            found = await session.exec(_SEEN, params={"name": bot, "ids": ids})
            return frozenset(found)

    async def _store(
        self, bot: str, batch: Sequence[Incoming], now: datetime, known: Collection[int] = ()
    ) -> tuple[str, ...]:
        fresh = {item.update_id: item for item in batch if item.update_id not in known}
        rows = [row_of(bot, incoming, now) for incoming in fresh.values()]
        # Kept apart from the inbox, whose row goes when the update is done.
        seen = [{"bot": bot, "update_id": number, "seen_at": now} for number in fresh]
        chats = tuple(dict.fromkeys(str(row["chat_index"]) for row in rows))
        async with self._storing:
            rested = self._rest.busy(chats)
            asked = [] if self.database.shared else [chat for chat in chats if chat not in rested]

            def written(connection: Connection) -> Mapping[str, InboxUpdate]:
                if rows:
                    connection.execute(_STORE, rows)
                    connection.execute(_SEE, seen)
                return oldest_of(connection, asked) if asked else {}

            # Not before the commit, and before anything else is written: nothing waits in between.
            self._next.update(await self.database.at_once("store", written))
            updates = [_stored(row, fresh[row["update_id"]]) for row in rows]
            self._next.update(self._rest.stored(rested, updates))
        return chats

    async def forget(self, before: datetime) -> None:
        """Delete the ids seen before a time: the messenger keeps an update for a day at most."""
        async with self.database.write() as session:
            await session.exec(delete(SeenUpdate).where(col(SeenUpdate.seen_at) < before))

    async def chats(self, bot: str) -> tuple[str, ...]:
        """Return the chats with updates waiting, the longest waiting first."""
        async with self.database.read() as session:
            statement = (
                select(InboxRow.chat_index)
                .where(InboxRow.bot == bot, col(InboxRow.parked).is_(False))
                .group_by(InboxRow.chat_index)
                .order_by(func.min(InboxRow.update_id))
            )
            return tuple((await session.exec(statement)).all())

    async def oldest(self, bot: str, chat: str) -> InboxUpdate | None:
        """Return the next update of a chat, or None. Call it under the chat's lock."""
        # Popped: what fails is looked up again, with its count of tries as stored.
        if known := self._next.pop(chat, None):
            return known
        self._rest.forget(chat)
        found = await self.database.look_at_once(partial(oldest_of, chats=[chat]))
        return found.get(chat)

    async def finish(
        self,
        done: InboxUpdate,
        conversations: Conversations | None,
        held: Sequence[HeldWrite] = (),
    ) -> InboxUpdate | None:
        """End an update in one commit: delete it, store its conversations (None: unchanged) and the
        writes it `held` back; return the chat's next update. One that is gone already changes
        nothing: another process took the chat over, and what that one stored is newer."""
        following = await self._commits.finish(done, conversations, held)
        self._next.pop(done.chat, None)
        return following

    async def failed(self, row_id: str, error: str) -> bool:
        """Count a failed try; the third parks the update and returns True. `error`: its name and
        place, never its text, which may quote a person."""
        async with self.database.write() as session:
            row = await session.get(InboxRow, row_id, with_for_update=True)
            # Another process has taken the chat over and finished it.
            if row is None:
                return False
            self._next.pop(row.chat_index, None)
            row.tries += 1
            row.error = error[:200]
            row.parked = row.tries >= MOST_TRIES
            return row.parked

    async def parked(self) -> tuple[Parked, ...]:
        """Return the updates that failed three times, of all bots."""
        async with self.database.read() as session:
            statement = select(InboxRow).where(col(InboxRow.parked).is_(True))
            return tuple(
                Parked(row.bot, row.update_id, row.error) for row in await session.exec(statement)
            )


__all__ = ["Conversations", "Inbox", "InboxUpdate", "Incoming", "Parked"]
