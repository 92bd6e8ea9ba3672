"""指导意见 on the public side: what the department made public for a year, and nobody's name."""

import json
from dataclasses import dataclass
from datetime import date

from domain.plans import GUIDANCE
from models.intake import IntakeGuidance


@dataclass(frozen=True)
class PublicGuidance:
    """The newest text of a year. `number`: which one of the year it is. `parts`: by name, in the
    order of domain.plans.GUIDANCE."""

    year: int
    number: int
    published_on: date
    parts: dict[str, str]

    def row(self) -> IntakeGuidance:
        text = json.dumps({name: self.parts[name] for name in GUIDANCE}, ensure_ascii=False)
        return IntakeGuidance(
            year=self.year, number=self.number, published_on=self.published_on, text=text
        )

    @classmethod
    def of(cls, row: IntakeGuidance) -> "PublicGuidance":
        return cls(row.year, row.number, row.published_on, json.loads(row.text))


def in_force(found: list[PublicGuidance], today: date) -> tuple[PublicGuidance, ...]:
    """Return what holds this year and, where it is out, the next; before the first text of a year
    the newest one there is, since it holds until another comes. `found`: by year."""
    current = [one for one in found if one.year >= today.year]
    return tuple(current or found[-1:])
