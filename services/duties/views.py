"""Yearly duties, as the front doors see them."""

from dataclasses import dataclass
from datetime import date

from domain.rulebook.schema import Text


@dataclass(frozen=True)
class DutyLine:
    """A duty of a year. `done_on`: None until it was ticked."""

    duty_id: str
    organisation_id: str
    organisation: str
    year: int
    title: Text
    text: Text
    source: str
    day_source: str
    due_on: date
    done_on: date | None
