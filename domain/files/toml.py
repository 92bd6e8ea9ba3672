"""Reads a TOML file into frozen values, or refuses it with file, key and reason.

What a file may hold is said once, by the types it is read into: pydantic checks them, and this
module turns what it finds into sentences for the author of the file.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time
from difflib import get_close_matches
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

T = TypeVar("T")
Finding = tuple[str, str]
"""Key and reason."""

ALIASES: Mapping[str, str] = {"any_of": "is", "chosen": "default"}
"""Keys that a file calls otherwise than the code: `is` can't be a name in Python."""

EXPECTED: Mapping[str, str] = {
    "string": "a text in quotes",
    "int": "a whole number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a table",
    "dataclass": "a table",
    "model": "a table",
    "date": "a date such as 2026-05-11",
    "time": "a time such as 08:30:00",
    "fraction": "a fraction such as 1/2",
}
"""By the first word of pydantic's error types."""


OF_NOTHING = re.compile(r"\s*-?\d+\s*/\s*0+\s*", re.ASCII)


class FileModel(BaseModel):
    """A whole file. Its settings hold for every table in it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: ALIASES.get(name, name),
    )


M = TypeVar("M", bound=FileModel)


class FileError(Exception):
    """A file that can't be used: which one, which key, and why. `findings`: all that is wrong with
    it, the first one of which is the message."""

    def __init__(self, file: str, key: str, reason: str, more: Iterable[Finding] = ()) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason
        self.findings: tuple[Finding, ...] = ((key, reason), *more)


def refuse(file: str, findings: Iterable[Finding]) -> None:
    """Raises FileError with all of `findings`, if there are any."""
    found = tuple(dict.fromkeys(findings))
    if found:
        raise FileError(file, *found[0], more=found[1:])


def read_text(path: Path, file: str = "") -> str:
    """Raises FileError where there is no such file or it holds no text."""
    name = file or path.name
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise FileError(name, "-", "there is no such file") from None
    except UnicodeDecodeError:
        raise FileError(name, "-", "not UTF-8") from None
    except OSError as error:
        raise FileError(name, "-", f"can't be read ({error.strerror})") from None


def parse(file: str, content: str) -> dict[str, Any]:
    """The tables of a file, not yet checked. Raises FileError."""
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise FileError(file, "-", f"not valid TOML: {error}") from None


def build(file: str, tables: Mapping[str, Any], model: type[M]) -> M:
    """The tables as `model`. Raises FileError with everything that doesn't fit."""
    # By way of JSON, since pydantic's strict mode takes lists for tuples and tables for dataclasses
    # only there. Numbers, texts and flags stay as strict as the file wrote them.
    made, wrong = _checked(tables, model)
    refuse(file, ((_key(tables, place), reason) for place, reason in wrong))
    assert made is not None
    return made


def build_what_fits(
    tables: Mapping[str, Any], model: type[M], stand_ins: Mapping[str, Any]
) -> tuple[M | None, tuple[Finding, ...], frozenset[str]]:
    """As much of the tables as fits, everything that doesn't, and the ids of what was left out: for
    whoever wants to hear all that is wrong at once. `stand_ins`: values for keys of the whole file
    that are missing. None where nothing can be made of it."""
    left, found, names = deepcopy(dict(tables)), dict[str, str](), set[str]()
    while True:
        made, wrong = _checked(left, model)
        if not wrong:
            return made, tuple(found.items()), frozenset(names)
        for place, reason in wrong:
            found.setdefault(_key(left, place), reason)
        cuts = {_cut(left, place, reason) for place, reason in wrong}
        # From the back: what goes from a list moves what stands behind it.
        for place in sorted(cuts, reverse=True):
            if len(place) == 1 and place[0] not in left and place[0] in stand_ins:
                left[str(place[0])] = stand_ins[str(place[0])]
            elif not _removed(left, place, names):
                return None, tuple(found.items()), frozenset(names)


Place = tuple[str | int, ...]


def _cut(tables: Mapping[str, Any], place: Place, reason: str) -> Place:
    """What has to go: the key, or where that is missing what should have it."""
    if not reason.startswith("is missing"):
        return place
    numbers = [at for at, part in enumerate(place) if isinstance(part, int)]
    if numbers:
        return place[: numbers[-1] + 1]
    return place[:-1] or place


def _removed(tables: Any, place: Place, names: set[str]) -> bool:
    """Whether there was something to remove, or to be removed with something above it."""
    here = tables
    for part in place[:-1]:
        here = _within(here, part)
    last = place[-1]
    gone = _within(here, last)
    if gone is None:
        return len(place) > 1
    if isinstance(gone, dict) and isinstance(last, int):
        names.add(str(gone.get("id", gone.get("step", ""))))
    del here[last]
    return True


