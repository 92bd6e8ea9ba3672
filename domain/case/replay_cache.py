"""The fold of a case, remembered with what is known of the case."""

from domain.calendar.calendar import WorkCalendar
from domain.case.facts import CaseFacts
from domain.case.replay import Fold
from domain.rulebook.schema import Rulebook

FOLD = "_fold"


def fold_of(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold:
    """To be read only. Who looks at a case mostly asks several things of it."""
    known = remembered(book, facts, calendar)
    if known is None:
        known = Fold(book, facts, calendar)
        remember(facts, known)
    return known


def remembered(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold | None:
    known: Fold | None = facts.__dict__.get(FOLD)
    fits = known is not None and known.book is book and known.calendar is calendar
    return known if fits else None


def remember(facts: CaseFacts, fold: Fold) -> None:
    """Beside the fields of what is frozen: it neither counts for equality nor is copied."""
    facts.__dict__[FOLD] = fold


def forget(facts: CaseFacts) -> Fold | None:
    """Gives what was remembered, to be changed."""
    known: Fold | None = facts.__dict__.pop(FOLD, None)
    return known
