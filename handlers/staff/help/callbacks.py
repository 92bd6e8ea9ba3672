"""Callback data of help."""

from aiogram.filters.callback_data import CallbackData


class RolePageCallback(CallbackData, prefix="hp"):
    """The page of one's own roles, to print."""