def _checked(tables: Mapping[str, Any], model: type[M]) -> tuple[M | None, list[tuple[Place, str]]]:
    """The value, and what doesn't fit by its place."""
    if wrong := list(_no_fractions(tables, ())):
        return None, wrong
    try:
        made: M = _adapter(model).validate_json(json.dumps(tables, default=_written))
    except ValidationError as errors:
        said = (_said(model, error) for error in errors.errors(include_url=False))
        return None, list(said)
    return made, list(_unfit(made, tables, ()))


@cache
def _adapter(model: type[M]) -> TypeAdapter[M]:
    return TypeAdapter(model)


def _written(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(value)


def _said(model: Any, error: Any) -> tuple[Place, str]:
    place, kind = tuple(error["loc"]), str(error["type"])
    if kind.startswith("missing"):
        return place, f"is missing; expected {_expected(_type_at(model, place))}"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _keys_of(_type_at(model, place[:-1]))
        near = get_close_matches(str(place[-1]), known)
        return place, f"unknown key; expected one of {', '.join(near or known)}"
    found = error["input"]
    if kind == "enum":
        expected = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return place, f"expected one of {expected}; found {found!r}"
    expected = EXPECTED.get(kind.partition("_")[0], "")
    return place, f"expected {expected}, found {found!r}" if expected else str(error["msg"])


def _type_at(model: Any, place: Place) -> Any:
    """What the types say of a place in a file: the type of a key, of a list for each of it."""
    here = model
    for part in place:
        if isinstance(part, str):
            name = {v: k for k, v in ALIASES.items()}.get(part, part)
            # A table whose keys are the author's own was unwrapped to what each of them holds.
            here = get_type_hints(here).get(name, here)
        # Unwrap an optional's value, and where the place is a number the items of a list.
        kinds = [kind for kind in get_args(here) if kind not in (NoneType, Ellipsis)]
        while kinds and (isinstance(part, int) or get_origin(here) is not tuple):
            here, part = kinds[-1], ""
            kinds = [kind for kind in get_args(here) if kind not in (NoneType, Ellipsis)]
    return here


def _expected(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return EXPECTED["list"]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(item.value) for item in kind)
    by_type = {str: "string", int: "int", bool: "bool", date: "date", time: "time"}
    return EXPECTED[by_type.get(kind, "fraction" if kind is Fraction else "dict")]


def _keys_of(kind: Any) -> list[str]:
    return [ALIASES.get(name, name) for name, _ in _names(kind)]


def _key(tables: Any, place: tuple[str | int, ...]) -> str:
    """The path as the author knows it, steps[15].fields[held_on].type: a table of a list is named
    by its id, and a plain value of a list by the list."""
    key, here = "", tables
    for part in place:
        here = _within(here, part)
        if isinstance(part, str):
            key += f".{part}" if key else part
        elif isinstance(here, dict):
            key += f"[{here.get('id', here.get('step', part))}]"
        elif key in ("stages", "steps"):
            key += f"[{part}]"
    return key or "-"


def _within(here: Any, part: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(part)
    return here[part] if isinstance(here, list) and isinstance(part, int) else None


def _no_fractions(written: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Any, str]]:
    """No key holds a decimal number, and pydantic fails on a fraction of nothing."""
    if isinstance(written, dict | list):
        parts = written.items() if isinstance(written, dict) else enumerate(written)
        for name, value in parts:
            yield from _no_fractions(value, (*place, name))
    elif isinstance(written, float) or (isinstance(written, str) and OF_NOTHING.fullmatch(written)):
        yield place, f"expected {EXPECTED['fraction']}, found {written!r}"


def _unfit(made: Any, written: Any, place: tuple[str | int, ...]) -> Iterator[tuple[Any, str]]:
    """What no type says: a text that has to be there is empty."""
    if isinstance(made, tuple):
        for number, item in enumerate(made):
            yield from _unfit(item, _within(written, number), (*place, number))
    elif isinstance(made, str):
        if written is not None and not made.strip():
            yield place, "is empty"
    elif isinstance(made, FileModel) or is_dataclass(made):
        kind: Any = type(made)
        for name, optional in _names(kind):
            value, key = getattr(made, name), ALIASES.get(name, name)
            if not (optional and value == ""):
                yield from _unfit(value, _within(written, key), (*place, key))


@cache
def _names(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a type, and whether each may be left out."""
    if issubclass(kind, FileModel):
        return tuple((name, not f.is_required()) for name, f in kind.model_fields.items())
    return tuple((f.name, f.default is not MISSING) for f in fields(kind) if f.init)
