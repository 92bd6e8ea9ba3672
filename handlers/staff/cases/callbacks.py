"""Callback data of cases."""

from aiogram.filters.callback_data import CallbackData

from services.sheets.selection import Of


class CasesCallback(CallbackData, prefix="l"):
    page: int
    text: str = ""


class GuideCallback(CallbackData, prefix="k"):
    case: str
    step: str


class EnterClassCallback(CallbackData, prefix="tn"):
    """A training class, to be entered."""


class TrainingClassCallback(CallbackData, prefix="tc"):
    held: str


class EntriesCallback(CallbackData, prefix="e"):
    """The entries of a case, to choose one to correct."""

    case: str


class RecordsCallback(CallbackData, prefix="re"):
    """The entries of a case, to read one."""

    case: str


class ReadCallback(CallbackData, prefix="rd"):
    """Read one entry."""

    case: str
    entry: str


class AnytimeCallback(CallbackData, prefix="an"):
    """What may be entered of a case whenever it happens."""

    case: str


class SheetCallback(CallbackData, prefix="so"):
    """The cases of a list as a file."""

    text: str = ""


class ChooseCallback(CallbackData, prefix="sf"):
    """Ask of whom a sheet is wanted, at or below an organisation; "" for all within reach."""

    organisation: str = ""


class PartOfCallback(CallbackData, prefix="sl"):
    """A part of the cases as a sheet. `number`, `year`: of a
    figure."""

    of: Of
    number: int = 0
    year: int = 0
    organisation: str = ""


class PapersCallback(CallbackData, prefix="da"):
    """What can be printed of a case."""

    case: str


class StepPapersCallback(CallbackData, prefix="db"):
    """The papers of a step, to choose one."""

    case: str
    step: str


class WayCallback(CallbackData, prefix="gw"):
    """All steps of a case in one picture."""

    case: str


class WayAgainCallback(CallbackData, prefix="gz"):
    """The same picture, as the case stands now."""

    case: str


class CheckCallback(CallbackData, prefix="ck"):
    """Check all dates of a case."""

    case: str


class UndoOpeningCallback(CallbackData, prefix="zu"):
    """Take out again a case that was just opened; `sure`: asked and confirmed."""

    case: str
    sure: bool = False
