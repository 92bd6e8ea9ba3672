"""Callback data of a person's settings."""

from aiogram.filters.callback_data import CallbackData


class SpeakCallback(CallbackData, prefix="n"):
    language: str


class MorningCallback(CallbackData, prefix="j"):
    """When the day's reminders come: minutes after midnight."""

    minutes: int


class QuietCallback(CallbackData, prefix="y"):
    """When nothing is said: minutes after midnight; twice 0 means never."""

    start: int
    end: int


class WeekOffCallback(CallbackData, prefix="wo"):
    """How the branch stands isn't sent each week any more."""


class WeekOnCallback(CallbackData, prefix="wi"):
    """It is again."""


class LaterCallback(CallbackData, prefix="zl"):
    """Say nothing of a step for some days; without `days` ask for how many."""

    case: str
    step: str
    days: int = 0
