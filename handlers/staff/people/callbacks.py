"""Callback data of posts and invitations."""

from aiogram.filters.callback_data import CallbackData

from domain.states import EndReason
from services.people.newcomers import LINK_PRESS


class OpenPostCallback(CallbackData, prefix="uo"):
    post: str


class EndPostCallback(CallbackData, prefix="ue"):
    """One choice after the other; with `sure` the post ends. `days`: how many days ago it was given
    up. `successor`: "-" for nobody."""

    post: str
    reason: EndReason | None = None
    days: int | None = None
    successor: str = ""
    sure: bool = False


class TakeBackCallback(CallbackData, prefix="ub"):
    post: str
    sure: bool = False


class LostPhoneCallback(CallbackData, prefix="ul"):
    post: str
    sure: bool = False


class HotlineCallback(CallbackData, prefix="hl"):
    """The number of an organisation: asked for at once where none was ever set."""

    organisation: str


class SetHotlineCallback(CallbackData, prefix="hs"):
    organisation: str


class WithdrawHotlineCallback(CallbackData, prefix="hw"):
    """`sure`: what holds afterwards was seen."""

    organisation: str
    sure: bool = False


class RevokeCallback(CallbackData, prefix="ur"):
    link: str


class RenewCallback(CallbackData, prefix="uw"):
    link: str


class InvitedCallback(CallbackData, prefix="ui"):
    """An open invitation, by its id."""

    link: str


class InviteUnjoinedCallback(CallbackData, prefix="un"):
    """A link for each of a branch's introducers and contacts who haven't joined."""

    organisation: str


class PostsPageCallback(CallbackData, prefix="up"):
    page: int


class OpenLinkCallback(CallbackData, prefix=LINK_PRESS):
    """Whether a link is for whoever opened it. `token`: what the link carries."""

    token: str
    mine: bool
