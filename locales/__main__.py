"""`python -m locales update` takes new texts into the catalogs; `check` fails when one is missing.

Texts are found in the rooms that speak to people. A translation is missing when it is empty, marked
fuzzy, or has other placeholders than its source.
"""

import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "cells", "sandbox", "handlers", "scheduler", "services")
CATALOG = ROOT / "locales" / "en" / "LC_MESSAGES" / "yinlu.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_n": (1, 2)}


def extracted() -> Catalog:
    """Every text of the rooms, with the file (no line, so that moving code changes nothing)."""
    catalog = Catalog(project="yinlu", charset="utf-8", fuzzy=False)
    for room in ROOMS:
        rows = extract_from_dir(ROOT / room, method_map=[("**.py", "python")], keywords=KEYWORDS)
        for name, _, message, comments, context in rows:
            catalog.add(
                message,
                locations=[(f"{room}/{name}", 0)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def stored() -> Catalog:
    if not CATALOG.exists():
        return Catalog(locale="en", project="yinlu", charset="utf-8", fuzzy=False)
    with CATALOG.open("rb") as handle:
        return read_po(handle, locale="en")


def update() -> None:
    catalog = stored()
    first_written = catalog.creation_date
    # No guesses: a fuzzy translation counts as missing, and would look like one that was made.
    catalog.update(extracted(), no_fuzzy_matching=True, update_header_comment=False)
    # A new date at every run would be a conflict between any two branches.
    catalog.creation_date = first_written
    catalog.obsolete.clear()
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    with CATALOG.open("wb") as handle:
        write_po(
            handle,
            catalog,
            width=100,
            omit_header=False,
            sort_output=True,
            ignore_obsolete=True,
            include_lineno=False,
        )


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _forms(texts: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def wrong(source: Message, translated: Message | None) -> str | None:
    """Why a text can't be said in English, or None."""
    if translated is None or not all(_forms(translated.string or "")):
        return "no translation"
    if translated.fuzzy:
        return "the translation is marked fuzzy"
    expected = set().union(*(placeholders(form) for form in _forms(source.id)))
    for form in _forms(translated.string or ""):
        # One may be left out: the English singular says "a day" without a number.
        if not placeholders(form) <= expected:
            return "the translation has a placeholder that its source lacks"
    return None


def problems() -> Iterator[str]:
    catalog, texts = stored(), extracted()
    for message in texts:
        if message.id and (reason := wrong(message, catalog.get(message.id, message.context))):
            yield f"{message.locations[0][0]}: {_forms(message.id)[0]!r}: {reason}"
    for message in catalog:
        if message.id and texts.get(message.id, message.context) is None:
            yield f"{CATALOG.name}: {_forms(message.id)[0]!r}: no longer in the code"


def check() -> int:
    found = list(problems())
    for line in found:
        print(line, file=sys.stderr)  # noqa: T201
    if found:
        print(f"{len(found)} texts; run: python -m locales update", file=sys.stderr)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check())
    else:
        sys.exit("usage: python -m locales update|check")
