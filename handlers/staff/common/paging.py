"""The row that turns a list's pages."""

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData

from handlers.staff.common.replies import Row
from handlers.staff.shared import texts as words


def turning(page: int, pages: int, to: Callable[[int], CallbackData]) -> Row:
    """Back, where one is, and on; empty where one page holds all. `to`: what leads to a page."""
    if pages <= 1:
        return ()
    # The number is a button too: a row of a keyboard holds nothing else.
    row = [(f"{page + 1}/{pages}", to(page))]
    if page > 0:
        row.insert(0, (words.previous_page(), to(page - 1)))
    if page + 1 < pages:
        row.append((words.next_page(), to(page + 1)))
    return row
