"""What the form of a code did within a day: sent again, it says the same and does nothing.

A browser whose answer was lost sends its form once more. Told that the page is too old, somebody
would write the same letter again. Kept in memory for a day under the form's one-time number and a
keyed hash of its fields, with the sentence alone: a telephone loads its open pages again the next
morning.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_bytes

KEPT = timedelta(hours=24)


@dataclass
class SentForm:
    """One form. `said`: what was answered once it was done, "" before. `lock`: sent twice at once,
    the second waits for what the first comes to."""

    digest: bytes
    since: datetime
    said: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SentForms:
    """`now` gives an aware time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._key = token_bytes(32)
        self._by_number: dict[str, SentForm] = {}

    def of(self, number: str, fields: Sequence[str]) -> SentForm:
        """A form by its number, a new one where its number or its content is new. Only `keep`
        remembers it."""
        limit = self.now() - KEPT
        self._by_number = {n: form for n, form in self._by_number.items() if form.since > limit}
        digest = digest_of(self._key, [text.encode() for text in fields])
        known = self._by_number.get(number)
        return known if known and known.digest == digest else SentForm(digest, self.now())

    def keep(self, number: str, form: SentForm) -> None:
        self._by_number[number] = form

    def drop(self, number: str, form: SentForm) -> None:
        """Forget a form that has done nothing: sent again it is looked at anew."""
        if not form.said and self._by_number.get(number) is form:
            del self._by_number[number]


def digest_of(key: bytes, parts: Sequence[bytes]) -> bytes:
    digest = blake2b(key=key, digest_size=32)
    # Each with its length: moved from one field to another, the same bytes are another form.
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
