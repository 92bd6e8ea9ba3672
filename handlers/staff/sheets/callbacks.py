"""Callback data of sheets."""

from aiogram.filters.callback_data import CallbackData


class MembersCallback(CallbackData, prefix="sm"):
    """The roster of members as a sheet, at or below an organisation."""

    organisation: str = ""


class HelperListCallback(CallbackData, prefix="sh"):
    """Who accompanies whom, at or below an organisation."""

    organisation: str = ""


class OfYearCallback(CallbackData, prefix="sy"):
    """Ask for what people became in a year."""

    year: int
    organisation: str = ""


class BelowCallback(CallbackData, prefix="sb"):
    """Ask at or below which organisation."""

    organisation: str = ""
    page: int = 0


class ConfirmCallback(CallbackData, prefix="sc"):
    """Take a staged sheet over."""

    sheet: str


class UndoCallback(CallbackData, prefix="su"):
    """Take back what a sheet has brought."""

    sheet: str
