"""A text as the markdown of WeCom: a small one, which knows no way to write a sign as itself."""

import re

from botapi.markup import Said
from gateway.markdown import Markdown

APART = "\u200b"
"""Has no width: between two signs that would be read as one they are shown as written."""
SIGNS = re.compile(r"(?<=\])(?=\()|(?<=<)(?=[@/a-zA-Z])|(?<=\*)(?=\*)|(?<=`)(?=`)|^(?=[#>])", re.M)


class _Markdown(Markdown):
    def quote(self, value: str) -> str:
        # Otherwise a name could colour a text, call somebody, or lead somewhere.
        return SIGNS.sub(APART, value)

    def link(self, value: str, link: str) -> str:
        return f"[{value}]({link})"

    def form(self, kind: str, value: str) -> str:
        if kind == "bold":
            return self.by_line(value, "**")
        return f"`{value}`" if kind == "code" else super().form(kind, value)


def written(said: Said) -> str:
    return _Markdown().written(said)
