"""All that is wrong with a rulebook file, said at once, for whoever writes one."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.files.toml import FileError, Finding, build_what_fits, parse, read_text
from domain.rulebook.layers.settings import carried_out
from domain.rulebook.reading.files import ProfileFile, model_of
from domain.rulebook.reading.reader import core_of, laid_over
from domain.rulebook.schema import Rulebook
from domain.rulebook.validation.strictness import weakened

STAND_INS = {
    "version": "1",
    "title": {"zh": "-", "en": "-"},
    "document": {"zh": "-", "en": "-"},
    "place": {"zh": "-", "en": "-"},
    "in_force": date(2000, 1, 1),
}
"""Of what is missing, so that the rest can be looked at."""


@dataclass(frozen=True)
class CheckedRulebook:
    """`book`: what was made of it, where anything could be."""

    findings: tuple[Finding, ...]
    book: Rulebook | None


def check(path: Path) -> CheckedRulebook:
    """Check one file; give all that is wrong with it, and the rulebook where one could be made.
    What it extends is looked for beside it, then among our own files."""
    file, name = path.name, path.stem
    try:
        tables = parse(file, read_text(path))
        model = model_of(tables)
        # What is missing is stood in for, so that the rest of the file is checked in the same run.
        stand_ins = {**STAND_INS, "id": name}
        read, wrong, left_out = build_what_fits(tables, model, stand_ins)
        if read is None:
            return CheckedRulebook(wrong, None)
        found, folder = list[Finding](), path.parent
        if isinstance(read, ProfileFile):
            book, _ = laid_over(file, read, read.extends, folder, found)
        else:
            book = core_of(file, read, folder, found)
    except FileError as error:
        return CheckedRulebook(error.findings, None)
    if read.id != name:
        found.append(("id", f"expected the name of the file, {name!r}; found {read.id!r}"))
    if not found:
        book = _carried_out(book, found)
    # Whatever names a part that was left out as wrong would be called wrong for that alone.
    follow = (item for item in found if not _names_any(item, left_out))
    return CheckedRulebook(tuple(dict.fromkeys((*wrong, *follow))), book)


def _carried_out(book: Rulebook, found: list[Finding]) -> Rulebook:
    """With its settings, as a case is led by it."""
    for setting in book.settings:
        before, book = book, carried_out(book, setting)
        found += weakened(book, before, setting)
    return book


def _names_any(found: Finding, names: frozenset[str]) -> bool:
    """What is said of something that was left out follows from the fault that is said already."""
    words = set(re.findall(r"[\w]+", " ".join(found)))
    return bool(words & names)
