"""Callback data of the first morning."""

from aiogram.filters.callback_data import CallbackData


class FirstMorningCallback(CallbackData, prefix="fm"):
    """The message of this number, from 2 on; 0 skips the rest."""

    number: int
