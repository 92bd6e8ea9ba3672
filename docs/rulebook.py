"""The format of a rulebook file, made from the types it is read into.

    python -m docs.rulebook write    docs/rulebook.md and rulebook.schema.json
    python -m docs.rulebook check    end with 1 when one is stale, or a key lacks meaning or example

What a key means stands below it in the code, as a docstring; examples are taken from the files
themselves, the shortest there is. Neither can promise what the reader of the files doesn't keep.
"""

import ast
import inspect
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, time
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined

from domain.files.toml import ALIASES, FileModel
from domain.rulebook.layers.profile import Addition
from domain.rulebook.reading.files import (
    CommonFile,
    CoreFile,
    EarlierFile,
    ProfileFile,
    Span,
    WishesTable,
    model_of,
)
from domain.rulebook.reading.reader import FOLDER
from domain.rulebook.schema import Limit, Step

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rulebook.md"
SCHEMA = FOLDER / "rulebook.schema.json"
EXAMPLES = ROOT / "docs" / "examples"
LONGEST = 110
"""Characters of an example; of a longer list the first item is shown."""
MODELS: tuple[type[FileModel], ...] = (CoreFile, ProfileFile, EarlierFile)
PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    bool: "`true` or `false`",
    date: "date",
    time: "time of day",
    Fraction: "fraction in quotes",
}
BY_HAND: Mapping[tuple[type, str], str] = {
    (EarlierFile, "supersedes"): 'supersedes = "national_1990"',
    (Step, "notice_from"): "notice_from = 0",
    (Step, "notice_source"): 'notice_source = "G"',
    (Step, "notice_working_days_source"): 'notice_working_days_source = "G"',
    (Limit, "rolls_over"): "rolls_over = true",
    (ProfileFile, "set"): 'set = { probation_end = "day_before" }',
    (CommonFile, "wishes"): "[wishes]",
    (WishesTable, "digest"): "digest = [10:00:00, 15:00:00]",
    (WishesTable, "quiet"): "quiet = [{ start = 12:00:00, end = 14:00:00 }]",
    (Span, "start"): "start = 12:00:00",
    (Span, "end"): "end = 14:00:00",
    (Addition, "limits"): "[[…limits]]",
    (Addition, "papers"): "[[…papers]]",
    (Addition, "actors"): 'actors = ["organiser"]',
    (Addition, "signed_by"): 'signed_by = ["secretary", "contact"]',
    (Addition, "each_signs"): 'each_signs = ["contact"]',
    (Addition, "notice_working_days"): "notice_working_days = 7",
    (Addition, "gate"): "gate = true",
}
"""Of keys that no file of ours uses."""
HEAD = """# The rulebook, key by key

Made by `python -m docs.rulebook write` from the types that a file is read into; `make check` fails
when it is stale, or when a key has no meaning or no example. `yinlu rules check FILE` says all that
is wrong with a file. [A new city](new-city.md) begins with an empty
one, and [the example city](examples/linhe.toml) is one of forty lines.

A file is TOML. It is a **core** (a national text), a **profile** (has `extends`: a city laid over a
core), or an **earlier text** (has `differs_from`). What doesn't fit is refused with file, key and
reason. Editors check while you type with `#:schema rulebook.schema.json` in the first line
(`domain/rulebook/rulebook.schema.json`). Keys in **bold** have to be there.
"""


@dataclass(frozen=True)
class Key:
    """`owner`: the type that names it; `default`: as a file would write it, "" where there is
    none."""

    owner: type
    name: str
    kind: Any
    needed: bool
    default: str
    meaning: str


@cache
def meanings(table: type) -> Mapping[str, str]:
    """What stands below each attribute of a class."""
    tree = ast.parse(inspect.getsource(table)).body[0]
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for item, below in zip(tree.body, tree.body[1:], strict=False):
        if not (isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[item.target.id] = " ".join(str(below.value.value).split())
    return found


@cache
def keys(table: type) -> tuple[Key, ...]:
    """All keys of a table, those of its own first."""
    hints = get_type_hints(table)
    return tuple(sorted(_keys(table, hints), key=lambda key: key.owner is not table))


def _keys(table: type, hints: Mapping[str, Any]) -> Iterator[Key]:
    for name, default in _defaults(table):
        owner = next(t for t in table.__mro__ if name in inspect.get_annotations(t))
        needed, value = default is MISSING, "" if default is MISSING else _default(default)
        shown = ALIASES.get(name, name)
        yield Key(owner, shown, hints[name], needed, value, meanings(owner).get(name, ""))


def _defaults(table: type) -> Iterator[tuple[str, Any]]:
    if issubclass(table, FileModel):
        for name, field in table.model_fields.items():
            missing = field.is_required()
            value = None if field.default is PydanticUndefined else field.default
            yield name, MISSING if missing else value
    else:
        assert is_dataclass(table)
        yield from ((field.name, field.default) for field in fields(table) if field.init)


def _default(value: Any) -> str:
    if isinstance(value, StrEnum):
        return f'"{value.value}"'
    return toml(value) if isinstance(value, bool | int) else ""


def parts(kind: Any) -> Iterator[Any]:
    """The types in an annotation that aren't containers."""
    if get_origin(kind) in (tuple, Union, UnionType, dict):
        for part in get_args(kind):
            if part not in (NoneType, Ellipsis):
                yield from parts(part)
    else:
        yield kind


def is_table(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, FileModel))


