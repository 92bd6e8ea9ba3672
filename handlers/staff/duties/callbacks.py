"""Callback data of yearly duties."""

from aiogram.filters.callback_data import CallbackData


class YearlyDutyCallback(CallbackData, prefix="dy"):
    """A duty of an organisation, of the year that is open."""

    duty: str
    organisation: str


class TickDutyCallback(CallbackData, prefix="dt"):
    """It is done."""

    duty: str
    organisation: str
