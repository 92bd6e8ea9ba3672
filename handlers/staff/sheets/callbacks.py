"""Callback data of sheets."""

from aiogram.filters.callback_data import CallbackData


class Members(CallbackData, prefix="sm"):
    """The roster of members as a sheet."""


class Confirm(CallbackData, prefix="sc"):
    """Take a staged sheet over."""

    sheet: str


class Undo(CallbackData, prefix="su"):
    """Take back what a sheet has brought."""

    sheet: str
