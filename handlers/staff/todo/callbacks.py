"""Callback data of the to-do list."""

from aiogram.filters.callback_data import CallbackData

from handlers.staff.common.destinations import Destination as Destination
from handlers.staff.common.destinations import View as View


class Todo(CallbackData, prefix="t"):
    """A page of what waits for me, counted from 0."""

    page: int
