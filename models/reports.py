"""Reports as the department handles them."""

from datetime import date

from sqlalchemy import LargeBinary
from sqlmodel import Field

from domain.reports import Channel, RegisterState
from models.columns import new_id, one_of, sealed_json, sealed_text
from models.macs import Guarded


class ReportRow(Guarded, table=True):
    """A report in the register. What it says stays sealed elsewhere, or here for those on paper.

    `letters`: how many of the reporter's letters its handler knows of. `entry_id`: what the finding
    was entered as in the case it is about.
    """

    __tablename__ = "report"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    intake_id: str | None = Field(default=None, unique=True, max_length=40)
    channel: Channel = Field(sa_type=one_of(Channel, 12))
    received_on: date
    answer_by: date
    case_id: str | None = Field(default=None, foreign_key="case_file.id", index=True)
    state: RegisterState = Field(
        default=RegisterState.NEW, sa_type=one_of(RegisterState, 12), index=True
    )
    organiser_id: str | None = Field(default=None, foreign_key="person.id")
    finding: str = Field(default="", max_length=30)
    closed_on: date | None = None
    entry_id: str | None = Field(default=None, foreign_key="entry.id")
    letters: int = 0
    notes_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    text_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    notes = sealed_json("notes_sealed")
    text = sealed_text("text_sealed")
