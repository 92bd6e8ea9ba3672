"""Callback data of meetings."""

from aiogram.filters.callback_data import CallbackData

from domain.rulebook.kinds import Body


class ConveneCallback(CallbackData, prefix="mc"):
    """Choose who is on the agenda of a body's meeting."""

    body: Body
    organisation: str


class MeetingCallback(CallbackData, prefix="mt"):
    meeting: str


class OpenMeetingCallback(CallbackData, prefix="mo"):
    """Count who is there, go through what comes before the vote."""

    meeting: str


class AdjournCallback(CallbackData, prefix="ma"):
    """The rest of the agenda comes before another meeting."""

    meeting: str
    sure: bool = False


class VoteOnCallback(CallbackData, prefix="mv"):
    item: str


class CancelMeetingCallback(CallbackData, prefix="mx"):
    """`sure`: asked once before."""

    meeting: str
    sure: bool = False
