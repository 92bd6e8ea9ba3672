"""What a citizen's message brings: a file, text of their own, a message passed on, or words that
are typed where a button has them; those do what the button does.

Whoever reads a screen aloud, or has no buttons to press, writes what it says: 我要反映, or "Make a
report". Taken as the name of somebody or as what happened, it would be read by whoever handles the
report.
"""

from collections.abc import Callable

from telegram import Message
from telegram.ext import filters

from handlers.attachment_texts import recording_in
from services.core.i18n import LANGUAGES, use
from services.intake.invisible_characters import visible


def brings_file(message: Message | None) -> bool:
    if message is None:
        return False
    return bool(message.photo or message.document or recording_in(message))


def text_of(message: Message | None) -> str:
    if message is None or message.forward_origin is not None:
        return ""
    return visible(message.text or "")


def forwarded(message: Message | None) -> bool:
    return message is not None and message.forward_origin is not None


Label = Callable[[], str | tuple[str, ...]]


class TypedWords(filters.MessageFilter):
    """A message that says one of the labels and nothing else, in whichever language: what was on
    the screen isn't known any more."""

    def __init__(self, *labels: Label) -> None:
        super().__init__()
        self.words = _words(labels)

    def filter(self, message: Message) -> bool:
        return bare(text_of(message)) in self.words


def _words(labels: tuple[Label, ...]) -> frozenset[str]:
    found: set[str] = set()
    for language in LANGUAGES:
        with use(language):
            for label in labels:
                shown = label()
                found.update(map(bare, (shown,) if isinstance(shown, str) else shown))
    return frozenset(found)


def bare(said: str) -> str:
    """Letters and digits alone: a full stop or a space more is no other word."""
    return "".join(sign for sign in said.casefold() if sign.isalnum())
