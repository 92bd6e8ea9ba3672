"""The audit chain and settings."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UTCDateTime, new_id, sealed_json
from models.macs import Guarded


class AuditLine(SQLModel, table=True):
    """One act. Lines of a case form a chain: each hash covers the one before."""

    __tablename__ = "audit_line"
    # A chain may not fork: of two acts that follow the same last line only one can be kept.
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


class Setting(Guarded, table=True):
    key: str = Field(primary_key=True, max_length=60)
    value: str = Field(max_length=400)
