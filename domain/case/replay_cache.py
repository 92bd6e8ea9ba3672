"""The fold of a case, remembered with what is known of the case."""

from domain.calendar.calendar import WorkCalendar
from domain.case.facts import CaseFacts
from domain.case.replay import Fold
from domain.rulebook.schema import Rulebook

FOLD = "_fold"


def fold_of(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold:
    """Return the replay of a case, to be read only. It is remembered, since whoever looks at a case
    mostly asks several things of it."""
    known = remembered(book, facts, calendar)
    if known is None:
        known = Fold(book, facts, calendar)
        remember(facts, known)
    return known


def remembered(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Fold | None:
    known: Fold | None = facts.__dict__.get(FOLD)
    # By identity: by value, two rulebooks would be compared step by step.
    fits = known is not None and known.book is book and known.calendar is calendar
    return known if fits else None


def remember(facts: CaseFacts, fold: Fold) -> None:
    """Beside the fields of what is frozen: it neither counts for equality nor is copied."""
    facts.__dict__[FOLD] = fold


def forget(facts: CaseFacts) -> Fold | None:
    """Take out what was remembered, for a caller that changes it."""
    known: Fold | None = facts.__dict__.pop(FOLD, None)
    return known
