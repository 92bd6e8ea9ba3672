"""Sealing to people who aren't here: anybody can close it, only a holder of a key opens it.

`Sealer` closes for all holders of the department at once: the content once, under a random key,
and that key for each of them. The public process has nothing but a `Sealer` (DESIGN § 6).
"""

import json
import os
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
    """Not sealed to this key, or changed since."""


class WrongPassphrase(Exception):
    """The passphrase doesn't open this key file."""


@dataclass(frozen=True)
class Sealer:
    """`holders`: public keys, 32 bytes each."""

    holders: tuple[bytes, ...]

    def seal(self, plain: bytes) -> bytes:
        key = random(SecretBox.KEY_SIZE)
        sealed = [SealedBox(PublicKey(holder)).encrypt(key) for holder in self.holders]
        head = bytes((VERSION, len(sealed)))
        return head + b"".join(sealed) + bytes(SecretBox(key).encrypt(plain))


@dataclass(frozen=True)
class Opener:
    """`private`: one holder's key, 32 bytes."""

    private: bytes

    def open(self, blob: bytes) -> bytes:
        """Raises CannotOpen."""
        if len(blob) < 2 or blob[0] != VERSION:
            raise CannotOpen("unknown version")
        count, box = blob[1], SealedBox(PrivateKey(self.private))
        body = blob[2 + count * SEALED_KEY :]
        for place in range(count):
            start = 2 + place * SEALED_KEY
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


def write_key_file(path: Path, private: bytes, passphrase: str) -> None:
    """A holder's key under a passphrase, readable by this user only. Raises FileExistsError."""
    salt = random(argon2id.SALTBYTES)
    box = SecretBox(_from_passphrase(passphrase, salt))
    content = {
        "public": b64encode(public_key_of(private)).decode(),
        "salt": b64encode(salt).decode(),
        "sealed": b64encode(bytes(box.encrypt(private))).decode(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)


def read_key_file(path: Path, passphrase: str) -> bytes:
    """Raises WrongPassphrase; OSError where it can't be read."""
    content = json.loads(path.read_text("utf-8"))
    box = SecretBox(_from_passphrase(passphrase, b64decode(content["salt"])))
    try:
        return bytes(box.decrypt(b64decode(content["sealed"])))
    except CryptoError:
        raise WrongPassphrase(str(path)) from None


def _from_passphrase(passphrase: str, salt: bytes) -> bytes:
    return argon2id.kdf(
        SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=OPERATIONS, memlimit=MEMORY
    )


def write_public_keys(keys: Iterable[bytes]) -> str:
    """Public keys as text, one a line."""
    return "".join(f"{b64encode(key).decode()}\n" for key in keys)


def read_public_keys(text: str) -> Sequence[bytes]:
    """Raises ValueError for a line that is none."""
    keys = [b64decode(line, validate=True) for line in text.split()]
    if not keys or any(len(key) != PublicKey.SIZE for key in keys):
        raise ValueError("expected public keys of 32 bytes in base64, one a line")
    return keys
