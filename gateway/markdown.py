"""A text in the markdown of a messenger: each has one of its own, and all leave something out."""

from gateway.decoration import Decoration


class Markdown(Decoration):
    def form(self, kind: str, value: str) -> str:
        if kind != "blockquote":
            return value
        return "\n".join(f"> {line}" for line in value.split("\n"))

    def by_line(self, value: str, sign: str, inside: str = "") -> str:
        """Signs around each line: across a line break they are shown as signs. `inside`: stands
        between the signs and the words."""
        begin, end = sign + inside, inside + sign
        lines = value.split("\n")
        return "\n".join(f"{begin}{line}{end}" if line.strip() else line for line in lines)
