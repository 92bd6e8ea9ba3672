"""Callback data of cases."""

from aiogram.filters.callback_data import CallbackData

from services.sheets.parts import Of


class Cases(CallbackData, prefix="l"):
    page: int
    text: str = ""


class Guide(CallbackData, prefix="k"):
    case: str
    step: str


class EnterClass(CallbackData, prefix="tn"):
    """A training class, to be entered."""


class TrainingClass(CallbackData, prefix="tc"):
    held: str


class Entries(CallbackData, prefix="e"):
    """The entries of a case, to choose one to correct."""

    case: str


class Records(CallbackData, prefix="re"):
    """The entries of a case, to read one."""

    case: str


class Read(CallbackData, prefix="rd"):
    """Read one entry."""

    case: str
    entry: str


class Anytime(CallbackData, prefix="an"):
    """What may be entered of a case whenever it happens."""

    case: str


class Sheet(CallbackData, prefix="so"):
    """The cases of a list as a file."""

    text: str = ""


class Choose(CallbackData, prefix="sf"):
    """Ask of whom a sheet is wanted, at or below an organisation; "" for all within reach."""

    organisation: str = ""


class PartOf(CallbackData, prefix="sl"):
    """A part of the cases as a sheet. `number`, `year`: of a
    figure."""

    of: Of
    number: int = 0
    year: int = 0
    organisation: str = ""


class Papers(CallbackData, prefix="da"):
    """What can be printed of a case."""

    case: str


class StepPapers(CallbackData, prefix="db"):
    """The papers of a step, to choose one."""

    case: str
    step: str


class Way(CallbackData, prefix="gw"):
    """All steps of a case in one picture."""

    case: str


class WayAgain(CallbackData, prefix="gz"):
    """The same picture, as the case stands now."""

    case: str


class Check(CallbackData, prefix="ck"):
    """Check all dates of a case."""

    case: str


class UndoOpening(CallbackData, prefix="zu"):
    """Take out again a case that was just opened; `sure`: asked and confirmed."""

    case: str
    sure: bool = False
