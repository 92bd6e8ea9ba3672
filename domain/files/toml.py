"""Reads a TOML file into frozen values, or refuses it with file, key and reason.

What a file may hold is said once, by the types it is read into: pydantic checks them, and this
module turns what it finds into sentences for the author of the file.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

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
    refuse(file, ((_key(tables, place), reason) for place, reason in _no_fractions(tables, ())))
    try:
        made: M = _adapter(model).validate_json(json.dumps(tables, default=_written))
    except ValidationError as errors:
        wrong = [_said(tables, error) for error in errors.errors(include_url=False)]
        raise FileError(file, *wrong[0], more=wrong[1:]) from None
    refuse(file, ((_key(tables, place), reason) for place, reason in _unfit(made, tables, ())))
    return made


@cache
def _adapter(model: type[M]) -> TypeAdapter[M]:
    return TypeAdapter(model)


def _written(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(value)


def _said(tables: Mapping[str, Any], error: Any) -> Finding:
    place, kind = tuple(error["loc"]), str(error["type"])
    key = _key(tables, place)
    if kind.startswith("missing"):
        return key, "is missing"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return key, "unknown key"
    found = error["input"]
    if kind == "enum":
        expected = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return key, f"expected one of {expected}; found {found!r}"
    expected = EXPECTED.get(kind.partition("_")[0], "")
    return key, f"expected {expected}, found {found!r}" if expected else str(error["msg"])


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
