"""Choosing an organisation out of many, a page at a time."""

from collections.abc import Sequence

from handlers.staff.widgets.buttons import DialogRow, Press

PICK, PAGE = "p", "g"
SHOWN = 8

Choice = tuple[str, str]
"""Id and name of an organisation."""


def place_rows(mark: str, found: Sequence[Choice], page: int) -> list[DialogRow]:
    """A button each, and one that turns to the next page, the first again after the last."""
    count = max(1, -(-len(found) // SHOWN))
    here = min(page, count - 1)
    rows: list[DialogRow] = [
        [(label, Press(mark, PICK, place))]
        for place, label in found[here * SHOWN : (here + 1) * SHOWN]
    ]
    if count > 1:
        rows.append([(f"{here + 1}/{count} ›", Press(mark, PAGE, str((here + 1) % count)))])
    return rows
