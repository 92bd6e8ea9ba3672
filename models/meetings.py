"""Meetings and what is on their agenda. Totals only: no row joins a vote to a person."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from domain.states import MeetingState
from models.columns import UTCDateTime, new_id, one_of, sealed_json
from models.macs import Guarded


class MeetingRow(Guarded, table=True):
    """`body`: masses | branch | committee | organisers. `answers`: what was asked once
    for all candidates."""

    __tablename__ = "meeting"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    body: str = Field(max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    state: MeetingState = Field(default=MeetingState.DRAFT, sa_type=one_of(MeetingState, 12))
    convened_by: str = Field(foreign_key="person.id")
    convened_at: datetime = Field(sa_type=UTCDateTime)
    held_on: date | None = None
    answers_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    answers = sealed_json("answers_sealed")


class AgendaRow(Guarded, table=True):
    """A candidate on an agenda. `answers`: the totals of this candidate's ballot as long as they
    are a draft; once decided they stand in the step's entry, and only there."""

    __tablename__ = "agenda_item"
    __table_args__ = (UniqueConstraint("meeting_id", "case_id"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    place: int
    case_id: str = Field(foreign_key="case_file.id", index=True)
    step: str = Field(max_length=16)
    decided: bool = False
    entry_id: str | None = Field(default=None, foreign_key="entry.id")
    answers_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    answers = sealed_json("answers_sealed")
