"""The articles of the national text, each with its subject in a few words of our own."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from domain.rulebook.kinds import Text

FILE = Path(__file__).with_name("articles.toml")


@dataclass(frozen=True)
class Article:
    """`words`: one of them stands in every rule that cites it. `known`: whence the subject is."""

    number: int
    subject: Text
    words: tuple[str, ...]
    known: str


def articles() -> dict[int, Article]:
    """By number."""
    rows = tomllib.loads(FILE.read_text("utf-8"))["articles"]
    found = (
        Article(row["number"], Text(**row["subject"]), tuple(row.get("words", ())), row["known"])
        for row in rows
    )
    return {item.number: item for item in found}


def cited(source: str) -> tuple[int, ...]:
    """The articles that a source names: `N19 N20` are 19 and 20."""
    return tuple(int(number) for number in re.findall(r"\bN(\d+)\b", source))
