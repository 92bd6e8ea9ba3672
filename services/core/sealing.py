"""Sealing to people who aren't present: a public key encrypts, only its holder's private one opens.

`Sealer` encrypts for all holders of the department at once: the content once, under a random key,
and that key for each of them. The public process has nothing but a `Sealer` (docs/design.md § 6).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random

VERSION = 1
SEALED_KEY = SecretBox.KEY_SIZE + 48
"""A content key of 32 bytes in a sealed box."""
OPERATIONS, MEMORY = 3, 64 * 1024 * 1024


class CannotOpen(Exception):
    """Sealed to other keys, or changed since: the two look the same."""


class WrongPassphrase(Exception):
    """The passphrase doesn't open this key file."""


@dataclass(frozen=True)
class Sealer:
    """`holders`: public keys, 32 bytes each."""

    holders: tuple[bytes, ...]

    def seal(self, plain: bytes) -> bytes:
        """Return version (1 byte), count (1), a sealed content key per holder, nonce and body.
        Raises ValueError for more than 255 holders."""
        key = random(SecretBox.KEY_SIZE)
        sealed = [SealedBox(PublicKey(holder)).encrypt(key) for holder in self.holders]
        head = bytes((VERSION, len(sealed)))
        return head + b"".join(sealed) + bytes(SecretBox(key).encrypt(plain))


@dataclass(frozen=True)
class Opener:
    """`keys`: of one holder or several, 32 bytes each, a holder's newest first: what was sealed
    before a change of keys stays readable."""

    keys: tuple[bytes, ...]

    def open(self, blob: bytes) -> bytes:
        """Return what was sealed. Raises CannotOpen, also for anything cut short or changed."""
        if len(blob) < 2 or blob[0] != VERSION:
            raise CannotOpen("unknown version")
        count = blob[1]
        starts = range(2, 2 + count * SEALED_KEY, SEALED_KEY)
        body = blob[2 + count * SEALED_KEY :]
        # A sealed box names no recipient, so every key is tried on every box.
        for private in self.keys:
            box = SealedBox(PrivateKey(private))
            for start in starts:
                try:
                    key = box.decrypt(blob[start : start + SEALED_KEY])
                    return bytes(SecretBox(key).decrypt(body))
                except (CryptoError, ValueError):
                    continue
        raise CannotOpen("sealed to other keys, or changed")


def new_private_key() -> bytes:
    return bytes(PrivateKey.generate())


def public_key_of(private: bytes) -> bytes:
    return bytes(PrivateKey(private).public_key)


def key_file(keys: Sequence[bytes], passphrase: str) -> str:
    """Return the text of a key file: a holder's private keys under a passphrase, the newest first;
    that one is sealed to."""
    salt = random(argon2id.SALTBYTES)
    box = SecretBox(_from_passphrase(passphrase, salt))
    content = {
        # Not sealed: the public half is handed on without anybody typing the passphrase.
        "public": b64encode(public_key_of(keys[0])).decode(),
        "salt": b64encode(salt).decode(),
        "sealed": b64encode(bytes(box.encrypt(b"".join(keys)))).decode(),
    }
    return json.dumps(content)


def read_key_file(path: Path, passphrase: str) -> tuple[bytes, ...]:
    """Return the private keys of a key file, the newest first. Raises WrongPassphrase; OSError,
    ValueError or KeyError where the file can't be read."""
    content = json.loads(path.read_text("utf-8"))
    box = SecretBox(_from_passphrase(passphrase, b64decode(content["salt"])))
    try:
        keys = bytes(box.decrypt(b64decode(content["sealed"])))
    except CryptoError:
        raise WrongPassphrase(str(path)) from None
    return tuple(keys[at : at + PrivateKey.SIZE] for at in range(0, len(keys), PrivateKey.SIZE))


def _from_passphrase(passphrase: str, salt: bytes) -> bytes:
    return argon2id.kdf(
        SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=OPERATIONS, memlimit=MEMORY
    )


def write_public_keys(keys: Iterable[bytes]) -> str:
    """Return public keys as text, base64, one a line."""
    return "".join(f"{b64encode(key).decode()}\n" for key in keys)


def read_public_keys(text: str) -> Sequence[bytes]:
    """Read what `write_public_keys` wrote. Raises ValueError for a line that is no key, and for no
    line at all."""
    keys = [b64decode(line, validate=True) for line in text.split()]
    if not keys or any(len(key) != PublicKey.SIZE for key in keys):
        raise ValueError("expected public keys of 32 bytes in base64, one a line")
    return keys
