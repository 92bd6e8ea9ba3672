"""The fold of a case, remembered with what is known of the case."""

from domain.calendar.calendar import WorkCalendar
from domain.case.facts import CaseFacts
from domain.case.replay import Fold
from domain.rulebook.schema import Rulebook

FOLD = "_fold"


def fold_of(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold:
    """To be read only. Who looks at a case mostly asks several things of it."""
    known: Fold | None = facts.__dict__.get(FOLD)
    if known is None or known.book is not book or known.calendar is not calendar:
        # Beside the fields of what is frozen: it neither counts for equality nor is copied.
        known = facts.__dict__[FOLD] = Fold(book, facts, calendar)
    return known
