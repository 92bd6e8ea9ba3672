"""Callback data of entries: correcting, reading, signing."""

from aiogram.filters.callback_data import CallbackData


class SignCallback(CallbackData, prefix="s"):
    entry: str


class ProofCallback(CallbackData, prefix="a"):
    attachment: str
