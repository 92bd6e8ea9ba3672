"""People who go from one city to another: who left here, and who came."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.columns import UTCDateTime, new_id, one_of, sealed_json, sealed_text
from models.macs import Guarded


class CityMoveState(StrEnum):
    """`SENT`: the other city hasn't answered. `PLACED`: a branch here has been asked."""

    SENT = "sent"
    ARRIVED = "arrived"
    PLACED = "placed"
    TAKEN = "taken"
    REFUSED = "refused"


class DepartureRow(Guarded, table=True):
    """A case that went to another city. `entry_id`: the entry that ended it here, `message_id`: by
    what it was sent. `to`: the organisation it goes to; `answer`: why it wasn't taken, or by whom
    it was."""

    __tablename__ = "departure"
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    entry_id: str = Field(foreign_key="entry.id")
    peer_id: str = Field(foreign_key="peer.id")
    message_id: str = Field(max_length=16)
    state: CityMoveState = Field(default=CityMoveState.SENT, sa_type=one_of(CityMoveState, 12))
    left_at: datetime = Field(sa_type=UTCDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    to_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    answer_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    to = sealed_text("to_sealed")
    answer = sealed_text("answer_sealed")


class ArrivalRow(Guarded, table=True):
    """Somebody whom another city has sent. `reference`: its id of the departure. `asked_at`: since
    when the department has to place it, then the branch to answer. `opened_id`: the case that was
    opened here, until a branch gives it back. `content`: all that was sent."""

    __tablename__ = "arrival"
    __table_args__ = (UniqueConstraint("peer_id", "reference"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    peer_id: str = Field(foreign_key="peer.id")
    reference: str = Field(max_length=16)
    state: CityMoveState = Field(default=CityMoveState.ARRIVED, sa_type=one_of(CityMoveState, 12))
    arrived_at: datetime = Field(sa_type=UTCDateTime)
    asked_at: datetime = Field(sa_type=UTCDateTime)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    opened_id: str | None = Field(default=None, max_length=16, index=True)
    content_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    content = sealed_json("content_sealed")
