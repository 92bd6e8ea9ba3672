"""Sheets that somebody has sent: read, checked, and waiting to be taken over."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from domain.states import SheetKind, SheetState
from models.columns import UTCDateTime, new_id, one_of, sealed_json
from models.macs import Guarded


class SheetRow(Guarded, table=True):
    """One sheet. `lines`: how many of it are new or changed."""

    __tablename__ = "sheet"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: SheetKind = Field(sa_type=one_of(SheetKind, 12))
    state: SheetState = Field(default=SheetState.STAGED, sa_type=one_of(SheetState, 12))
    staged_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lines: int = 0


class SheetPart(Guarded, table=True):
    """Some lines of a sheet, as they are to be entered."""

    __tablename__ = "sheet_part"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    sheet_id: str = Field(foreign_key="sheet.id", index=True)
    number: int
    lines_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    lines = sealed_json("lines_sealed")
