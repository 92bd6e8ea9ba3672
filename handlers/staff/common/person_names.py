"""Names as people type them."""

import re

from domain.writing.names import tidy

SHORTEST, LONGEST = 2, 40
BETWEEN = set(" ·.'’-")
NUMBER = re.compile(r"^[(（]?\d{1,3}[.．、)）:：]?\s*")
"""Before a name of a list, as people number them."""
LONG_NUMBER = re.compile(r"\d{6,}[Xx]?")
"""Of an identity card or a telephone: neither is kept or said again."""
APART = re.compile(r"[\n、，,;；\t]+")
"""Between the names of a list."""


def name_of(text: str | None) -> str | None:
    """A person's name as it is stored, or None for anything else; an identity number is never
    one, nor are several lines, which `tidy` would join to a name that nobody has."""
    if "\n" in (text or "").strip():
        return None
    name = tidy(text or "")
    if not SHORTEST <= len(name) <= LONGEST:
        return None
    return name if all(char.isalpha() or char in BETWEEN for char in name) else None


def names_of(text: str) -> list[str]:
    """What a list of names holds, one after the other, without the numbers before them; not looked
    at whether each is a name."""
    parts = (LONG_NUMBER.sub("×××", part.strip()) for part in APART.split(text))
    bare = (NUMBER.sub("", part).strip() for part in parts)
    return [part for part in bare if part]
