"""Reports as the department handles them."""

from datetime import date

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from domain.reports import Channel, RegisterState
from models.columns import new_id, one_of, sealed_json, sealed_text
from models.macs import Guarded


class ReportRow(Guarded, table=True):
    """A report in the register. What it says stays sealed elsewhere, or here for those on paper.

    `letters`: how many of the reporter's letters its handler knows of. `finding`: that of all cases
    it is about, VARIOUS where they differ.
    """

    __tablename__ = "report"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    intake_id: str | None = Field(default=None, unique=True, max_length=40)
    channel: Channel = Field(sa_type=one_of(Channel, 12))
    received_on: date
    answer_by: date
    state: RegisterState = Field(
        default=RegisterState.NEW, sa_type=one_of(RegisterState, 12), index=True
    )
    organiser_id: str | None = Field(default=None, foreign_key="person.id")
    finding: str = Field(default="", max_length=30)
    closed_on: date | None = None
    letters: int = 0
    notes_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    text_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    notes = sealed_json("notes_sealed")
    text = sealed_text("text_sealed")


class ReportCase(Guarded, table=True):
    """A case that a report is about. `finding`: what was found of it; `entry_id`: what that was
    entered as there. `number`: in the order in which the cases were named."""

    __tablename__ = "report_case"
    __table_args__ = (UniqueConstraint("report_id", "case_id"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    report_id: str = Field(foreign_key="report.id")
    case_id: str = Field(foreign_key="case_file.id", index=True)
    number: int
    finding: str = Field(default="", max_length=30)
    entry_id: str | None = Field(default=None, foreign_key="entry.id")
