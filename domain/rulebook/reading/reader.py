"""Reads a rulebook from its TOML files, or refuses it with file, key and reason."""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from domain.calendar.office_hours import CLOSES, OPENS, USUAL, Choice, lies_within
from domain.files.toml import FileError, Finding, build, parse, read_text, refuse
from domain.rulebook.layers import findings
from domain.rulebook.layers.earlier_text import (
    NOTHING_OWN,
    EarlierStep,
    Own,
    as_nobody_asked,
    earlier_text,
)
from domain.rulebook.layers.profile import Addition, NotAdvised, NotOpen, extend, insert, interposed
from domain.rulebook.layers.removal import taken_out
from domain.rulebook.layers.settings import carried_out
from domain.rulebook.reading.files import (
    CommonFile,
    CoreFile,
    DateCheckTable,
    EarlierFile,
    LandmarkTable,
    ProfileFile,
    WishesTable,
    model_of,
)
from domain.rulebook.schema import (
    City,
    DateCheck,
    Figure,
    Landmark,
    Limit,
    OpenPoint,
    Rulebook,
    Step,
)
from domain.rulebook.validation.references import contradictions
from domain.rulebook.validation.strictness import displacing, softened, weakened

FOLDER = Path(__file__).parents[1]


def load(profile: str = "yakeshi", folder: Path | None = None) -> Rulebook:
    """The rulebook `profile`, with everything it extends, its settings carried out, and the text in
    force before it: from `folder`, and what isn't there from here. "yakeshi@national_2014": a city
    under an earlier core. Raises FileError."""
    # A cache tells `folder=None` from a folder that isn't given, and would read all of it twice.
    return _loaded(profile, folder)


@cache
def _loaded(profile: str, folder: Path | None) -> Rulebook:
    book = written(profile, folder)
    file = f"{profile.partition('@')[0]}.toml"
    for setting in book.settings:
        before, book = book, carried_out(book, setting)
        # Most are chosen as the text has it already.
        if book is not before:
            refuse(file, weakened(book, before, setting))
    # Once more: a setting may have taken out what something else names.
    refuse(file, contradictions(book))
    earlier = book.earlier
    # Load it anew: `written` has left the settings of the earlier text undone as well.
    return replace(book, earlier=_loaded(earlier.id, folder)) if earlier else book


@cache
def written(profile: str, folder: Path | None = None) -> Rulebook:
    """Read a rulebook as its files say it, its settings not carried out. Raises FileError."""
    name, _, core = profile.partition("@")
    file = f"{name}.toml"
    read, wrong = _read(folder or FOLDER, file), list[Finding]()
    if isinstance(read, ProfileFile):
        book, base = laid_over(file, read, core or read.extends, folder, wrong)
        # With the core in its name: each entry stores under which of both it was judged.
        book = replace(book, id=profile)
        supersedes = f"{name}@{base.earlier.id}" if base.earlier else ""
    else:
        book, supersedes = core_of(file, read, folder, wrong), read.supersedes
    refuse(file, wrong)
    return replace(book, earlier=written(supersedes, folder)) if supersedes else book


def laid_over(
    file: str, read: ProfileFile, core: str, folder: Path | None, wrong: list[Finding]
) -> tuple[Rulebook, Rulebook]:
    """The profile over a core, and that core. Laid over an earlier text, what a city adds to steps
    that this one hadn't is left out with them. What doesn't fit goes to `wrong`."""
    file_of_core = f"{core}.toml"
    found = _read(folder or FOLDER, file_of_core)
    gone, changes = tuple[str, ...](), tuple[EarlierStep, ...]()
    if isinstance(found, ProfileFile):
        reason = f"{core} is a profile itself; a profile extends a core"
        raise FileError(file, "extends", reason)
    if isinstance(found, EarlierFile):
        # With the steps it hadn't, since the profile adds to them; they are taken out below.
        full = _earlier(file_of_core, found, folder, read.own_before)
        gone = tuple(name for name in found.drops if name not in read.own_before.steps)
        changes = found.changes
        base = replace(taken_out(full, gone), earlier=written(core, folder).earlier)
    else:
        full = base = written(core, folder)
    book = _lacking(_profile(file, read, full, wrong), gone, changes)
    wrong += [*softened(book, base), *contradictions(book)]
    return book, base


