"""举报电话: the number under which a committee or the department hears objections, and who answers
it (专人负责, G三)."""

import re
import unicodedata
from dataclasses import dataclass

from domain.writing.names import tidy

FEWEST, MOST = 5, 15
"""Digits of a number: 12380 has five, one with its country code at most fifteen."""
SHORTEST, LONGEST = 2, 20
"""Characters of a name."""
NUMBER = re.compile(r"\+?[\d(][\d() -]*\d")


@dataclass(frozen=True)
class Hotline:
    """`phone`: as it is written. `person`: who answers it."""

    phone: str
    person: str

    @property
    def line(self) -> str:
        """As it stands on a notice."""
        return f"{self.phone} {self.person}"


def hotline_in(text: str) -> Hotline | None:
    """Read a line with a number and a name, in either order; None where one is missing or can't be
    one."""
    # Fold full-width signs first: a Chinese keyboard types digits, brackets and the plus so.
    line = " ".join(re.sub(r"[，、；;,：:]", " ", unicodedata.normalize("NFKC", text)).split())
    found = NUMBER.search(line)
    if found is None:
        return None
    phone, rest = found.group(), line[: found.start()] + " " + line[found.end() :]
    person, digits = tidy(rest), sum(sign.isdigit() for sign in phone)
    fits = FEWEST <= digits <= MOST and SHORTEST <= len(person) <= LONGEST
    # Refuse digits left over: of two numbers nobody knows which one is meant.
    if not fits or any(sign.isdigit() for sign in person):
        return None
    return Hotline(phone.strip(), person)
