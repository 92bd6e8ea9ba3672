"""What was told of finished years: by this city, to the level above, and by those below."""

from datetime import date
from enum import StrEnum

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.columns import new_id, one_of, sealed_json
from models.macs import Guarded


class TotalsSide(StrEnum):
    """`OWN`: this city's, by itself; `ABOVE`: what was told the level above; `BELOW`: what somebody
    below told."""

    OWN = "own"
    ABOVE = "above"
    BELOW = "below"


class TotalsRow(Guarded, table=True):
    """Totals of a year (`domain.figures.totals`). `peer_id`: who told them, empty for our own.
    `version`: from 1; what was told before stays, since later numbers are held against it.
    `groups`: what stood behind our own, by cell and organisation."""

    __tablename__ = "totals"
    __table_args__ = (UniqueConstraint("side", "peer_id", "year", "version"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    side: TotalsSide = Field(sa_type=one_of(TotalsSide, 12))
    peer_id: str = Field(default="", max_length=16)
    year: int = Field(index=True)
    version: int
    as_of: date
    totals_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    groups_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    totals = sealed_json("totals_sealed")
    groups = sealed_json("groups_sealed")
