"""Lines of a sheet, each about one case: what they enter, and what follows from it.

Nothing here needs the database or a key: for many lines a process of its own works it out
(`services.sheet_lines.precomputed`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.calendar.calendar import WorkCalendar
from domain.case.facts import EVERYBODY, Answers, CaseFacts, Entry
from domain.rulebook.schema import Rulebook
from services.casefile.follows import Follows, follows

Line = Mapping[str, Any]


def answers_of(book: Rulebook, item: Line) -> Answers:
    # Staged without its day, which a line says once.
    return {book.step(item["step"]).day: item["day"], **item.get("answers", {})}


@dataclass(frozen=True, repr=False)
class Rules:
    """By what new cases are led on a day."""

    book: Rulebook
    calendar: WorkCalendar
    today: date

    def follows(self, line: Line) -> Follows | None:
        """Return what follows from a line that opens a case; None of one that changes a case."""
        if line["case"]:
            return None
        facts = CaseFacts(self.today, tuple(map(self._entry, line["entries"])))
        return follows(self.book, self.calendar, facts, self.today, line["place"])

    def _entry(self, item: Line) -> Entry:
        return Entry(
            number=item["number"],
            step=item["step"],
            done_on=item["day"],
            answers=answers_of(self.book, item),
            recorded_on=self.today,
            rulebook=self.book.on(item["day"]).id,
            signed=EVERYBODY,
            brought=True,
        )