def core_of(
    file: str, read: CoreFile | EarlierFile, folder: Path | None, wrong: list[Finding]
) -> Rulebook:
    """A national text by itself. What doesn't fit goes to `wrong`."""
    if isinstance(read, CoreFile):
        book = _core(file, read)
    else:
        full = _earlier(file, read, folder, NOTHING_OWN)
        book = _lacking(full, read.drops, read.changes)
    wrong += contradictions(book)
    return book


def _lacking(book: Rulebook, gone: tuple[str, ...], changes: tuple[EarlierStep, ...]) -> Rulebook:
    """`book` without steps that its text hadn't, kept aside as nobody asked for them."""
    unasked = {name: as_nobody_asked(book.by_id[name], changes) for name in gone}
    return replace(taken_out(book, gone), unasked=unasked)


def _earlier(file: str, read: EarlierFile, folder: Path | None, own: Own) -> Rulebook:
    """An earlier text, read from the later one, still with what it lacked. `own`: of these steps
    those that a city had."""
    later_file = f"{read.differs_from}.toml"
    later = _read(folder or FOLDER, later_file)
    if not isinstance(later, CoreFile):
        raise FileError(file, "differs_from", f"{read.differs_from} is no core")
    core = _core(later_file, later)
    unknown = sorted(set(read.drops) - core.by_id.keys())
    refuse(file, (("drops", f"the later text has no such step: {name}") for name in unknown))
    try:
        return earlier_text(
            core,
            id=read.id,
            version=read.version,
            title=read.title,
            in_force=read.in_force,
            changes=read.changes,
            own=own,
        )
    except KeyError as unknown_rule:
        reason = f"the later text has no such step or rule: {unknown_rule.args[0]}"
        raise FileError(file, "changes", reason) from None


def _read(folder: Path, file: str) -> CoreFile | ProfileFile | EarlierFile:
    path = folder / file if (folder / file).exists() else FOLDER / file
    return _built(file, read_text(path, file))


@lru_cache(maxsize=4)
def _built(file: str, text: str) -> CoreFile | ProfileFile | EarlierFile:
    """A core is read for itself, for the text before it, and for a city under that."""
    tables = parse(file, text)
    return build(file, tables, model_of(tables))


def _core(file: str, read: CoreFile) -> Rulebook:
    steps = findings.asked(read.steps, read.findings)
    return Rulebook(
        id=read.id,
        version=read.version,
        title=read.title,
        in_force=read.in_force,
        stages=read.stages,
        steps=steps,
        findings=read.findings,
        approved_by=read.approved_by,
        plan=read.plan,
        defects=read.defects,
        merits=read.merits,
        duties=read.duties,
        figures=read.figures,
        divisions=read.divisions,
        put_right=read.put_right,
        report_days=read.report_days or 0,
        report_source=read.report_source or "P",
        by_id={step.id: step for step in steps},
        settings=read.settings,
        landmarks=_landmarks(read),
        principles=read.principles,
        date_check=_date_check(read.date_check, DateCheck()),
        wishes=_wishes(file, read.wishes, USUAL),
    )


def _profile(file: str, read: ProfileFile, base: Rulebook, wrong: list[Finding]) -> Rulebook:
    """What a profile says comes into force with its core: that is what a case is judged by."""
    steps = _steps(read, base, wrong)
    return replace(
        base,
        id=read.id,
        version=read.version,
        title=read.title,
        stages=base.stages + read.stages,
        steps=steps,
        extends=base.id,
        city=City(read.document, read.place),
        findings=read.findings or base.findings,
        approved_by=base.approved_by + read.approved_by,
        plan=base.plan + read.plan,
        defects=base.defects + read.defects,
        merits=base.merits + read.merits,
        duties=base.duties + read.duties,
        figures=_figures(base.figures, read.figures),
        divisions=base.divisions + read.divisions,
        put_right=read.put_right or base.put_right,
        report_days=base.report_days if read.report_days is None else read.report_days,
        report_source=base.report_source if read.report_days is None else read.report_source or "G",
        by_id={step.id: step for step in steps},
        settings=_settings(read, base, wrong),
        landmarks=base.landmarks + _landmarks(read),
        principles=base.principles + read.principles,
        date_check=_date_check(read.date_check, base.date_check),
        wishes=_wishes(file, read.wishes, base.wishes),
        earlier=None,
    )


