"""Callback data of papers."""

from aiogram.filters.callback_data import CallbackData


class PaperCallback(CallbackData, prefix="dc"):
    """One paper: the `number`-th of its step."""

    case: str
    step: str
    number: int


class AllPapersCallback(CallbackData, prefix="dd"):
    """All papers of a step in one file."""

    case: str
    step: str


class SlipsCallback(CallbackData, prefix="df"):
    """The slips of a ballot, with their counting sheet."""

    case: str
    step: str
    number: int


class NoticeSheetCallback(CallbackData, prefix="dg"):
    """A public notice as PDF; as a poster on A3."""

    case: str
    step: str
    poster: bool


class WholeCaseCallback(CallbackData, prefix="de"):
    """The sheet with every step of a case."""

    case: str


class ArchiveCallback(CallbackData, prefix="dz"):
    """Everything of a case, packed for the archive."""

    case: str


class TemplatesCallback(CallbackData, prefix="ya"):
    """The papers whose template an organisation may replace."""

    organisation: str


class TemplateCallback(CallbackData, prefix="yb"):
    """Whose template of a paper holds there."""

    organisation: str
    paper: str


class GetTemplateCallback(CallbackData, prefix="yc"):
    """The template that holds, as a file to change."""

    organisation: str
    paper: str


class GiveTemplateCallback(CallbackData, prefix="yd"):
    """Another template in its place."""

    organisation: str
    paper: str


class DropTemplateCallback(CallbackData, prefix="ye"):
    """The organisation's own is taken back."""

    organisation: str
    paper: str
