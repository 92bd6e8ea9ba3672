"""Names as people type them."""

from domain.writing.names import tidy

SHORTEST, LONGEST = 2, 40
BETWEEN = set(" ·.'’-")


def name_of(text: str | None) -> str | None:
    """A person's name as it is stored, or None for anything else; an identity number is never
    one."""
    name = tidy(text or "")
    if not SHORTEST <= len(name) <= LONGEST:
        return None
    return name if all(char.isalpha() or char in BETWEEN for char in name) else None
