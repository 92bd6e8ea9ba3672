"""Words that are typed where a button has them: they do what the button does.

Whoever reads a screen aloud, or has no buttons to press, writes what it says: 我要反映, or "Make a
report". Taken as the name of somebody or as what happened, it would be read by whoever handles the
report.
"""

from collections.abc import Callable

from telegram import Message
from telegram.ext import filters

from handlers.public.chat.incoming import text_of
from services.core.i18n import LANGUAGES, use

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
