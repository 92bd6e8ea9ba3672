"""Callback data of posts and invitations."""

from aiogram.filters.callback_data import CallbackData

from domain.states import EndReason
from services.people.newcomers import LINK_PRESS


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


class Hotline(CallbackData, prefix="hl"):
    """The number of an organisation: asked for at once where none was ever set."""

    organisation: str


class SetHotline(CallbackData, prefix="hs"):
    organisation: str


class WithdrawHotline(CallbackData, prefix="hw"):
    """`sure`: what holds afterwards was seen."""

    organisation: str
    sure: bool = False


class Revoke(CallbackData, prefix="ur"):
    link: str


class Renew(CallbackData, prefix="uw"):
    link: str


class Invited(CallbackData, prefix="ui"):
    """An open invitation, by its id."""

    link: str


class InviteUnjoined(CallbackData, prefix="un"):
    """A link for each of a branch's introducers and contacts who haven't joined."""

    organisation: str


class PostsPage(CallbackData, prefix="up"):
    page: int


class OpenLink(CallbackData, prefix=LINK_PRESS):
    """Whether a link is for whoever opened it. `token`: what the link carries."""

    token: str
    mine: bool
