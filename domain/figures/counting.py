"""In which figures one case counts, from its entries.

A figure is a cell of a year: a short name and a number. Year 0 holds where the person stands now.
Sums of these over many cases are all that statistics need, so that nobody opens a hundred thousand
cases for one number.

Worked example: a woman born in 1998, who handed in her application in 2024 and was admitted on
2026-03-05, counts in

    0     stage.probation 1 · stage.probation.sex.female 1 · stage.probation.born.1998 1
    2024  made.application 1 · made.application.sex.female 1 · made.application.age.30 1 …
    2026  made.probation 1 · made.probation.month.3 1 · made.probation.sex.female 1
          made.probation.age.30 1 · appraisal.admission.held 1 · appraisal.admission.yes 18 …
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.answers import totals_of, with_valid
from domain.case.facts import CaseFacts, Entry
from domain.case.replay import Fold, decisions, fold_of, picked
from domain.rulebook.schema import Body, Division, Effect, Rulebook, Stage, StepKind
from domain.states import Status

Cells = Mapping[str, int]
Years = Mapping[int, Cells]
NOW = 0
"""The year under which it is counted where people stand today."""
UNKNOWN = "unknown"
"""The part of those of whom it wasn't entered."""
APPRAISED = ("present", "valid", "yes")
"""Of an appraisal by people who aren't members."""
OVER = (Status.ENDED, Status.ARCHIVED)


def counted(book: Rulebook, facts: CaseFacts, calendar: WorkCalendar) -> Years:
    """Return what a case counts in, by year and cell."""
    fold = fold_of(book, facts, calendar)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    known = _answers(fold)
    named = [(stage, _entry_of(fold, stage)) for stage in book.stages if stage.called]
    reached = [(stage, entry) for stage, entry in named if entry is not None]
    # Whoever's case is over stands nowhere any more, but still counts in what they became.
    if fold.status not in OVER:
        standing = reached[-1][0].id if reached else book.stages[0].id
        found[NOW].update(_standing(book, known, standing))
        if fold.status is Status.PUT_OFF:
            found[NOW]["put_off"] += 1
    for stage, entry in reached:
        if _taken_here(facts, entry):
            found[entry.done_on.year].update(_made(book, known, stage.id, entry.done_on))
    for entry in fold.taken:
        # What waits for a signature hasn't happened yet.
        happened = fold.unsigned.get(entry.step) is not entry
        if happened and (cells := _entered(book, entry)):
            found[entry.done_on.year].update(cells)
    return {year: dict(cells) for year, cells in found.items() if cells}


def _entry_of(fold: Fold, stage: Stage) -> Entry | None:
    """What made a person what this stage calls them; None where nothing has, yet."""
    if stage.since is None:
        return next((fold.done[s.id] for s in fold.book.steps if s.id in fold.done), None)
    # Where a city asks for a ballot more, the approval alone admits nobody.
    approval = fold.book.approved_by if stage.since in fold.book.approved_by else ()
    if approval and not fold.approved:
        return None
    # A refusal is done as well.
    deciding = (fold.done.get(name) for name in (stage.since, *approval))
    if any(entry and _ends(fold.book, entry) for entry in deciding):
        return None
    return fold.done.get(stage.since)


def _ends(book: Rulebook, entry: Entry) -> bool:
    options = decisions(book.by_id[entry.step], entry.answers)
    return any(option.effect is Effect.END for option in options)


def _taken_here(facts: CaseFacts, entry: Entry) -> bool:
    """Counted by the organisation that admits: what was done elsewhere, before somebody moved in,
    was counted there."""
    return any(one.number == entry.number and one.step == entry.step for one in facts.entries)


def _answers(fold: Fold) -> Mapping[str, object]:
    """By division, what was answered."""
    found: dict[str, object] = {}
    for division in fold.book.divisions:
        step, _, field = division.of.partition(".")
        entry = fold.newest(step)
        found[division.id] = entry.answers.get(field) if entry else None
    return found


def _standing(book: Rulebook, known: Mapping[str, object], stage: str) -> Iterator[str]:
    yield f"stage.{stage}"
    for division in book.divisions:
        answer = known[division.id]
        # The year of birth and no age: that would be another one every year.
        if division.of_age:
            year = answer.year if isinstance(answer, date) else UNKNOWN
            yield f"stage.{stage}.born.{year}"
        else:
            for part in parts_of(division, answer, 0):
                yield f"stage.{stage}.{division.id}.{part}"


def _made(book: Rulebook, known: Mapping[str, object], stage: str, day: date) -> Iterator[str]:
    yield f"made.{stage}"
    yield f"made.{stage}.month.{day.month}"
    parts = {d.id: parts_of(d, known[d.id], day.year) for d in book.divisions}
    # The yearly tables have a row for each occupation: each other part is counted in its row as
    # well.
    row = next((division.id for division in book.divisions if division.rows), None)
    for division, here in parts.items():
        for part in here:
            yield f"made.{stage}.{division}.{part}"
            if row is not None and division != row:
                yield f"made.{stage}.{row}.{parts[row][0]}.{division}.{part}"


def _entered(book: Rulebook, entry: Entry) -> Mapping[str, int]:
    found: dict[str, int] = {}
    step = book.by_id[entry.step]
    if step.kind is StepKind.VISIT:
        found["visit.made"] = 1
    if step.body is Body.MASSES and step.counted:
        found |= _appraised(step.stage, with_valid(totals_of(step, entry.answers)))
    names = book.answers_counted.get(step.id, {})
    # Answers that decide nothing and aren't counted stay sealed.
    for field in step.choices if names or step.deciding else ():
        for option in picked(field, entry.answers):
            for name in names.get(f"{field.id}.{option.id}", ()):
                found[f"figure.{name}"] = 1
            # What the yearly plan strikes out is counted there.
            if option.effect is Effect.END and not step.planned:
                found[f"ended.{option.status or option.id}"] = 1
    return found


def _appraised(stage: str, counts: Mapping[str, int]) -> dict[str, int]:
    kept = {name: counts[name] for name in APPRAISED if name in counts}
    return {f"appraisal.{stage}.held": 1} | {
        f"appraisal.{stage}.{name}": value for name, value in kept.items()
    }


def parts_of(division: Division, answer: object, year: int) -> tuple[str, ...]:
    """Return the parts of a division to which an answer belongs in a year: one, or of a list as
    many as were picked."""
    if answer is None or answer == "":
        return (UNKNOWN,)
    if isinstance(answer, date):
        return (age_part(division, year - answer.year),)
    if isinstance(answer, tuple):
        return tuple(str(item) for item in answer)
    said = str(answer).lower() if isinstance(answer, bool) else str(answer).strip()
    if not division.parts:
        return (said,)
    return (next((p.id for p in division.parts if said in p.any_of or not p.any_of), UNKNOWN),)


def age_part(division: Division, age: int) -> str:
    parts = division.parts
    return next((p.id for p in parts if p.up_to is None or age <= p.up_to), UNKNOWN)
