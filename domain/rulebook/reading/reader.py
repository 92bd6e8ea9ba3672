"""Reads a rulebook from its TOML files, or refuses it with file, key and reason."""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from domain.calendar.office_hours import CLOSES, OPENS, USUAL, Choice, lies_within
from domain.files.tables import FileError, Table
from domain.rulebook.layers.earlier_text import NOTHING_OWN, Own, earlier_text
from domain.rulebook.layers.profile import Addition, NotAdvised, extend, insert, interposed
from domain.rulebook.layers.settings import carried_out
from domain.rulebook.reading import parts
from domain.rulebook.reading.rule_parts import limit
from domain.rulebook.schema import DateCheck, Limit, Rulebook, Setting, Step
from domain.rulebook.validation.references import Finding, contradictions
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
        _refuse(file, weakened(book, before, setting))
    _refuse(file, contradictions(book))
    earlier = book.earlier
    return replace(book, earlier=load(earlier.id, folder)) if earlier else book


@cache
def written(profile: str, folder: Path | None = None) -> Rulebook:
    """As it stands in its files, with what only some settings leave in it. Raises FileError."""
    name, _, core = profile.partition("@")
    file = f"{name}.toml"
    table = _read(folder or FOLDER, file)
    extends, own = core or table.string("extends", ""), _own(table)
    differs, supersedes = table.string("differs_from", ""), table.string("supersedes", "")
    if core:
        table.string("extends", "")
    base = _base(table, extends, folder, own if core else NOTHING_OWN) if extends else None
    book = _differing(table, differs, folder, own) if differs else _book(table, base)
    table.close()
    if base is not None:
        _refuse(file, softened(book, base))
        book = replace(book, id=profile)
        supersedes = f"{name}@{base.earlier.id}" if base.earlier else ""
    _refuse(file, contradictions(book))
    return replace(book, earlier=written(supersedes, folder)) if supersedes else book


def _own(table: Table) -> Own:
    if not table.has("own_before"):
        return NOTHING_OWN
    own = table.table("own_before")
    found = Own(own.strings("steps"), own.string("source"))
    own.close()
    return found


def _base(table: Table, extends: str, folder: Path | None, own: Own) -> Rulebook:
    base = _core(extends, folder, own)
    if base.extends:
        raise table.wrong("extends", f"{extends} is a profile itself; a profile extends a core")
    return base


def _core(name: str, folder: Path | None, own: Own) -> Rulebook:
    if not own.steps:
        return written(name, folder)
    table = _read(folder or FOLDER, f"{name}.toml")
    return _differing(table, table.string("differs_from"), folder, own)


def _differing(table: Table, later_name: str, folder: Path | None, own: Own) -> Rulebook:
    """An earlier text, read from the later one. `own`: steps it lacked and a city had."""
    later = _book(_read(folder or FOLDER, f"{later_name}.toml"), None)
    drops = table.strings("drops")
    changes = parts.all_of(table, "changes", parts.change)
    try:
        return earlier_text(
            later,
            id=table.string("id"),
            version=table.string("version"),
            title=table.text("title"),
            in_force=table.value("in_force", date),
            drops=drops,
            changes=changes,
            own=own,
        )
    except KeyError as unknown:
        raise table.wrong("drops", f"there is no such step later: {unknown.args[0]}") from None


