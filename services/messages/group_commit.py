"""The last commit of an update: it leaves the inbox together with where its chat's conversations
then stand and with the writes it held back.

Chats are handled side by side. Updates that end while a commit is under way share the next one: a
commit waits for the disk, and ten in one cost little more than one. Example: A's commit is being
written when B and C end. Both join the queue; when A's is through, one transaction deletes the
inbox rows of B and C, stores both conversations and drafts, reads both chats' next updates, and
both callers are woken. If it fails, both get the error and their updates are handled again.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert
from sqlmodel import col, delete, select, update

from models import ConversationState, InboxRow
from models.columns import columns_of
from models.messages import opened_conversations, opened_payload, sealed_conversations
from services.core.database import Database
from services.messages.conversation_changes import Conversations, HeldWrite, store_held


@dataclass(frozen=True)
class InboxUpdate:
    """An update as it was read from the inbox, where it stays until its last commit. `chat`: the
    blind index of its chat; `conversations`: as the update before left them; `tries`: failed
    ones."""

    row_id: str
    bot: str
    update_id: int
    chat: str
    payload: str
    tries: int
    conversations: Conversations


@dataclass(frozen=True)
class _Ending:
    """An update that waits for its commit. `conversations`: what is to be stored of them, None
    where nothing changed; `sealed`: the same, encrypted; `following`: gets the chat's next
    update."""

    update: InboxUpdate
    conversations: Conversations | None
    sealed: bytes
    held: Sequence[HeldWrite]
    following: "asyncio.Future[InboxUpdate | None]"


@dataclass(frozen=True)
class _Ended:
    """What a commit found: the endings that were in the inbox until now, and the next update of
    each chat that has one."""

    own: Sequence[_Ending]
    following: Mapping[str, InboxUpdate]


Taking = Callable[[Coroutine[Any, Any, None]], Coroutine[Any, Any, None]]


def as_it_comes(work: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
    """Where nobody else's work is to go first."""
    return work


class GroupCommit:
    """Ends updates in shared commits, one commit at a time."""

    def __init__(
        self,
        database: Database,
        ends: Callable[[str], bool],
        rests: Callable[[str, Conversations], None],
        taking: Taking = as_it_comes,
    ) -> None:
        """`ends`: whether nothing of a chat is known to follow the update that is being finished;
        `rests`: called for a chat of which nothing waits now, with its conversations; `taking`: the
        commits, in turn with who shares the process."""
        self.database, self.ends, self.rests, self.taking = database, ends, rests, taking
        self._queue: list[_Ending] = []
        self._committing: asyncio.Task[None] | None = None

    async def finish(
        self, done: InboxUpdate, conversations: Conversations | None, held: Sequence[HeldWrite]
    ) -> InboxUpdate | None:
        """Join the next commit and return the chat's next update; see `Inbox.finish`. Raises what
        the commit raised: then the update is still in the inbox."""
        # Sealed before it queues: while the write lock is held nothing should be computed.
        sealed = sealed_conversations(done.chat, conversations) if conversations else b""
        following: asyncio.Future[InboxUpdate | None] = asyncio.Future()
        self._queue.append(_Ending(done, conversations, sealed, held, following))
        # A task of its own: a caller that is cancelled must not take the commit of others with it.
        if self._committing is None:
            self._committing = asyncio.create_task(self.taking(self._drain()))
        return await following

    async def _drain(self) -> None:
        try:
            while self._queue:
                endings, self._queue = self._queue, []
                await self._commit(endings)
        finally:
            # No await since the queue was found empty: what joined in between would wait for ever.
            self._committing = None

    async def _commit(self, endings: Sequence[_Ending]) -> None:
        # A future is done already where its caller was cancelled while it waited.
        try:
            found = await self.database.at_once(
                "finish", partial(_finish, endings=endings, ends=self.ends)
            )
        except Exception as error:
            for ending in endings:
                if not ending.following.done():
                    ending.following.set_exception(error)
            return
        # At once, before anybody else may write: what comes in now is no more than that.
        for ending in found.own:
            if ending.update.chat not in found.following:
                stands = ending.conversations
                self.rests(
                    ending.update.chat, ending.update.conversations if stands is None else stands
                )
        for ending in endings:
            if not ending.following.done():
                ending.following.set_result(found.following.get(ending.update.chat))


