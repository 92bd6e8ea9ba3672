"""Callback data of papers."""

from aiogram.filters.callback_data import CallbackData


class StepPapers(CallbackData, prefix="db"):
    """The papers of a step, to choose one."""

    case: str
    step: str


class Paper(CallbackData, prefix="dc"):
    """One paper: the `number`-th of its step."""

    case: str
    step: str
    number: int


class AllPapers(CallbackData, prefix="dd"):
    """All papers of a step in one file."""

    case: str
    step: str


class WholeCase(CallbackData, prefix="de"):
    """The sheet with every step of a case."""

    case: str
