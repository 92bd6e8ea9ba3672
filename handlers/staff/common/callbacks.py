"""Callback data that every feature leads to: ids only, 64 bytes at most."""

from aiogram.filters.callback_data import CallbackData

from handlers.staff.common.destinations import Destination, View


class GoCallback(CallbackData, prefix="g"):
    place: Destination


class CardCallback(CallbackData, prefix="c"):
    case: str
    view: View = View.SHORT


class FillCallback(CallbackData, prefix="f"):
    case: str
    step: str


class FixCallback(CallbackData, prefix="x"):
    """Correct an entry."""

    entry: str


class NoticeCodeCallback(CallbackData, prefix="qr"):
    """The QR code of a public notice once more."""

    case: str
    entry: str


class DropCallback(CallbackData, prefix="d"):
    """Throw a draft away."""

    case: str
    step: str


class ToSignCallback(CallbackData, prefix="v"):
    """An entry to read before signing; without `entry` the first that waits for me."""

    case: str
    entry: str = ""


class OnPaperCallback(CallbackData, prefix="sp"):
    """Who can't be asked has signed an entry on paper."""

    entry: str


class ProposeCallback(CallbackData, prefix="pp"):
    """Names for the plan of a year; `case`: this one, whose opinions were just heard."""

    year: int
    case: str = ""


class ForAllCallback(CallbackData, prefix="fa"):
    """Who else an entry may be entered for; `sure`: the names were seen."""

    entry: str
    sure: bool = False
