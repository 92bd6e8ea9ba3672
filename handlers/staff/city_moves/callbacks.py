"""Callback data of moves between cities."""

from aiogram.filters.callback_data import CallbackData


class LeaveCallback(CallbackData, prefix="ly"):
    """Send a case to another city."""

    case: str


class ArrivalCallback(CallbackData, prefix="iv"):
    """Somebody who has come from another city."""

    arrival: str


class PlaceCallback(CallbackData, prefix="iq"):
    """Give them to a branch."""

    arrival: str


class AcceptCallback(CallbackData, prefix="ia"):
    """The branch takes them in; nothing of before counts on."""

    arrival: str


class GiveBackCallback(CallbackData, prefix="ir"):
    """They aren't taken in here."""

    arrival: str
