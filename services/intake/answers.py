"""Answers to reporters: sealed to the code, so that nobody else reads them, and signed, so that
nobody else writes them.

To seal needs nothing but the public key in the report's row: whoever can write that database could
put words of their own there. The signing key follows from the staff side's keys; the public process
has its public half in a file (docs/decisions/0034).
"""

import json
from base64 import b64decode, b64encode
from binascii import Error

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from models.crypto import KeyRing
from services.intake.binding import packed


def signing_key(ring: KeyRing) -> SigningKey:
    # Of the index key, which is never rotated: an answer has to be read for half a year.
    return SigningKey(ring.subkey(ring.index_key, "yinlu answers"))


def public_half(ring: KeyRing) -> bytes:
    """Return what the public process checks answers with, 32 bytes."""
    return bytes(signing_key(ring).verify_key)


def seal_answer(reply_key: bytes, text: str, place: str, key: SigningKey) -> bytes:
    """Seal an answer to its reporter: only the code opens it, no key of the department. `place`:
    the letter it is, which it can't leave."""
    signature = key.sign(_said(place, text)).signature
    content = {"text": text, "signed": b64encode(signature).decode()}
    return bytes(SealedBox(PublicKey(reply_key)).encrypt(packed(content)))


def open_answer(sealed: bytes, place: str, private: PrivateKey, public: bytes) -> str | None:
    """Return the text of an answer; None where the code doesn't open it, or the department didn't
    write it for this place."""
    try:
        said = json.loads(SealedBox(private).decrypt(sealed))
        text, signature = str(said["text"]), b64decode(said["signed"])
        VerifyKey(public).verify(_said(place, text), signature)
    except (CryptoError, BadSignatureError, ValueError, KeyError, TypeError, Error):
        return None
    return text


def _said(place: str, text: str) -> bytes:
    return f"{place}\n{text}".encode()
