"""Word templates of an organisation's own."""

from datetime import date

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.columns import new_id, sealed_bytes, sealed_json
from models.macs import Guarded


class TemplateRow(Guarded, table=True):
    """Takes the place of ours for an organisation and those below. `paper`: the id of a form;
    `names`: the fields that it asks for."""

    __tablename__ = "own_template"
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
