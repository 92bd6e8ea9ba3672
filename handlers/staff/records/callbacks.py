"""Callback data of entries: correcting, reading, signing."""

from aiogram.filters.callback_data import CallbackData


class Sign(CallbackData, prefix="s"):
    entry: str


class Proof(CallbackData, prefix="a"):
    attachment: str
