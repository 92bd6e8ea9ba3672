"""Reads a rulebook from its TOML files, or refuses it with file, key and reason."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.combine import combine
from domain.consistency import contradictions
from domain.schema import Rulebook

FOLDER = Path(__file__).parent / "rulebook"
_ADAPTER = TypeAdapter(Rulebook)


class RulebookError(Exception):
    """A rulebook file that can't be used: which file, which key, and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason


@cache
def load(profile: str = "yakeshi", folder: Path | None = None) -> Rulebook:
    """The rulebook `profile`, with everything it extends. Raises RulebookError."""
    file = f"{profile}.toml"
    raw = _read(folder or FOLDER, file)
    core = raw.get("extends")
    if core is None:
        return _checked(file, _build(file, raw))
    if not isinstance(core, str):
        raise RulebookError(file, "extends", "expected the name of a rulebook")
    base = load(core, folder)
    try:
        return _checked(
            file, _build(file, combine(_read(folder or FOLDER, f"{core}.toml"), raw)), base
        )
    except KeyError as missing:
        raise RulebookError(file, str(missing.args[0]), "no such step in what it extends") from None


def _read(folder: Path, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / file).read_text("utf-8"))
    except FileNotFoundError:
        raise RulebookError(file, "-", "there is no such file") from None
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(file, "-", f"not valid TOML: {error}") from None


def _build(file: str, raw: dict[str, Any]) -> Rulebook:
    try:
        book = _ADAPTER.validate_python(_prepared(raw))
    except ValidationError as error:
        first = error.errors()[0]
        raise RulebookError(file, _path(raw, first["loc"]), first["msg"]) from None
    by_id = {step.id: step for step in book.steps}
    object.__setattr__(book, "by_id", by_id)
    return book


def _prepared(raw: Mapping[str, Any]) -> dict[str, Any]:
    """`shown_if = {field, is}` becomes the pair that the schema holds."""
    steps = []
    for step in raw.get("steps", ()):
        fields = []
        for field in step.get("fields", ()):
            shown = field.get("shown_if")
            if isinstance(shown, dict) and shown.keys() == {"field", "is"}:
                field = {**field, "shown_if": (shown["field"], tuple(shown["is"]))}
            fields.append(field)
        steps.append({**step, "fields": fields})
    return {**raw, "steps": steps}


def _path(raw: Mapping[str, Any], location: Iterable[int | str]) -> str:
    """A key as its author knows it: steps[15].fields[held_on].label.zh."""
    here: Any = raw
    words = []
    for part in location:
        if isinstance(part, int) and isinstance(here, list | tuple) and part < len(here):
            here = here[part]
            name = here.get("id", part) if isinstance(here, dict) else part
            words.append(f"[{name}]")
        else:
            here = here.get(part) if isinstance(here, dict) else None
            words.append(f".{part}")
    return "".join(words).lstrip(".") or "-"


def _checked(file: str, book: Rulebook, base: Rulebook | None = None) -> Rulebook:
    for key, reason in contradictions(book, base):
        raise RulebookError(file, key, reason)
    return book
