"""What is done for a year: names of the plan, guidance, quotas, duties; and random checks."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from domain.states import PlanState
from models.columns import new_id, one_of, sealed_json, sealed_text
from models.macs import Guarded


class PlanRow(Guarded, table=True):
    """A name in the plan of a year. `assessment`: the totals of the
    committee's ballot and its conclusion. `reason`: why it was sent back, told to the branch."""

    __tablename__ = "plan_item"
    # Once a year: a name that was sent back is proposed again in its own row.
    __table_args__ = (UniqueConstraint("case_id", "year"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    year: int = Field(index=True)
    state: PlanState = Field(default=PlanState.PROPOSED, sa_type=one_of(PlanState, 16))
    proposed_on: date
    proposed_by: str = Field(foreign_key="person.id")
    assessed_on: date | None = None
    checked_on: date | None = None
    checked_by: str | None = Field(default=None, foreign_key="person.id")
    decided_on: date | None = None
    assessment_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    reason_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    assessment = sealed_json("assessment_sealed")
    reason = sealed_text("reason_sealed")


class QuotaRow(Guarded, table=True):
    """How many places a committee has in the plan of a year."""

    __tablename__ = "plan_quota"
    __table_args__ = (UniqueConstraint("organisation_id", "year"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    year: int
    places: int
    set_on: date
    set_by: str = Field(foreign_key="person.id")


class GuidanceRow(Guarded, table=True):
    """The yearly guidance (指导意见) as it was made public; another text of the same year is a row
    of its own, so that what was read before can still be read."""

    __tablename__ = "guidance"
    __table_args__ = (UniqueConstraint("year", "number"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    year: int
    number: int
    published_on: date
    published_by: str = Field(foreign_key="person.id")
    text_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    text = sealed_json("text_sealed")


class DutyRow(Guarded, table=True):
    """A duty of one year, done. There is no row before that."""

    __tablename__ = "duty"
    __table_args__ = (UniqueConstraint("organisation_id", "duty", "year"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    duty: str = Field(max_length=16)
    year: int
    done_on: date
    done_by: str = Field(foreign_key="person.id")


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
