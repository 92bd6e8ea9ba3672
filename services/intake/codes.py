"""The return code: eight characters that a reporter keeps on paper, and the keys derived from them.

Each is one of the 2,048 words of the BIP-39 list in simplified Chinese, 11 bits each: 88 bits. From
the code alone come the key by which a report is found and the key pair to which answers are sealed
(docs/design.md § 6, docs/promises.md P2).
"""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from secrets import choice
from unicodedata import category, normalize, numeric

from mnemonic import Mnemonic
from nacl.public import PrivateKey
from nacl.pwhash import argon2id

LENGTH = 8
OPERATIONS, MEMORY = 3, 64 * 1024 * 1024
"""Cost of one derivation: about a fifth of a second and 64 MiB, for everybody the same."""


class BadCode(ValueError):
    """Not eight characters of the list. `count`: how many of the list were found."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} of {LENGTH} characters")
        self.count = count


@dataclass(frozen=True)
class CodeKeys:
    """`tag` finds the report, `private` opens what was sealed to its reporter, `receipt` stands on
    the proof of filing and in no row."""

    tag: str
    private: PrivateKey
    receipt: str

    @property
    def public(self) -> bytes:
        return bytes(self.private.public_key)


@cache
def characters() -> frozenset[str]:
    return frozenset(Mnemonic("chinese_simplified").wordlist)


@cache
def simplified() -> dict[str, str]:
    """Traditional characters of the list → the simplified ones: BIP-39 has both in one order."""
    pairs = zip(
        Mnemonic("chinese_traditional").wordlist,
        Mnemonic("chinese_simplified").wordlist,
        strict=True,
    )
    return dict(pairs)


def new_code() -> str:
    """Draw a code of eight characters, 88 random bits."""
    ordered = sorted(characters())
    return "".join(choice(ordered) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """Read a code as people write it: in quotes or brackets, numbered, in traditional characters,
    with invisible signs. Eight characters of the list and no other word. Raises BadCode.

    For example 『1.額 2.建 3.漂 4.疊 5.添 6.食 7.創 8.撫』 reads 额建漂叠添食创抚.
    """
    typed = [simplified().get(sign, sign) for sign in normalize("NFKC", text)]
    # Letters are Lo, Ll, Lu …: whatever is a word but no character of the list makes it no code.
    words = [sign for sign in typed if category(sign).startswith("L")]
    if [numeric(sign, 0) for sign in words[::2]] == [*range(1, LENGTH + 1)]:
        # 一、额 二、建 …: the numerals are in the list as well, and stand before every character.
        words = words[1::2]
    known = [sign for sign in words if sign in characters()]
    if len(words) != LENGTH or len(known) != LENGTH:
        raise BadCode(len(known))
    return "".join(words)


def derive(code: str, salt: bytes, pepper: bytes) -> CodeKeys:
    """Derive the keys of a code. `salt`: the installation's, 16 bytes; `pepper`: kept outside the
    database. Takes about a fifth of a second and 64 MiB: call it in a thread."""
    # The pepper is kept elsewhere: a copy of the database alone gives nothing to try codes on.
    secret = argon2id.kdf(64, code.encode() + pepper, salt, opslimit=OPERATIONS, memlimit=MEMORY)
    return CodeKeys(
        tag=_tag(secret[:32], b"yinlu report tag"),
        private=PrivateKey(secret[32:]),
        receipt=_tag(secret[:32], b"yinlu receipt"),
    )


def _tag(secret: bytes, purpose: bytes) -> str:
    # A hash for each purpose: the tag in the row doesn't tell which receipt belongs to it.
    return blake2b(key=secret, digest_size=16, person=purpose).hexdigest()
