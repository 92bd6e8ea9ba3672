"""When somebody wants to be told."""

from datetime import date, time
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.columns import new_id
from models.macs import Guarded


class Preference(Guarded, table=True):
    """What a person has set within what the organisation allows; local times. `weekly`: the
    picture of the branch that comes each week."""

    person_id: str = Field(primary_key=True, foreign_key="person.id", max_length=16)
    digest_at: time
    quiet_from: time | None = None
    quiet_until: time | None = None
    weekly: bool = True


class Snooze(Guarded, table=True):
    """A person hears nothing of a step of a case before `until`; then once, and the row goes."""

    __table_args__ = (UniqueConstraint("person_id", "case_id", "step"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    step: str = Field(max_length=16)
    until: date = Field(index=True)
