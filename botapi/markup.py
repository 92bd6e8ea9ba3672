"""Telegram's HTML: what it says in plain text, with its entities, and what the page may show."""

import re
from dataclasses import dataclass, field, replace
from html import escape, unescape
from typing import Any

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
TOKEN = re.compile(r"<[^>]*>?|[^<]+")
TAG = re.compile(r"<(/?)([\w-]*)([^>]*)>")
HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""")
NAMED = re.compile(r"&(?!lt;|gt;|amp;|quot;|#)")
LINKS = ("https://", "http://", "tg://", "mailto:")
AUTOMATIC = re.compile(r"(?P<bot_command>(?<!\S)/\w{1,32})|(?P<url>https?://\S+)")


class MarkupError(ValueError):
    """Telegram refuses a text that it can't read."""


@dataclass(frozen=True)
class MessageEntity:
    """A stretch of a text and what it is: bold, a command, a link. Counted in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def told(self) -> dict[str, Any]:
        """As JSON, without what isn't there."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Said:
    """A text as people read it. A bot is told `plain` and its `entities`. `html` is safe to show on
    the page: only known tags, without attributes but for links that begin as `LINKS` says, since
    one to javascript: would run there."""

    plain: str = ""
    html: str = ""
    entities: tuple[MessageEntity, ...] = ()


def units(text: str) -> int:
    """Length as Telegram counts offsets, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def from_person(text: str) -> Said:
    """What somebody typed: commands and addresses are marked by the messenger."""
    found = [
        MessageEntity(
            type=str(match.lastgroup),
            offset=units(text[: match.start()]),
            length=units(match.group()),
        )
        for match in AUTOMATIC.finditer(text)
    ]
    return Said(text, escape(text), tuple(found))


@dataclass
class _Open:
    tag: str
    at: int
    link: str = ""


@dataclass
class _Reader:
    source: str
    plain: str = ""
    html: str = ""
    open: list[_Open] = field(default_factory=list)
    entities: list[MessageEntity] = field(default_factory=list)

    def read(self) -> Said:
        for token in TOKEN.finditer(self.source):
            if token.group().startswith("<"):
                self._tag(token.group(), len(self.source[: token.start()].encode()))
            else:
                # Telegram knows four named entities; any other stays as it was typed.
                text = unescape(NAMED.sub("&amp;", token.group()))
                self.plain += text
                self.html += escape(text)
        if self.open:
            tag = self.open[-1].tag
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{tag}"')
        return _trimmed(Said(self.plain, self.html, tuple(self.entities)))

    def _tag(self, token: str, offset: int) -> None:
        found = TAG.fullmatch(token)
        if found is None:
            raise MarkupError(f"Unclosed start tag at byte offset {offset}")
        closing, name, attributes = found.groups()
        if closing:
            self._close(name.lower(), offset)
        elif name.lower() in KINDS:
            self._begin(name.lower(), attributes)
        else:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {offset}')

    def _begin(self, tag: str, attributes: str) -> None:
        found = HREF.search(attributes) if tag == "a" else None
        link = unescape(found.group(1)) if found else ""
        # A link to javascript: would run in the page; its words stay as plain text.
        safe = link if link.startswith(LINKS) else ""
        self.open.append(_Open(tag, units(self.plain), safe))
        self.html += f'<a href="{escape(safe)}" rel="noopener">' if safe else f"<{tag}>"

    def _close(self, tag: str, offset: int) -> None:
        if not self.open:
            raise MarkupError(f"Unexpected end tag at byte offset {offset}")
        begun = self.open.pop()
        if begun.tag != tag:
            raise MarkupError(
                f'Unmatched end tag at byte offset {offset}, expected "</{begun.tag}>", '
                f'found "</{tag}>"'
            )
        self.html += f"</{tag}>"
        length = units(self.plain) - begun.at
        # Telegram drops an entity without characters, and a link without an address.
        if length and (tag != "a" or begun.link):
            kind, link = KINDS[tag], begun.link or None
            self.entities.append(MessageEntity(type=kind, offset=begun.at, length=length, url=link))


def _trimmed(said: Said) -> Said:
    """Telegram drops blanks around a text, and moves its entities along."""
    front = units(said.plain) - units(said.plain.lstrip())
    plain = said.plain.strip()
    moved: list[MessageEntity] = []
    # Outer ones first, as Telegram lists them: readers build their tree from that order.
    for entity in sorted(said.entities, key=lambda one: (one.offset, -one.length)):
        start = max(entity.offset - front, 0)
        end = min(entity.offset + entity.length - front, units(plain))
        if end > start:
            moved.append(replace(entity, offset=start, length=end - start))
    return Said(plain, said.html.strip(), tuple(moved))


def read(text: str, parse_mode: str | None) -> Said:
    """Raises MarkupError."""
    mode = (parse_mode or "").upper()
    if mode == "HTML":
        return _Reader(text).read()
    if mode:
        raise MarkupError(f"{parse_mode} isn't read by this local messenger, use HTML")
    return _trimmed(Said(text, escape(text)))
