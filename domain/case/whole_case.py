"""The last look before the archive (把好入口关): all that isn't in order in the whole case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.date_check import check_case
from domain.case.facts import Answers, CaseFacts, Problem, ProblemCode, WholeCase
from domain.case.progress import assess
from domain.case.replay import picked
from domain.rulebook.schema import Option, Rulebook, Step


def whole_case(
    book: Rulebook,
    facts: CaseFacts,
    step: Step,
    today: date,
    calendar: WorkCalendar,
    replaces: int | None = None,
) -> WholeCase | None:
    """What a step that looks back finds in the case before it; None for any other step.
    `replaces`: the number of an entry that is corrected, which finds what stood before it."""
    if not step.looks_back:
        return None
    if replaces is not None:
        # A correction is judged by what its writer could know then.
        entries = tuple(entry for entry in facts.entries if entry.number < replaces)
        facts = replace(facts, entries=entries)
    progress = assess(book, facts, today, calendar)
    found = check_case(book, facts, progress, today, calendar)
    left = (item for item in progress.open if item.call is not None or item.waits_for)
    return WholeCase(
        book,
        tuple(item for item in found if item.binding and item.step != step.id),
        tuple(item for item in left if item.step.id != step.id),
    )


def closed(step: Step, found: WholeCase | None) -> frozenset[str]:
    """The options that what was found leaves no room for."""
    if found is None:
        return frozenset()
    options = (option for item in step.choices for option in item.options)
    return frozenset(option.id for option in options if _closed(option, found))


def left_open(step: Step, found: WholeCase | None) -> Step:
    """The step with the options only that what was found leaves."""
    gone = closed(step, found)
    if not gone:
        return step
    fields = (
        replace(item, options=tuple(o for o in item.options if o.id not in gone))
        for item in step.fields
    )
    return replace(step, fields=tuple(fields))


def unsuited(step: Step, answers: Answers, found: WholeCase | None) -> Iterator[Problem]:
    """A conclusion against what was found: nothing is passed over, nothing made up."""
    for item in step.choices if found else ():
        for option in picked(item, answers):
            if found and _closed(option, found):
                values: dict[str, object] = {"number": found.number}
                code, rule = ProblemCode.WHOLE_CASE, f"whole_{step.id}"
                yield Problem(code, item.id, True, step.source, values, rule)


def _closed(option: Option, found: WholeCase | None) -> bool:
    return found is not None and option.if_clear not in (None, found.clear)