# Built once: they run with every commit.
_DELETE = (
    delete(InboxRow)
    .where(col(InboxRow.id).in_(bindparam("ids", expanding=True)))
    .returning(col(InboxRow.id))
)
_FORGET = delete(ConversationState).where(
    col(ConversationState.id).in_(bindparam("chats", expanding=True))
)
_CHANGE = update(ConversationState).where(col(ConversationState.id) == bindparam("chat"))
_INSERT = insert(ConversationState)


def _oldest() -> Any:
    chats: Any = bindparam("chats", expanding=True)
    waits = (col(InboxRow.chat_index).in_(chats), col(InboxRow.parked).is_(False))
    # By chat alone: its blind index is made of bot and chat, so no two bots share one.
    first = (
        select(InboxRow.chat_index, func.min(InboxRow.update_id).label("number"))
        .where(*waits)
        .group_by(col(InboxRow.chat_index))
        .subquery()
    )
    return (
        columns_of(InboxRow, ("id", "bot", "update_id", "chat_index", "payload_sealed", "tries"))
        .add_columns(col(ConversationState.data_sealed))
        .join(
            first,
            (col(InboxRow.chat_index) == first.c.chat_index)
            & (col(InboxRow.update_id) == first.c.number),
        )
        .join(ConversationState, col(ConversationState.id) == InboxRow.chat_index, isouter=True)
        .where(*waits)
    )


_OLDEST = _oldest()


def _finish(
    connection: Connection, endings: Sequence[_Ending], ends: Callable[[str], bool]
) -> _Ended:
    ids = sorted(ending.update.row_id for ending in endings)
    deleted = set(connection.execute(_DELETE, {"ids": ids}).scalars())
    # A row that was gone had been finished by another process: what that one stored is newer.
    own = [ending for ending in endings if ending.update.row_id in deleted]
    store_held(connection, [write for ending in own for write in ending.held])
    _store(connection, [ending for ending in own if ending.conversations is not None])
    # Asked inside the commit, which saves a round trip for every update (docs/decisions/0019).
    asked = [ending.update.chat for ending in endings if not ends(ending.update.chat)]
    return _Ended(own, oldest_of(connection, asked) if asked else {})


def _store(connection: Connection, endings: Sequence[_Ending]) -> None:
    """Store or delete the conversation rows of several chats."""
    # Neither upsert nor lock: the lock of the chat keeps others out, and an update read with
    # conversations has a row, since an empty one is deleted.
    over = [ending.update.chat for ending in endings if not ending.conversations]
    going = [ending for ending in endings if ending.conversations]
    known = [ending for ending in going if ending.update.conversations]
    new = [ending for ending in going if not ending.update.conversations]
    if over:
        connection.execute(_FORGET, {"chats": over})
    if known:
        values = [{"chat": one.update.chat, "data_sealed": one.sealed} for one in known]
        connection.execute(_CHANGE, values)
    if new:
        rows = [{"id": one.update.chat, "data_sealed": one.sealed} for one in new]
        connection.execute(_INSERT, rows)


def oldest_of(connection: Connection, chats: Collection[str]) -> Mapping[str, InboxUpdate]:
    """Return the next update of each chat that has one, with its conversations; parked updates
    don't hold up a chat."""
    updates = [_opened(*row) for row in connection.execute(_OLDEST, {"chats": list(chats)})]
    return {one.chat: one for one in updates}


def _opened(
    row_id: str, bot: str, number: int, chat: str, sealed: bytes, tries: int, state: bytes | None
) -> InboxUpdate:
    conversations = opened_conversations(chat, state) if state else {}
    payload = opened_payload(row_id, sealed)
    return InboxUpdate(row_id, bot, number, chat, payload, tries, conversations)
