"""A text as the markdown of WeCom: a small one, which knows no way to write a sign as itself."""

import re
from datetime import datetime

from aiogram.utils.text_decorations import TextDecoration

from botapi.markup import Said

APART = "\u200b"
"""Has no width: between two signs that would be read as one they are shown as written."""
SIGNS = re.compile(r"(?<=\])(?=\()|(?<=<)(?=[@/a-zA-Z])|(?<=\*)(?=\*)|(?<=`)(?=`)|^(?=[#>])", re.M)


class _Markdown(TextDecoration):
    def quote(self, value: str) -> str:
        # Otherwise a name could colour a text, call somebody, or lead somewhere.
        return SIGNS.sub(APART, value)

    def link(self, value: str, link: str) -> str:
        return f"[{value}]({link})"

    def bold(self, value: str) -> str:
        return "\n".join(f"**{line}**" if line.strip() else line for line in value.split("\n"))

    def code(self, value: str) -> str:
        return f"`{value}`"

    def pre(self, value: str) -> str:
        return value

    def pre_language(self, value: str, language: str) -> str:
        return value

    def blockquote(self, value: str) -> str:
        return "\n".join(f"> {line}" for line in value.split("\n"))

    def expandable_blockquote(self, value: str) -> str:
        return self.blockquote(value)

    def italic(self, value: str) -> str:
        return value

    def underline(self, value: str) -> str:
        return value

    def strikethrough(self, value: str) -> str:
        return value

    def spoiler(self, value: str) -> str:
        return value

    def custom_emoji(self, value: str, custom_emoji_id: str) -> str:
        return value

    def date_time(
        self, value: str, unix_time: int | datetime, date_time_format: str | None = None
    ) -> str:
        return value


def written(said: Said) -> str:
    return _Markdown().unparse(said.plain, list(said.entities))