def _read(folder: Path, file: str) -> Table:
    path = folder / file if (folder / file).exists() else FOLDER / file
    try:
        return Table(file, "", _parsed(path.read_text("utf-8")))
    except FileNotFoundError:
        raise FileError(file, "-", "there is no such file") from None
    except UnicodeDecodeError:
        raise FileError(file, "-", "not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise FileError(file, "-", f"not valid TOML: {error}") from None


@lru_cache(maxsize=4)
def _parsed(text: str) -> dict[str, Any]:
    """A core is read for itself, for the text before it, and for a city under that. Nobody changes
    what is given: a `Table` uses up a copy."""
    return tomllib.loads(text)


def _book(table: Table, base: Rulebook | None) -> Rulebook:
    """What a profile says comes into force with its core: that is what a case is judged by."""
    steps = _steps(table, base)
    in_force = table.value("in_force", date, base.in_force if base else None)
    return Rulebook(
        id=table.string("id"),
        version=table.string("version"),
        title=table.text("title"),
        in_force=base.in_force if base else in_force,
        stages=(base.stages if base else ()) + parts.all_of(table, "stages", parts.stage),
        steps=steps,
        extends=base.id if base else "",
        findings=(base.findings if base else ()) + parts.all_of(table, "findings", parts.finding),
        plan=(base.plan if base else ()) + parts.all_of(table, "plan", parts.step),
        defects=(base.defects if base else ()) + parts.all_of(table, "defects", parts.requirement),
        put_right=_put_right(table, base),
        report_days=table.number("report_days", base.report_days if base else 0),
        by_id={step.id: step for step in steps},
        settings=_settings(table, base),
        landmarks=(base.landmarks if base else ())
        + parts.all_of(table, "landmarks", parts.landmark),
        principles=(base.principles if base else ())
        + parts.all_of(table, "principles", parts.requirement),
        date_check=_date_check(table, base.date_check if base else DateCheck()),
        wishes=_wishes(table, base.wishes if base else USUAL),
    )


def _put_right(table: Table, base: Rulebook | None) -> Limit | None:
    if not table.has("put_right"):
        return base.put_right if base else None
    found = table.table("put_right")
    made = limit(found)
    found.close()
    return made


def _date_check(table: Table, inherited: DateCheck) -> DateCheck:
    if not table.has("date_check"):
        return inherited
    found = table.table("date_check")
    made = DateCheck(
        found.number("record_within_days", inherited.record_within_days),
        found.number("most_on_one_day", inherited.most_on_one_day),
    )
    found.close()
    return made


def _wishes(table: Table, inherited: Choice) -> Choice:
    """`digest`: times beside the opening; `quiet`: spans, each with `start` and `end`."""
    if not table.has("wishes"):
        return inherited
    found = table.table("wishes")
    digest, quiet = found.times("digest"), parts.all_of(found, "quiet", _span)
    for at in digest:
        if not OPENS <= at < CLOSES:
            raise found.wrong("digest", f"{at} is outside the hours")
    for start, end in quiet:
        if not lies_within(start, end):
            raise found.wrong("quiet", f"{start} to {end} doesn't lie within the hours")
    found.close()
    return Choice(tuple(dict.fromkeys((OPENS, *digest))), (None, *quiet))


def _span(table: Table) -> tuple[time, time]:
    return table.value("start", time), table.value("end", time)


def _settings(table: Table, base: Rulebook | None) -> tuple[Setting, ...]:
    """Those of the core with what a profile sets; a profile has none of its own."""
    if base is None:
        return parts.all_of(table, "settings", parts.setting)
    if not table.has("set"):
        return base.settings
    chosen = table.table("set")
    found = tuple(replace(s, chosen=chosen.string(s.id, s.chosen)) for s in base.settings)
    chosen.close()
    return found


def _steps(table: Table, base: Rulebook | None) -> tuple[Step, ...]:
    if base is None:
        return parts.all_of(table, "steps", parts.step)
    added = parts.all_of(table, "steps", parts.placed(parts.step))
    try:
        steps = insert(base.steps, added)
    except KeyError as unknown:
        raise table.wrong("steps", f"before names no step: {unknown.args[0]}") from None
    for addition in parts.all_of(table, "adds", parts.addition):
        steps = _extended(table, steps, addition)
    return interposed(base.steps, steps)


def _extended(table: Table, steps: tuple[Step, ...], addition: Addition) -> tuple[Step, ...]:
    here = f"adds[{addition.step}]"
    if all(step.id != addition.step for step in steps):
        raise table.wrong(f"{here}.step", "there is no such step in what this profile extends")
    try:
        return tuple(extend(s, addition) if s.id == addition.step else s for s in steps)
    except NotAdvised as limit:
        reason = f"only advice of the core counts from elsewhere, and {limit} isn't"
        raise table.wrong(f"{here}.counts_from", reason) from None
    except KeyError as unknown:
        raise table.wrong(f"{here}.fields", f"there is no field {unknown.args[0]}") from None


def _refuse(file: str, findings: Iterable[Finding]) -> None:
    for key, reason in findings:
        raise FileError(file, key, reason)


__all__ = ["FOLDER", "FileError", "load", "written"]
