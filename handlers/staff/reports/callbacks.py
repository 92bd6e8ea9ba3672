"""Callback data of reports."""

from aiogram.filters.callback_data import CallbackData


class NoteReport(CallbackData, prefix="rn"):
    """What was found out while a report was checked."""

    report: str


class Report(CallbackData, prefix="r"):
    report: str


class OpenReport(CallbackData, prefix="o"):
    """Show what it says, for a few minutes."""

    report: str


class Instruct(CallbackData, prefix="w"):
    """Name who checks it; without `organiser` ask whom."""

    report: str
    organiser: str = ""


class LinkReport(CallbackData, prefix="rl"):
    """Say whose case it is about."""

    report: str


class DecideReport(CallbackData, prefix="q"):
    report: str


class ReportPapers(CallbackData, prefix="rp"):
    """The papers of a report, to choose one."""

    report: str


class PrintReport(CallbackData, prefix="rq"):
    """The `number`-th paper of a report."""

    report: str
    number: int
