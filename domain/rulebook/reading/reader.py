"""Reads a rulebook from its TOML files, or refuses it with file, key and reason."""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from domain.calendar.office_hours import CLOSES, OPENS, USUAL, Choice, lies_within
from domain.files.toml import FileError, Finding, build, parse, read_text, refuse
from domain.rulebook.layers.earlier_text import NOTHING_OWN, Own, earlier_text
from domain.rulebook.layers.profile import Addition, NotAdvised, extend, insert, interposed
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
from domain.rulebook.schema import DateCheck, Landmark, Limit, Rulebook, Setting, Step
from domain.rulebook.validation.references import contradictions
from domain.rulebook.validation.strictness import softened, weakened

FOLDER = Path(__file__).parents[1]


@cache
def load(profile: str = "yakeshi", folder: Path | None = None) -> Rulebook:
    """The rulebook `profile`, with everything it extends, its settings carried out, and the text in
    force before it: from `folder`, and what isn't there from here. "yakeshi@national_2014": a city
    under an earlier core. Raises FileError."""
    book = written(profile, folder)
    file = f"{profile.partition('@')[0]}.toml"
    for setting in book.settings:
        before, book = book, carried_out(book, setting)
        refuse(file, weakened(book, before, setting))
    refuse(file, contradictions(book))
    earlier = book.earlier
    return replace(book, earlier=load(earlier.id, folder)) if earlier else book


@cache
def written(profile: str, folder: Path | None = None) -> Rulebook:
    """As it stands in its files, with what only some settings leave in it. Raises FileError."""
    name, _, core = profile.partition("@")
    file = f"{name}.toml"
    read = _read(folder or FOLDER, file)
    if isinstance(read, EarlierFile):
        book, supersedes = _earlier(file, read, folder, NOTHING_OWN), read.supersedes
        refuse(file, contradictions(book))
    elif isinstance(read, CoreFile):
        book, supersedes = _core(file, read), read.supersedes
        refuse(file, contradictions(book))
    else:
        base = _base(file, core or read.extends, folder, read.own_before if core else NOTHING_OWN)
        book = replace(_profile(file, read, base), id=profile)
        refuse(file, [*softened(book, base), *contradictions(book)])
        supersedes = f"{name}@{base.earlier.id}" if base.earlier else ""
    return replace(book, earlier=written(supersedes, folder)) if supersedes else book


def _base(file: str, name: str, folder: Path | None, own: Own) -> Rulebook:
    base = written(name, folder)
    if base.extends:
        reason = f"{name} is a profile itself; a profile extends a core"
        raise FileError(file, "extends", reason)
    if own.steps:
        # The city had some of what the earlier text lacked: those steps stay, as the city's own.
        read = _read(folder or FOLDER, f"{name}.toml")
        if isinstance(read, EarlierFile):
            return _earlier(f"{name}.toml", read, folder, own)
    return base


def _earlier(file: str, read: EarlierFile, folder: Path | None, own: Own) -> Rulebook:
    """An earlier text, read from the later one. `own`: steps it lacked and a city had."""
    later_file = f"{read.differs_from}.toml"
    later = _read(folder or FOLDER, later_file)
    if not isinstance(later, CoreFile):
        raise FileError(file, "differs_from", f"{read.differs_from} is no core")
    try:
        return earlier_text(
            _core(later_file, later),
            id=read.id,
            version=read.version,
            title=read.title,
            in_force=read.in_force,
            drops=read.drops,
            changes=read.changes,
            own=own,
        )
    except KeyError as unknown:
        reason = f"the later text has no such step or rule: {unknown.args[0]}"
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
    return Rulebook(
        id=read.id,
        version=read.version,
        title=read.title,
        in_force=read.in_force,
        stages=read.stages,
        steps=read.steps,
        findings=read.findings,
        approved_by=read.approved_by,
        plan=read.plan,
        defects=read.defects,
        put_right=read.put_right,
        report_days=read.report_days or 0,
        by_id={step.id: step for step in read.steps},
        settings=read.settings,
        landmarks=_landmarks(read),
        principles=read.principles,
        date_check=_date_check(read.date_check, DateCheck()),
        wishes=_wishes(file, read.wishes, USUAL),
    )


def _profile(file: str, read: ProfileFile, base: Rulebook) -> Rulebook:
    """What a profile says comes into force with its core: that is what a case is judged by."""
    steps = _steps(file, read, base)
    return replace(
        base,
        id=read.id,
        version=read.version,
        title=read.title,
        stages=base.stages + read.stages,
        steps=steps,
        extends=base.id,
        findings=base.findings + read.findings,
        approved_by=base.approved_by + read.approved_by,
        plan=base.plan + read.plan,
        defects=base.defects + read.defects,
        put_right=read.put_right or base.put_right,
        report_days=base.report_days if read.report_days is None else read.report_days,
        by_id={step.id: step for step in steps},
        settings=_settings(file, read, base),
        landmarks=base.landmarks + _landmarks(read),
        principles=base.principles + read.principles,
        date_check=_date_check(read.date_check, base.date_check),
        wishes=_wishes(file, read.wishes, base.wishes),
        earlier=None,
    )


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


def _settings(file: str, read: ProfileFile, base: Rulebook) -> tuple[Setting, ...]:
    """Those of the core with what a profile sets; a profile has none of its own."""
    unknown = sorted(read.set.keys() - {setting.id for setting in base.settings})
    refuse(file, ((f"set.{name}", "unknown key") for name in unknown))
    return tuple(replace(s, chosen=read.set.get(s.id, s.chosen)) for s in base.settings)


def _steps(file: str, read: ProfileFile, base: Rulebook) -> tuple[Step, ...]:
    try:
        steps = insert(base.steps, ((step.plain(), step.before) for step in read.steps))
    except KeyError as unknown:
        raise FileError(file, "steps", f"before names no step: {unknown.args[0]}") from None
    for addition in read.adds:
        steps = _extended(file, steps, addition)
    return interposed(base.steps, steps)


def _extended(file: str, steps: tuple[Step, ...], addition: Addition) -> tuple[Step, ...]:
    here = f"adds[{addition.step}]"
    if all(step.id != addition.step for step in steps):
        reason = "there is no such step in what this profile extends"
        raise FileError(file, f"{here}.step", reason)
    try:
        return tuple(extend(s, addition) if s.id == addition.step else s for s in steps)
    except NotAdvised as limit:
        reason = f"only advice of the core counts from elsewhere, and {limit} isn't"
        raise FileError(file, f"{here}.counts_from", reason) from None
    except KeyError as unknown:
        reason = f"there is no field {unknown.args[0]}"
        raise FileError(file, f"{here}.fields", reason) from None


__all__ = ["FOLDER", "FileError", "load", "written"]
