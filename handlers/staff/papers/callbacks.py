"""Callback data of papers."""

from aiogram.filters.callback_data import CallbackData


class Paper(CallbackData, prefix="dc"):
    """One paper: the `number`-th of its step."""

    case: str
    step: str
    number: int


class AllPapers(CallbackData, prefix="dd"):
    """All papers of a step in one file."""

    case: str
    step: str


class Slips(CallbackData, prefix="df"):
    """The slips of a ballot, with their counting sheet."""

    case: str
    step: str
    number: int


class NoticeSheet(CallbackData, prefix="dg"):
    """A public notice as PDF; as a poster on A3."""

    case: str
    step: str
    poster: bool


class WholeCase(CallbackData, prefix="de"):
    """The sheet with every step of a case."""

    case: str


class Archive(CallbackData, prefix="dz"):
    """Everything of a case, packed for the archive."""

    case: str


class Templates(CallbackData, prefix="ya"):
    """The papers whose template an organisation may replace."""

    organisation: str


class Template(CallbackData, prefix="yb"):
    """Whose template of a paper holds there."""

    organisation: str
    paper: str


class GetTemplate(CallbackData, prefix="yc"):
    """The template that holds, as a file to change."""

    organisation: str
    paper: str


class GiveTemplate(CallbackData, prefix="yd"):
    """Another template in its place."""

    organisation: str
    paper: str


class DropTemplate(CallbackData, prefix="ye"):
    """The organisation's own is taken back."""

    organisation: str
    paper: str
