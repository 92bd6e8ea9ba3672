"""Telegram's HTML: what it says in plain text, and what of it may be shown on the page."""

from html import escape
from html.parser import HTMLParser

ALLOWED = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


class UnknownTagError(ValueError):
    """Telegram refuses a message with a tag that it doesn't know."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.plain: list[str] = []
        self.safe: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            raise UnknownTagError(f'Unsupported start tag "{tag}"')
        self.open.append(tag)
        link = dict(attrs).get("href") or ""
        if tag == "a" and link.startswith(("https://", "http://", "tg://")):
            self.safe.append(f'<a href="{escape(link)}" rel="noopener">')
        else:
            self.safe.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise UnknownTagError(f'Unexpected end tag "{tag}"')
        self.safe.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.plain.append(data)
        self.safe.append(escape(data))


def read(text: str, parse_mode: str | None) -> tuple[str, str]:
    """(plain text, HTML that is safe to show). Raises UnknownTagError."""
    if (parse_mode or "").upper() != "HTML":
        return text, escape(text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise UnknownTagError(f'Can\'t find end tag corresponding to start tag "{reader.open[-1]}"')
    return "".join(reader.plain).strip(), "".join(reader.safe).strip()
