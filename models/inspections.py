"""Random checks: what was drawn from what, and what was found in each branch."""

from datetime import date
from enum import StrEnum

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.columns import new_id, one_of, sealed_json, sealed_text
from models.macs import Guarded


class InspectionState(StrEnum):
    """`TOLD`: what was found was circulated; nothing is entered any more."""

    OPEN = "open"
    TOLD = "told"


class InspectionRow(Guarded, table=True):
    """One draw. `pool`: the branches by committee and those of the draw before, as they were, so
    that it can be repeated."""

    __tablename__ = "inspection"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    drawn_on: date
    drawn_by: str = Field(foreign_key="person.id")
    seed: int
    per_committee: int
    state: InspectionState = Field(default=InspectionState.OPEN, sa_type=one_of(InspectionState, 8))
    told_on: date | None = None
    pool_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    pool = sealed_json("pool_sealed")


class InspectedRow(Guarded, table=True):
    """A branch that was drawn. No mark and no number: what was found wanting, and what done well.

    `due_on`: by when it has to be put right; set when the branch was told of its defects."""

    __tablename__ = "inspected_branch"
    __table_args__ = (UniqueConstraint("inspection_id", "organisation_id"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    inspection_id: str = Field(foreign_key="inspection.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    checked_on: date | None = None
    checked_by: str | None = Field(default=None, foreign_key="person.id")
    due_on: date | None = Field(default=None, index=True)
    righted_on: date | None = None
    defects_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    merits_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    note_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    answer_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    defects = sealed_json("defects_sealed")
    merits = sealed_json("merits_sealed")
    note = sealed_text("note_sealed")
    answer = sealed_text("answer_sealed")