def tables() -> tuple[type, ...]:
    """Every table a file may hold: the files first, then as they are named."""
    found: dict[type, None] = {}
    waiting: list[type] = list(MODELS)
    while waiting:
        table = waiting.pop(0)
        if table in found:
            continue
        found[table] = None
        waiting += [key.owner for key in keys(table)]
        waiting += [kind for key in keys(table) for kind in parts(key.kind) if is_table(kind)]
    return tuple(found)


def spoken(kind: Any) -> str:
    """A type in words."""
    kinds = list(parts(kind))
    said = " or ".join(dict.fromkeys(map(_spoken, kinds)))
    if get_origin(kind) is dict:
        return "table of texts"
    return f"list: {said}" if _is_list(kind) else said


def _is_list(kind: Any) -> bool:
    if get_origin(kind) in (Union, UnionType):
        return any(map(_is_list, get_args(kind)))
    return get_origin(kind) is tuple


def _spoken(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(f"`{item.value}`" for item in kind)
    return f"[{title(kind)}](#{anchor(kind)})" if is_table(kind) else PLAIN[kind]


def title(table: type) -> str:
    name = table.__name__.removesuffix("Table")
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize()


def anchor(table: type) -> str:
    return title(table).lower().replace(" ", "-")


def toml(value: Any) -> str:
    """A value as it would stand in a file, in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value.isoformat() if isinstance(value, date | time) else str(value)


@cache
def examples() -> Mapping[tuple[type, str], str]:
    """The shortest example of each key in the files there are."""
    found = dict(BY_HAND)
    for path in (*sorted(EXAMPLES.glob("*.toml")), *sorted(FOLDER.glob("*.toml"))):
        written = tomllib.loads(path.read_text("utf-8"))
        for key, value in _used(model_of(written), written):
            shown, place = _shown(key.name, value), (key.owner, key.name)
            if place not in found or (value != "-" and len(shown) < len(found[place])):
                found[place] = shown
    return found


def _used(table: type, written: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    for key in keys(table):
        if key.name not in written:
            continue
        value = written[key.name]
        yield key, value
        for kind in filter(is_table, parts(key.kind)):
            for item in value if isinstance(value, list) else [value]:
                yield from _used(kind, item)


def _shown(name: str, value: Any) -> str:
    said = f"{name} = {toml(value)}"
    if len(said) > LONGEST and isinstance(value, list):
        said = f"{name} = [{toml(value[0])}, …]"
    if len(said) > LONGEST:
        return f"[[…{name}]]" if isinstance(value, list) else f"[…{name}]"
    return said


def page() -> str:
    lines = [HEAD]
    for table in tables():
        lines += [f"## {title(table)}", "", " ".join((inspect.getdoc(table) or "").split()), ""]
        own = [key for key in keys(table) if key.owner is table]
        if others := dict.fromkeys(k.owner for k in keys(table) if k.owner is not table):
            named = ", ".join(f"[{title(other)}](#{anchor(other)})" for other in others)
            lines += [f"Also every key of {named}.", ""]
        lines += ["| key | value | meaning | example |", "|---|---|---|---|"]
        lines += [_row(key) for key in own] + [""]
    return "\n".join(lines)


def _row(key: Key) -> str:
    name = f"**`{key.name}`**" if key.needed else f"`{key.name}`"
    kind = spoken(key.kind) + (f"; else `{key.default}`" if key.default else "")
    example = examples().get((key.owner, key.name), "")
    cells = (name, kind, key.meaning, f"`{example}`" if example else "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def schema() -> str:
    """The JSON schema with the same meanings."""
    made = TypeAdapter(CoreFile | ProfileFile | EarlierFile).json_schema()
    for table in tables():
        described = made["$defs"].get(table.__name__)
        if described is None:
            continue
        described["description"] = " ".join((inspect.getdoc(table) or "").split())
        described["additionalProperties"] = False
        for key in keys(table):
            described["properties"][key.name]["description"] = key.meaning
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Rulebook"}
    return json.dumps(head | made, ensure_ascii=False, indent=1) + "\n"


def problems() -> Iterator[str]:
    for table in tables():
        for key in (key for key in keys(table) if key.owner is table):
            if not key.meaning:
                yield f"{table.__name__}.{key.name}: no docstring says what this key means"
            if (table, key.name) not in examples():
                yield f"{table.__name__}.{key.name}: no file of ours has an example of this key"
    for path, made in pages():
        if not path.exists() or path.read_text("utf-8") != made:
            yield f"{path.relative_to(ROOT)}: stale; run python -m docs.rulebook write"


def pages() -> Iterable[tuple[Path, str]]:
    return (PAGE, page()), (SCHEMA, schema())


def main(argv: list[str]) -> int:
    if argv == ["write"]:
        for path, made in pages():
            path.write_text(made, "utf-8")
        return 0
    if argv != ["check"]:
        print("usage: python -m docs.rulebook write | check", file=sys.stderr)
        return 2
    found = list(problems())
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
