"""Read the rows of somebody's sheet, in a process of its own: a hostile file finds no key there."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from papers.processes import child_process

WORKER = "papers.sheets.worker"
LONGEST = 30.0
"""Seconds; 5,000 rows take half of one."""
LARGEST = 20 * 1024 * 1024
"""Bytes of a file; the messenger hands larger ones out to no bot."""
REASONS = frozenset({"too_big", "encrypted", "macros", "bomb", "too_long", "broken", "unknown"})


class NotRead(Exception):
    """`reason`: one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason if reason in REASONS else "broken"


@dataclass(frozen=True)
class Raw:
    """A sheet as text, row by row. `merged`: first row, first column, last row, last column."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()


async def read(content: bytes) -> tuple[Raw, ...]:
    """Return the sheets of a file. Raises NotRead."""
    if len(content) > LARGEST:
        raise NotRead("too_big")
    try:
        said = await child_process.ask(WORKER, content, LONGEST)
    except TimeoutError:
        raise NotRead("too_long") from None
    # Read where nobody waits: a long sheet takes some tenths of a second.
    return await asyncio.to_thread(_sheets, said)


def _sheets(said: bytes) -> tuple[Raw, ...]:
    try:
        answer: dict[str, Any] = json.loads(said)
        if "error" in answer:
            raise NotRead(str(answer["error"]))
        return tuple(
            Raw(
                str(one["name"]),
                tuple(tuple(map(str, row)) for row in one["rows"]),
                tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in one["merged"]),
            )
            for one in answer["sheets"]
        )
    except (ValueError, KeyError, TypeError):
        raise NotRead("broken") from None
