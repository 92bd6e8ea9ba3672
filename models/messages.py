"""Updates that came in, conversations, and messages that go out."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import (
    UTCDateTime,
    new_id,
    one_of,
    open_json,
    seal_json,
    sealed_json,
    sealed_text,
)
from models.crypto import ring
from models.macs import MESSAGES, Guarded


class InboxRow(SQLModel, table=True):
    """An update of the messenger, kept until it was handled to its end."""

    __tablename__ = "update_inbox"
    __table_args__ = (
        # The messenger may give an update twice: the second one finds no room.
        UniqueConstraint("bot", "update_id"),
        Index("ix_inbox_chat", "parked", "chat_index", "update_id"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    bot: str = Field(max_length=16)
    update_id: int = Field(sa_type=BigInteger)
    chat_index: str = Field(max_length=40)
    received_at: datetime = Field(sa_type=UTCDateTime)
    tries: int = 0
    parked: bool = False
    # The name and place of an error only: its text may quote a person.
    error: str = Field(default="", max_length=200)
    payload_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    payload = sealed_text("payload_sealed")


PAYLOAD = "update_inbox.payload_sealed"


def sealed_payload(row_id: str, payload: str) -> bytes:
    """For a row that is stored without an object."""
    return ring().seal(payload.encode(), f"{PAYLOAD}.{row_id}")


def opened_payload(row_id: str, sealed: bytes) -> str:
    """Of a row of which only the columns were read."""
    return ring().open(sealed, f"{PAYLOAD}.{row_id}").decode()


class SeenUpdate(SQLModel, table=True):
    """An update that was taken in once: the messenger may give it again."""

    __tablename__ = "seen_update"
    bot: str = Field(primary_key=True, max_length=16)
    update_id: int = Field(primary_key=True, sa_type=BigInteger)
    seen_at: datetime = Field(sa_type=UTCDateTime, index=True)


class ConversationState(SQLModel, table=True):
    """Where the conversations of a chat stand. The id is the chat's blind index in the inbox: both
    are read at once."""

    __tablename__ = "conversation_state"
    # Blind: who copies the database mustn't learn which chats talk to the bot.
    id: str = Field(primary_key=True, max_length=40)
    data_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    data = sealed_json("data_sealed")


def sealed_conversations(chat: str, conversations: Any) -> bytes:
    """The conversations of a chat, for a row that is stored without an object."""
    return seal_json(conversations, "conversation_state", "data_sealed", chat)


def opened_conversations(chat: str, sealed: bytes) -> Any:
    """Of a row of which only the columns were read."""
    return open_json(sealed, "conversation_state", "data_sealed", chat)


class SendState(StrEnum):
    """`MOOT`: settled before it went out. `UNSURE`: nobody knows whether it arrived."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    MOOT = "moot"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    UNSURE = "unsure"


UNDER_WAY = (SendState.NEW, SendState.SENDING)


class OutgoingRow(Guarded, table=True):
    """A message to a person. The database forbids a second one for the same matter, kind and slot.

    `repeats`: how often it was sent again without knowing whether it had arrived; `ambiguous`: its
    answer got lost. `merged`: it went out in one message with others.
    """

    __tablename__ = "outgoing_message"
    __table_args__ = (
        # A look that is repeated after a crash queues the same messages: here they end.
        UniqueConstraint("matter", "kind", "slot", "person_id"),
        Index("ix_outgoing_due", "state", "not_before", "priority"),
    )
    chain: ClassVar[str] = MESSAGES
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True)
    matter: str = Field(max_length=80)
    kind: str = Field(max_length=30)
    slot: str = Field(max_length=40)
    priority: int = 1
    state: SendState = Field(default=SendState.NEW, sa_type=one_of(SendState, 12))
    not_before: datetime = Field(sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    worker: str = Field(default="", max_length=40)
    attempts: int = 0
    ambiguous: bool = False
    repeats: int = 0
    merged: bool = False
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    payload_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    payload = sealed_json("payload_sealed")


class SendPause(SQLModel, table=True):
    """The messenger asked for silence until a time, in one chat or in all. The id is the blind
    index of the chat, or "all"."""

    __tablename__ = "send_pause"
    id: str = Field(primary_key=True, max_length=40)
    until: datetime = Field(sa_type=UTCDateTime)
    chat_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    chat = sealed_text("chat_sealed")


class SendShare(SQLModel, table=True):
    """What a process may send in a second to one source, until its lease runs out. `wants`: what it
    had to send in the last one."""

    __tablename__ = "send_share"
    id: str = Field(primary_key=True, max_length=40)
    source: int = 0
    share: int
    wants: int = 0
    until: datetime = Field(sa_type=UTCDateTime)
