"""Read the rows of somebody's sheet, in a process of its own: a hostile file finds no key there."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

WORKER = ("-m", "papers.sheets.worker")
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
    said = await _ask(content)
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


async def _ask(content: bytes) -> bytes:
    # Neither environment nor current folder: nothing of the bot's tokens gets there.
    command = (sys.executable, "-I", *WORKER)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, start_new_session=True
    )
    try:
        async with asyncio.timeout(LONGEST):
            said, _ = await process.communicate(content)
    except TimeoutError:
        raise NotRead("too_long") from None
    except (BrokenPipeError, ConnectionResetError):
        raise NotRead("broken") from None
    finally:
        # Also when cancelled: else the process would go on with the stranger's file.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return said
