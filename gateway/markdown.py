"""A text in the markdown of a messenger: each has one of its own, and all leave something out."""

from datetime import datetime

from aiogram.utils.text_decorations import TextDecoration


class Markdown(TextDecoration):
    """What a messenger can't show stands there without its form."""

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

    def by_line(self, value: str, sign: str, inside: str = "") -> str:
        """Signs around each line: across a line break they are shown as signs. `inside`: stands
        between the signs and the words."""
        begin, end = sign + inside, inside + sign
        lines = value.split("\n")
        return "\n".join(f"{begin}{line}{end}" if line.strip() else line for line in lines)
