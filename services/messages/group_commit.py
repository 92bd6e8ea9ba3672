"""The last commit of an update: it leaves the inbox together with where its chat then stands, and
with the answers that it brought.

Chats work side by side. Those that end while a commit is under way share the next one: ten cost
little more than one.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models import ConversationState, InboxRow
from models.columns import columns_of
from models.messages import opened_conversations, opened_payload, sealed_conversations
from services.cases.drafts import Kept, store
from services.core.database import Database

Talk = Mapping[str, Mapping[str, str]]
"""Where the conversations of a chat stand: by their key, what is known of each, as JSON."""


@dataclass(frozen=True)
class Waiting:
    """An update in hand. `chat`: the blind index of its chat; `talk`: as the one before left it."""

    row_id: str
    bot: str
    update_id: int
    chat: str
    payload: str
    tries: int
    talk: Talk


@dataclass(frozen=True)
class _End:
    """`state`: `talk` sealed, none where nothing is new; `following`: the chat's next update."""

    done: Waiting
    talk: Talk | None
    state: bytes
    drafts: Sequence[Kept]
    following: "asyncio.Future[Waiting | None]"


class Finisher:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._ends: list[_End] = []
        self._working: asyncio.Task[None] | None = None

    async def finish(
        self, done: Waiting, talk: Talk | None, drafts: Sequence[Kept]
    ) -> Waiting | None:
        """As `Inbox.finish`."""
        state = sealed_conversations(done.chat, talk) if talk else b""
        end = _End(done, talk, state, drafts, asyncio.get_running_loop().create_future())
        self._ends.append(end)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await end.following

    async def _work(self) -> None:
        try:
            while self._ends:
                ends, self._ends = self._ends, []
                await self._together(ends)
        finally:
            self._working = None

    async def _together(self, ends: Sequence[_End]) -> None:
        try:
            async with self.database.write("finish") as session:
                following = await _finish(session, ends)
        except Exception as error:
            for end in ends:
                if not end.following.done():
                    end.following.set_exception(error)
            return
        for end in ends:
            if not end.following.done():
                end.following.set_result(following.get(end.done.chat))


# Put together once: they are asked with every commit.
_GONE = (
    delete(InboxRow)
    .where(col(InboxRow.id).in_(bindparam("ids", expanding=True)))
    .returning(col(InboxRow.id))
)
_FORGET = delete(ConversationState).where(
    col(ConversationState.id).in_(bindparam("chats", expanding=True))
)
_CHANGE = update(ConversationState).where(col(ConversationState.id) == bindparam("chat"))
_BEGIN = insert(ConversationState)


def _oldest() -> Any:
    chats: Any = bindparam("chats", expanding=True)
    waits = (col(InboxRow.chat_index).in_(chats), col(InboxRow.parked).is_(False))
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


async def _finish(session: AsyncSession, ends: Sequence[_End]) -> Mapping[str, Waiting]:
    connection = await session.connection()
    ids = sorted(end.done.row_id for end in ends)
    left = set((await connection.execute(_GONE, {"ids": ids})).scalars())
    own = [end for end in ends if end.done.row_id in left]
    await store(session, [draft for end in own for draft in end.drafts])
    await _keep(connection, [end for end in own if end.talk is not None])
    return await oldest_of(session, [end.done.chat for end in ends])


async def _keep(connection: AsyncConnection, ends: Sequence[_End]) -> None:
    """Who has a chat's turn is alone with its row, and knows whether there is one: an empty one is
    never kept."""
    over = [end.done.chat for end in ends if not end.talk]
    known = [end for end in ends if end.talk and end.done.talk]
    new = [end for end in ends if end.talk and not end.done.talk]
    if over:
        await connection.execute(_FORGET, {"chats": over})
    if known:
        values = [{"chat": end.done.chat, "data_sealed": end.state} for end in known]
        await connection.execute(_CHANGE, values)
    if new:
        rows = [{"id": end.done.chat, "data_sealed": end.state} for end in new]
        await connection.execute(_BEGIN, rows)


async def oldest_of(session: AsyncSession, chats: Collection[str]) -> Mapping[str, Waiting]:
    """The next update of each chat that has one."""
    connection = await session.connection()
    found = await connection.execute(_OLDEST, {"chats": list(chats)})
    waiting = [_waiting(*row) for row in found]
    return {one.chat: one for one in waiting}


def _waiting(
    row_id: str, bot: str, number: int, chat: str, sealed: bytes, tries: int, state: bytes | None
) -> Waiting:
    talk = opened_conversations(chat, state) if state else {}
    return Waiting(row_id, bot, number, chat, opened_payload(row_id, sealed), tries, talk)
