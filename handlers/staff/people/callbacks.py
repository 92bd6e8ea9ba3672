"""Callback data of posts and invitations."""

from aiogram.filters.callback_data import CallbackData

from domain.states import EndReason


class OpenPost(CallbackData, prefix="uo"):
    post: str


class EndPost(CallbackData, prefix="ue"):
    """One choice after the other; with `sure` the post ends. `days`: how many days ago it was given
    up. `successor`: "-" for nobody."""

    post: str
    reason: EndReason | None = None
    days: int | None = None
    successor: str = ""
    sure: bool = False


class TakeBack(CallbackData, prefix="ub"):
    post: str
    sure: bool = False


class LostPhone(CallbackData, prefix="ul"):
    post: str
    sure: bool = False


class SetHotline(CallbackData, prefix="hl"):
    organisation: str


class Revoke(CallbackData, prefix="ur"):
    link: str