def _figures(core: tuple[Figure, ...], own: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """In the core's order: a city knows more answers that come to the same thing."""
    mine = {figure.id: figure for figure in own}
    kept = tuple(mine.pop(figure.id, figure) for figure in core)
    return kept + tuple(mine.values())


def _landmarks(read: CommonFile) -> tuple[Landmark, ...]:
    return tuple(Landmark(table.after, _limit(table)) for table in read.landmarks)


def _limit(table: LandmarkTable) -> Limit:
    return Limit(**{item.name: getattr(table, item.name) for item in fields(Limit)})


def _date_check(table: DateCheckTable, inherited: DateCheck) -> DateCheck:
    named: dict[str, Any] = {
        "record_within_days": table.record_within_days,
        "most_on_one_day": table.most_on_one_day,
    }
    given = {name: number for name, number in named.items() if number is not None}
    return replace(inherited, **given)


def _wishes(file: str, table: WishesTable | None, inherited: Choice) -> Choice:
    if table is None:
        return inherited
    refuse(file, _outside_hours(table))
    quiet = ((span.start, span.end) for span in table.quiet)
    return Choice(tuple(dict.fromkeys((OPENS, *table.digest))), (None, *quiet))


def _outside_hours(table: WishesTable) -> Iterator[Finding]:
    for at in table.digest:
        if not OPENS <= at < CLOSES:
            yield "wishes.digest", f"{at} is outside the hours"
    for span in table.quiet:
        if not lies_within(span.start, span.end):
            yield "wishes.quiet", f"{span.start} to {span.end} doesn't lie within the hours"


def _settings(read: ProfileFile, base: Rulebook, wrong: list[Finding]) -> tuple[OpenPoint, ...]:
    """Those of the core and its own, with what a profile sets."""
    settings = base.settings + read.settings
    known = [setting.id for setting in settings]
    for name in sorted(read.set.keys() - set(known)):
        wrong.append((f"set.{name}", f"unknown key; expected one of {', '.join(known)}"))
    return tuple(replace(s, chosen=read.set.get(s.id, s.chosen)) for s in settings)


def _steps(read: ProfileFile, base: Rulebook, wrong: list[Finding]) -> tuple[Step, ...]:
    core = _displaced(read, base, wrong)
    steps = core
    for placed in read.steps:
        try:
            steps = insert(steps, [(placed.plain(), placed.before)])
        except KeyError:
            wrong.append((f"steps[{placed.id}].before", f"there is no step {placed.before}"))
            steps = (*steps, placed.plain())
    for addition in read.adds:
        steps = _extended(steps, addition, wrong)
    return interposed(core, steps)


def _displaced(read: ProfileFile, base: Rulebook, wrong: list[Finding]) -> tuple[Step, ...]:
    """The steps of the core under the findings of a profile, without those that its own take the
    place of."""
    refused = list(displacing(read.steps, base))
    wrong += refused
    known = read.findings or base.findings
    names = [] if refused else [step.instead_of for step in read.steps if step.instead_of]
    return findings.left_by(findings.asked(base.steps, known), known, names)


def _extended(
    steps: tuple[Step, ...], addition: Addition, wrong: list[Finding]
) -> tuple[Step, ...]:
    here = f"adds[{addition.step}]"
    longer = addition.notice_days is not None or addition.notice_working_days is not None
    if longer is not bool(addition.notice_source):
        reason = "expected beside a longer notice, and only there: the document that asks for it"
        wrong.append((f"{here}.notice_source", reason))
    if all(step.id != addition.step for step in steps):
        reason = "there is no such step in what this profile extends"
        wrong.append((f"{here}.step", reason))
    try:
        return tuple(extend(s, addition) if s.id == addition.step else s for s in steps)
    except NotAdvised as limit:
        reason = f"only advice of the core counts from elsewhere, and {limit} isn't"
        wrong.append((f"{here}.counts_from", reason))
    except NotOpen as option:
        reason = f"expected an answer of the core that no ballot decides on yet; found {option}"
        wrong.append((f"{here}.verdicts", reason))
    except KeyError as unknown:
        wrong.append((f"{here}.fields", f"there is no field {unknown.args[0]}"))
    return steps


__all__ = ["FOLDER", "FileError", "load", "written"]
