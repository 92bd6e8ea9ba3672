"""A text as the rich text of a card (JSON 2.0), where a sign is written as itself by its number."""

import re
from urllib.parse import quote, urlsplit

from botapi.markup import Said
from gateway.markdown import Markdown

APART = "\u200b"
"""Has no width: bold signs beside a Chinese bracket or colon would be shown as signs."""
SIGNS = re.compile(r"[&<>*_~`\[\]()#+\-=!|\\$:\"']|(?<=\d)\.(?= )|^ {4,}", re.M)
FORMS = {"bold": "**", "italic": "*", "strikethrough": "~~"}
LONGEST = 12_000
"""Bytes: what grows beyond this with signs written as numbers is shown without form."""


class _Rich(Markdown):
    def quote(self, value: str) -> str:
        return SIGNS.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), value)

    def link(self, value: str, link: str) -> str:
        if urlsplit(link).scheme not in ("http", "https"):
            return value
        return f"[{value}]({quote(link, safe=':/?#@!$&*+,;=%-._~')})"

    def form(self, kind: str, value: str) -> str:
        if sign := FORMS.get(kind):
            return self.by_line(value, sign, APART)
        return super().form(kind, value)


def written(said: Said) -> str:
    """ "" where it is better shown as plain text."""
    if not said.entities:
        return ""
    rich = _Rich().written(said)
    return rich if len(rich.encode()) <= LONGEST else ""
