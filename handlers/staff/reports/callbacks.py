"""Callback data of reports."""

from aiogram.filters.callback_data import CallbackData


class NoteReportCallback(CallbackData, prefix="rn"):
    """What was found out while a report was checked."""

    report: str


class ReportCallback(CallbackData, prefix="r"):
    report: str


class OpenReportCallback(CallbackData, prefix="o"):
    """Show what it says, for a few minutes."""

    report: str


class InstructCallback(CallbackData, prefix="w"):
    """Name who checks it; without `organiser` ask whom."""

    report: str
    organiser: str = ""


class LinkReportCallback(CallbackData, prefix="rl"):
    """Say whose case it is about."""

    report: str


class DecideReportCallback(CallbackData, prefix="q"):
    report: str


class ReportPapersCallback(CallbackData, prefix="rp"):
    """The papers of a report, to choose one."""

    report: str


class PrintReportCallback(CallbackData, prefix="rq"):
    """The `number`-th paper of a report."""

    report: str
    number: int
