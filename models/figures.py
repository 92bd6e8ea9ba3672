"""Sums of what cases count in, kept by the acts that change it."""

from sqlalchemy import LargeBinary
from sqlmodel import Field

from models.columns import new_id, sealed_json
from models.macs import Guarded


class FigureRow(Guarded, table=True):
    """The sums of an organisation and all below it in a year; year 0: where people stand now.
    `cells`: by name (`domain.figures.counting`).

    Not unique by organisation and year: where a row was changed by hand the next act begins
    another one, so that it needn't fail for a figure; whoever asks for the figures is refused.
    """

    __tablename__ = "figure"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    year: int
    cells_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    cells = sealed_json("cells_sealed")
