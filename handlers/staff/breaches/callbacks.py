"""Callback data of breaches."""

from aiogram.filters.callback_data import CallbackData


class BreachesCallback(CallbackData, prefix="br"):
    page: int = 0


class BreachListCallback(CallbackData, prefix="b4"):
    """All of them as a sheet."""


class BreachCallback(CallbackData, prefix="b1"):
    breach: str


class TreatCallback(CallbackData, prefix="b3"):
    """What was done about a breach, to be written."""

    breach: str


class AssignCallback(CallbackData, prefix="b2"):
    """A breach is this situation of the catalogue; `place` is its place there."""

    breach: str
    place: int
