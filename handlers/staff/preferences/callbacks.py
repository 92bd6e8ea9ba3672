"""Callback data of a person's settings."""

from aiogram.filters.callback_data import CallbackData


class Speak(CallbackData, prefix="n"):
    language: str


class Morning(CallbackData, prefix="j"):
    """When the day's reminders come: minutes after midnight."""

    minutes: int


class Quiet(CallbackData, prefix="y"):
    """When nothing is said: minutes after midnight; twice 0 means never."""

    start: int
    end: int


class WeekOff(CallbackData, prefix="wo"):
    """How the branch stands isn't sent each week any more."""


class WeekOn(CallbackData, prefix="wi"):
    """It is again."""


class Later(CallbackData, prefix="zl"):
    """Say nothing of a step for some days; without `days` ask for how many."""

    case: str
    step: str
    days: int = 0
