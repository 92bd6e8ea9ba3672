"""Passphrases: what is taken for one, and what argon2id makes of it."""

import asyncio
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from gateway.web.web_texts import Problem

LEAST, LONGEST = 12, 128
"""Columns at least, where a Chinese character takes two: twelve letters, or six characters."""
LEAST_DIFFERENT = 5
AT_ONCE, WAITING = 2, 20

Found = TypeVar("Found")


@dataclass(frozen=True)
class Cost:
    """Of one hash: three passes over 64 MiB, as RFC 9106 recommends second, but in one lane, since
    libsodium has no other."""

    operations: int = 3
    memory: int = 64 * 1024 * 1024


class Passphrases:
    """Two at a time: each takes a processor for a while, and its memory."""

    def __init__(self, cost: Cost) -> None:
        self.cost = cost
        self._slots, self._waiting = asyncio.Semaphore(AT_ONCE), 0
        self._nobodys = ""

    async def hashed(self, passphrase: str) -> str:
        """Raises Problem where too many are waiting."""
        return await self._in_turn(lambda: self._hash(_plain(passphrase)))

    async def right(self, passphrase: str, hashed: str) -> bool:
        """`hashed`: "" where there is no such name, which takes as long. Raises Problem where too
        many are waiting."""
        if not self._nobodys:
            self._nobodys = await self.hashed("nobody has this one")
        against = hashed or self._nobodys
        found = await self._in_turn(lambda: _verified(against, _plain(passphrase)))
        return found and bool(hashed)

    async def _in_turn(self, does: Callable[[], Found]) -> Found:
        if self._waiting >= WAITING:
            raise Problem("busy", 503)
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(does)
        finally:
            self._waiting -= 1

    def _hash(self, passphrase: bytes) -> str:
        made = argon2id.str(passphrase, opslimit=self.cost.operations, memlimit=self.cost.memory)
        return made.decode()


def _verified(hashed: str, passphrase: bytes) -> bool:
    try:
        return argon2id.verify(hashed.encode(), passphrase)
    except InvalidkeyError:
        return False


def _plain(passphrase: str) -> bytes:
    """The same however a keyboard writes it: full-width letters, accents in one piece or two."""
    return unicodedata.normalize("NFKC", passphrase).encode(errors="replace")


def check_new(passphrase: str, name: str) -> None:
    """Raises Problem."""
    plain = unicodedata.normalize("NFKC", passphrase)
    if len(plain) > LONGEST:
        raise Problem("long_passphrase")
    wide = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in plain)
    same_as_name = name.casefold() in plain.casefold() and len(plain) - len(name) < LEAST // 2
    if wide < LEAST or len(set(plain)) < LEAST_DIFFERENT or same_as_name:
        raise Problem("weak_passphrase")
