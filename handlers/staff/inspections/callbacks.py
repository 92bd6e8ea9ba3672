"""Callback data of random checks."""

from aiogram.filters.callback_data import CallbackData


class RandomCheck(CallbackData, prefix="rc"):
    """A random check."""

    check: str


class DrawCheck(CallbackData, prefix="cd"):
    """Draw so many branches of each committee."""

    each: int


class DrawAgain(CallbackData, prefix="ca"):
    """The same draw once more, to see that it gives the same."""

    check: str


class CheckBranch(CallbackData, prefix="cb"):
    """A branch of a check."""

    item: str


class EnterCheck(CallbackData, prefix="ce"):
    """What was found there."""

    item: str


class Circulate(CallbackData, prefix="cc"):
    """Tell the branches what is wanting."""

    check: str


class AnswerCheck(CallbackData, prefix="cw"):
    """What the branch put right."""

    item: str
