"""A list that somebody reads in the chat, as a sheet to hand in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiogram.types import CallbackQuery

from handlers.staff.common.replies import send_file
from handlers.staff.shared import texts as words
from papers.sheets.cells import Cell
from papers.sheets.writing import listed
from services.papers.views import UNSAFE


@dataclass(frozen=True)
class ListFile:
    name: str
    content: bytes


async def send_list(
    query: CallbackQuery,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    today: date,
) -> None:
    """Send rows under a head as a sheet."""
    # In a thread: nobody waits while a long one is packed.
    content = await asyncio.to_thread(listed, title, heads, rows)
    name = f"{title}_{today.isoformat()}.xlsx".translate(UNSAFE)
    await send_file(query, ListFile(name, content), words.rows_of(len(rows)))
