"""Callback data of entries: correcting, reading, signing."""

from aiogram.filters.callback_data import CallbackData


class Sign(CallbackData, prefix="s"):
    entry: str


class OnPaper(CallbackData, prefix="sp"):
    """Who can't be asked has signed an entry on paper."""

    entry: str


class Proof(CallbackData, prefix="a"):
    attachment: str
