"""A file of JSON lines that is encrypted as a whole, chunk by chunk, and shows where it ends.

`magic (8) + key id (4) + header (24)`, then chunks: `length (4) + ciphertext`. libsodium's
secretstream orders the chunks and marks the last one, so that none can be changed, moved or left
out.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
)
from nacl.exceptions import CryptoError

from models.crypto import ID_BYTES, KeyProblem, KeyRing

MAGIC = b"yinlu\x00b1"
CHUNK = 256 * 1024
LONGEST = 64 * 1024 * 1024
"""Bytes of one chunk at most: an attachment of 10 MB in base64, and room."""


class BrokenEnvelope(Exception):
    """Not a file of ours, cut short, or changed."""


class EnvelopeWriter:
    """Write lines into a new encrypted file that only this user can read."""

    def __init__(self, path: Path, ring: KeyRing) -> None:
        self.path, self._waiting = path, bytearray()
        self._state = crypto_secretstream_xchacha20poly1305_state()
        header = crypto_secretstream_xchacha20poly1305_init_push(
            self._state, ring.subkey(ring.keys[0], "backup")
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._file.write(MAGIC + ring.ids[0] + header)

    def __enter__(self) -> Self:
        return self

    def write(self, line: dict[str, Any]) -> None:
        self._waiting += json.dumps(line, ensure_ascii=False).encode() + b"\n"
        if len(self._waiting) >= CHUNK:
            self._put(crypto_secretstream_xchacha20poly1305_TAG_MESSAGE)

    def _put(self, tag: int) -> None:
        sealed = crypto_secretstream_xchacha20poly1305_push(
            self._state, bytes(self._waiting), None, tag
        )
        self._waiting.clear()
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            # After an error no last chunk is written: reading the file then says that it was cut.
            if error is None:
                self._put(crypto_secretstream_xchacha20poly1305_TAG_FINAL)
                self._file.flush()
                os.fsync(self._file.fileno())


def read_envelope(path: Path, ring: KeyRing) -> Iterator[dict[str, Any]]:
    """The lines of a file. Raises BrokenEnvelope; KeyProblem where its key isn't in the ring."""
    try:
        with path.open("rb") as file:
            for chunk in _chunks(file, ring):
                # Split bytes, not text: that would break at a U+2028, which a note may hold.
                for line in chunk.splitlines():
                    # As text: of bytes their encoding is guessed first.
                    yield json.loads(line.decode())
    except OSError as error:
        raise BrokenEnvelope(f"can't be read ({error.strerror})") from None


def _chunks(file: BinaryIO, ring: KeyRing) -> Iterator[bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise BrokenEnvelope("expected a file made by `yinlu backup`")
    key_id = file.read(ID_BYTES)
    key = next(
        (key for key, known in zip(ring.keys, ring.ids, strict=True) if known == key_id), None
    )
    if key is None:
        raise KeyProblem(
            f"the backup was made with key {key_id.hex()}, which isn't in the key file. Bring back "
            "the key file of its time. Nothing was changed"
        )
    state = crypto_secretstream_xchacha20poly1305_state()
    header = file.read(crypto_secretstream_xchacha20poly1305_HEADERBYTES)
    last = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
    try:
        crypto_secretstream_xchacha20poly1305_init_pull(state, header, ring.subkey(key, "backup"))
        # Until the tag of the end, not the end of the file: one that was cut between two chunks
        # would pass.
        while last != crypto_secretstream_xchacha20poly1305_TAG_FINAL:
            length = int.from_bytes(file.read(4), "big")
            if not 0 < length <= LONGEST:
                raise BrokenEnvelope("the file was cut short; nothing was restored")
            chunk, last = crypto_secretstream_xchacha20poly1305_pull(state, file.read(length))
            yield chunk
    except (CryptoError, ValueError):
        raise BrokenEnvelope("the file was cut short or changed; nothing was restored") from None
