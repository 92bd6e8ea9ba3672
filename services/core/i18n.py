"""The current language, and the city whose rules are named. Chinese is the source, every other
language a gettext catalog.

Both are context variables, set once per update or message, so that texts need no argument.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from domain.rulebook.schema import City

SOURCE = "zh"
LANGUAGES = (SOURCE, "en")
CATALOGS = Path(__file__).resolve().parents[2] / "locales"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)
_city: ContextVar[City | None] = ContextVar("city", default=None)


def language_of(code: str | None) -> str:
    """Return the language for a messenger's language code ("en-GB", "zh-hans", None)."""
    return "en" if code is not None and code.lower().startswith("en") else SOURCE


def current() -> str:
    return _language.get()


@contextmanager
def use(language: str) -> Iterator[None]:
    """Set the language of all texts made inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def current_city() -> City | None:
    """Return the city whose document and place the texts name; None for the nation's alone."""
    return _city.get()


@contextmanager
def speak(language: str, city: City | None) -> Iterator[None]:
    """Set language and city of all texts made inside the block."""
    token = _city.set(city)
    try:
        with use(language):
            yield
    finally:
        _city.reset(token)


@cache
def _catalog(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    source = CATALOGS / language / "LC_MESSAGES" / "yinlu.po"
    with source.open("rb") as handle:
        catalog = read_po(handle, locale=language)
    # Compiled in memory: a .mo file could lag behind its source (docs/decisions/0003).
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def gettext(text: str) -> str:
    """Return `text` in the current language."""
    return str(_catalog(_language.get()).gettext(text))


def ngettext(singular: str, plural: str, number: int) -> str:
    """As `gettext`, by `number`: English tells one from many, Chinese doesn't."""
    return str(_catalog(_language.get()).ngettext(singular, plural, number))
