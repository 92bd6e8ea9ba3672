"""Callback data of random checks."""

from aiogram.filters.callback_data import CallbackData


class RandomCheckCallback(CallbackData, prefix="rc"):
    """A random check."""

    check: str


class DrawCheckCallback(CallbackData, prefix="cd"):
    """Draw so many branches of each committee."""

    each: int


class DrawAgainCallback(CallbackData, prefix="ca"):
    """The same draw once more, to see that it gives the same."""

    check: str


class CheckBranchCallback(CallbackData, prefix="cb"):
    """A branch of a check."""

    item: str


class EnterCheckCallback(CallbackData, prefix="ce"):
    """What was found there."""

    item: str


class CirculateCallback(CallbackData, prefix="cc"):
    """Tell the branches what is wanting."""

    check: str


class AnswerCheckCallback(CallbackData, prefix="cw"):
    """What the branch put right."""

    item: str
