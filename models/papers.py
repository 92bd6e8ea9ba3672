"""Papers and sheets: Word templates of an organisation's own, and sheets that somebody has sent."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from domain.states import SheetKind, SheetState
from models.columns import UTCDateTime, new_id, one_of, sealed_bytes, sealed_json, sealed_text
from models.macs import Guarded


class TemplateRow(Guarded, table=True):
    """Takes the place of ours for an organisation and those below. `paper`: the id of a form;
    `names`: the fields that it asks for."""

    __tablename__ = "own_template"
    # A new template of a paper replaces the old one: nobody has to choose between two.
    __table_args__ = (UniqueConstraint("organisation_id", "paper"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    paper: str = Field(max_length=40)
    added_on: date
    added_by: str = Field(foreign_key="person.id")
    content_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    names_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    content = sealed_bytes("content_sealed")
    names = sealed_json("names_sealed")


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
    text = sealed_text("lines_sealed")
    """The same lines, as `domain.writing.typed_json` writes them."""
