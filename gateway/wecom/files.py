"""Files: brought up in pieces over the connection, fetched from an address and opened with a key
of their own."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import ClientSession
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.network import check_address, network, read_whole
from gateway.platform import Refused, Unreachable
from gateway.wecom import wire

PIECE, MOST_PIECES = 512 * 1024, 100
LARGEST = 20 * 1024 * 1024
LARGEST_PICTURE = 2 * 1024 * 1024
"""A larger one goes as a file."""
PICTURES = ("image/jpeg", "image/png")
BLOCK, LONGEST_PAD = 16, 32

Ask = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]


def kind_of(content_type: str, size: int) -> str:
    """How the platform shows it."""
    return "image" if content_type in PICTURES and size <= LARGEST_PICTURE else "file"


async def bring_up(ask: Ask, kind: str, name: str, content: bytes) -> str:
    """The id under which it can be sent for three days. Raises what `ask` raises, and Refused."""
    pieces = [content[at : at + PIECE] for at in range(0, len(content), PIECE)] or [b""]
    if len(pieces) > MOST_PIECES:
        raise Refused("the file is too large")
    # What the platform checks the pieces with; it protects nothing.
    mark = hashlib.md5(content, usedforsecurity=False).hexdigest()
    about = {"type": kind, "filename": name, "total_size": len(content)}
    begun = await ask(wire.UPLOAD_BEGIN, {**about, "total_chunks": len(pieces), "md5": mark})
    upload = {"upload_id": _named(begun, "upload_id")}
    for place, piece in enumerate(pieces):
        told = {"chunk_index": place, "base64_data": b64encode(piece).decode()}
        await ask(wire.UPLOAD_PIECE, {**upload, **told})
    return _named(await ask(wire.UPLOAD_END, upload), "media_id")


def _named(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(f"no {name}")
    return value


async def name_of(session: ClientSession, url: str) -> tuple[str, int]:
    """What the file is called and about how large it is, without fetching it: a message doesn't
    tell. "" and 0 where it can't be had. Raises Refused, Unreachable."""
    check_address(url)
    async with network(), session.get(url) as answer:
        told = answer.content_disposition
        return (told.filename or "" if told else "", answer.content_length or 0)


async def fetch(session: ClientSession, url: str, key: str) -> bytes:
    """Raises Refused where it is gone, too large or was changed, and Unreachable."""
    check_address(url)
    async with network(), session.get(url) as answer:
        if answer.status >= 500:
            raise Unreachable
        if answer.status != 200:
            raise Refused("the file is gone")
        found = await read_whole(answer, LARGEST + LONGEST_PAD)
    return opened(found, key) if key else found


def opened(sealed: bytes, key: str) -> bytes:
    """AES-256-CBC; the first 16 bytes of the key are the IV, padded up to 32. Raises Refused."""
    try:
        secret = b64decode(key + "=" * (-len(key) % 4), validate=True)
        opener = Cipher(algorithms.AES256(secret), modes.CBC(secret[:BLOCK])).decryptor()
        plain = opener.update(sealed) + opener.finalize()
    except ValueError:
        raise Refused("the file was changed on its way") from None
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= min(LONGEST_PAD, len(plain)) or plain[-pad:] != bytes([pad]) * pad:
        raise Refused("the file was changed on its way")
    return plain[:-pad]
