"""Callback data of the to-do list."""

from aiogram.filters.callback_data import CallbackData


class Todo(CallbackData, prefix="t"):
    """A page of what waits for me, counted from 0."""

    page: int
