"""The rules by which cases are led."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.calendar.calendar import WorkCalendar
from domain.rulebook.schema import Rulebook


@dataclass(frozen=True)
class Procedure:
    """The rules by which cases are led: the rulebook for new ones, how to find an older one, and
    the working days."""

    current: Rulebook
    find: Callable[[str], Rulebook]
    calendar: WorkCalendar
