"""Peers: other installations that this one exchanges messages with, and what goes out to them."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from models.columns import UTCDateTime, new_id, one_of, sealed_bytes, sealed_json, sealed_text
from models.macs import MESSAGES, Guarded


class Relation(StrEnum):
    """Where a peer stands, seen from here."""

    ABOVE = "above"
    BELOW = "below"
    BESIDE = "beside"


class PeerState(StrEnum):
    """`ARRIVED`: the peer has signed that it has the message."""

    WAITING = "waiting"
    ARRIVED = "arrived"


class OwnPeerRow(Guarded, table=True):
    """What this installation proves itself by to peers: its two private keys. The id is OWN."""

    __tablename__ = "own_peer"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    made_at: datetime = Field(sa_type=UTCDateTime)
    keys_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    keys = sealed_bytes("keys_sealed")


OWN = "own"


class PeerRow(Guarded, table=True):
    """A peer by its card. `mark`: of its public keys, by which a message says from whom it is;
    `verify_key` checks what it signs, `box_key` seals to it, 32 bytes each. `left_at`: since when
    nothing is exchanged with it any more; the row stays, since messages refer to it."""

    __tablename__ = "peer"
    gives_rights: ClassVar[bool] = True
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    mark: str = Field(unique=True, max_length=40)
    relation: Relation = Field(sa_type=one_of(Relation, 12))
    address: str = Field(max_length=300)
    verify_key: bytes = Field(sa_type=LargeBinary)
    box_key: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = Field(sa_type=UTCDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    name_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    name = sealed_text("name_sealed")


class PeerMessage(Guarded, table=True):
    """A message to a peer. `body`: emptied once it has arrived."""

    __tablename__ = "peer_message"
    __table_args__ = (Index("ix_peer_message_due", "state", "not_before"),)
    chain: ClassVar[str] = MESSAGES
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    peer_id: str = Field(foreign_key="peer.id", index=True)
    kind: str = Field(max_length=30)
    state: PeerState = Field(default=PeerState.WAITING, sa_type=one_of(PeerState, 12))
    queued_at: datetime = Field(sa_type=UTCDateTime)
    not_before: datetime = Field(sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    tries: int = 0
    arrived_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    body_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    body = sealed_json("body_sealed")
