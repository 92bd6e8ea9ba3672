"""The row that turns a list's pages."""

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData

from handlers.staff.common.replies import Row
from services.core.i18n import gettext as _


def turning(page: int, pages: int, to: Callable[[int], CallbackData]) -> Row:
    """Back, where one is, and on; empty where one page holds all. `to`: what leads to a page."""
    if pages <= 1:
        return ()
    row = [(f"{page + 1}/{pages}", to(page))]
    if page > 0:
        row.insert(0, (_("‹ 上一页"), to(page - 1)))
    if page + 1 < pages:
        row.append((_("下一页 ›"), to(page + 1)))
    return row
