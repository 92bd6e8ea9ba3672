"""What organisations do once a year, as it was ticked."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.columns import new_id
from models.macs import Guarded


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
