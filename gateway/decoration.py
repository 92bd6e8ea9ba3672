"""A text written out with its form, nested, in the signs of whoever shows it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from botapi.markup import MessageEntity, Said

HTML = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "spoiler": "tg-spoiler",
}


class Decoration(ABC):
    """What isn't written otherwise stands there without its form."""

    @abstractmethod
    def quote(self, value: str) -> str:
        """Words, so that no sign of theirs is taken for a form."""

    def link(self, value: str, link: str) -> str:
        return value

    def form(self, kind: str, value: str) -> str:
        return value

    def written(self, said: Said) -> str:
        text = said.plain.encode("utf-16-le")
        entities = sorted(said.entities, key=lambda one: (one.offset, -one.length))
        return "".join(self._pieces(text, entities, 0, len(text) // 2))

    def _pieces(
        self, text: bytes, entities: Sequence[MessageEntity], begin: int, end: int
    ) -> Iterator[str]:
        """From `begin` to `end` in UTF-16 units. What begins within an entity is written within
        it."""
        at = begin
        for place, one in enumerate(entities):
            stop = min(one.offset + one.length, end)
            if one.offset < at or stop <= one.offset:
                continue
            yield self._quoted(text, at, one.offset)
            within = [inner for inner in entities[place + 1 :] if inner.offset < stop]
            yield self._formed(one, "".join(self._pieces(text, within, one.offset, stop)))
            at = stop
        yield self._quoted(text, at, end)

    def _quoted(self, text: bytes, begin: int, end: int) -> str:
        piece = text[2 * begin : 2 * end].decode("utf-16-le", errors="replace")
        return self.quote(piece) if piece else ""

    def _formed(self, entity: MessageEntity, value: str) -> str:
        if entity.type == "text_link":
            return self.link(value, entity.url or "")
        return self.form(entity.type, value)


class Html(Decoration):
    """`tags`: by kind, with their attributes; `attributes`: of links beside their address."""

    def __init__(self, tags: Mapping[str, str] = HTML, attributes: str = "") -> None:
        self.tags, self.attributes = tags, attributes

    def quote(self, value: str) -> str:
        return escape(value, quote=False)

    def link(self, value: str, link: str) -> str:
        return f'<a href="{escape(link)}"{self.attributes}>{value}</a>'

    def form(self, kind: str, value: str) -> str:
        tag = self.tags.get(kind)
        return f"<{tag}>{value}</{tag.split()[0]}>" if tag else value
