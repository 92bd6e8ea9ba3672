"""Callback data of breaches."""

from aiogram.filters.callback_data import CallbackData


class Breaches(CallbackData, prefix="br"):
    page: int = 0


class BreachList(CallbackData, prefix="b4"):
    """All of them as a sheet."""


class Breach(CallbackData, prefix="b1"):
    breach: str


class Treat(CallbackData, prefix="b3"):
    """What was done about a breach, to be written."""

    breach: str


class Assign(CallbackData, prefix="b2"):
    """A breach is this situation of the catalogue; `place` is its place there."""

    breach: str
    place: int
