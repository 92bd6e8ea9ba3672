"""Training classes: which one it was, and who completed it."""

from datetime import date
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.columns import new_id, sealed_text
from models.macs import Guarded


class ClassRow(Guarded, table=True):
    """One class (一期). `held_on`: the day of its step's entries."""

    __tablename__ = "training_class"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    step: str = Field(max_length=16)
    held_on: date
    recorded_by: str = Field(foreign_key="person.id")
    name_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    name = sealed_text("name_sealed")


class ClassPlace(Guarded, table=True):
    """Somebody on the roster of a class, with the entry it made in their case."""

    __tablename__ = "training_place"
    __table_args__ = (UniqueConstraint("class_id", "case_id"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    class_id: str = Field(foreign_key="training_class.id", index=True)
    case_id: str = Field(foreign_key="case_file.id")
    entry_id: str = Field(foreign_key="entry.id")
