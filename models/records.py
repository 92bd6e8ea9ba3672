"""The audit chain, reports as the department handles them, settings."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UTCDateTime, new_id, sealed_json, sealed_text


class AuditLine(SQLModel, table=True):
    """One act. Lines of a case form a chain: each hash covers the one before."""

    __tablename__ = "audit_line"
    __table_args__ = (UniqueConstraint("chain", "number"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    chain: str = Field(max_length=16)
    number: int
    at: datetime = Field(sa_type=UTCDateTime)
    actor: str = Field(max_length=16)
    act: str = Field(max_length=40)
    act_key: str = Field(unique=True, max_length=120)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    result_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    result = sealed_json("result_sealed")


class AuditHead(SQLModel, table=True):
    """Where a chain ends, sealed: who cuts lines off can't say that it ends before. The id is the
    chain's; `newest`: number and hash of its newest line."""

    __tablename__ = "audit_head"
    id: str = Field(primary_key=True, max_length=16)
    newest_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    newest = sealed_json("newest_sealed")


class ReportRow(SQLModel, table=True):
    """A report in the register. What it says stays sealed elsewhere, or here for those on paper.

    `channel`: bot | page | letter | visit | phone. `state`: new | checking | closed | again (its
    reporter wrote after the answer, and has one by `answer_by`). `letters`: how many of the
    reporter's letters its handler knows of.
    """

    __tablename__ = "report"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    intake_id: str | None = Field(default=None, unique=True, max_length=40)
    channel: str = Field(max_length=12)
    received_on: date
    answer_by: date
    case_id: str | None = Field(default=None, foreign_key="case_file.id", index=True)
    state: str = Field(default="new", max_length=12, index=True)
    organiser_id: str | None = Field(default=None, foreign_key="person.id")
    finding: str = Field(default="", max_length=30)
    closed_on: date | None = None
    letters: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    notes_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    text_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    notes = sealed_json("notes_sealed")
    text = sealed_text("text_sealed")


class Setting(SQLModel, table=True):
    key: str = Field(primary_key=True, max_length=60)
    value: str = Field(max_length=400)
