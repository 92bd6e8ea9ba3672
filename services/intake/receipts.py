"""Proof of filing: a line that says "on this day a report was received", signed with Ed25519.

It names no content and nobody. Its tag follows from the code, but is another one than finds the
report: nobody who holds both the line and the database can tell which report it belongs to. Whoever
shows the code beside it can (docs/receipts.md).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

VERSION = "YINLU1"
TAG_CHARACTERS = 32
DOTS = 6
"""Picture dots for each square: the whole is as wide as a phone."""
FILE_NAME = "1.png"
"""Of a receipt kept as a file: says nothing to whoever looks through a phone."""


class BadReceipt(ValueError):
    """`reason`: form | signature."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Receipt:
    """What a receipt says, once its signature was checked."""

    day: date
    tag: str

    def signed(self) -> bytes:
        """The bytes that are signed: the line up to its last full stop."""
        return f"{VERSION}.{self.day.isoformat()}.{self.tag}".encode()


@dataclass(frozen=True)
class Signer:
    """`seed`: 32 bytes."""

    seed: bytes

    @property
    def public(self) -> bytes:
        return bytes(SigningKey(self.seed).verify_key)

    def line(self, receipt: Receipt) -> str:
        """Return the signed line, 137 characters without blanks: VERSION.day.tag.signature."""
        said = receipt.signed()
        signature = SigningKey(self.seed).sign(said).signature
        return f"{said.decode()}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def new_seed() -> bytes:
    return bytes(SigningKey.generate())


def qr(line: str) -> bytes:
    """Return a PNG of a receipt's line, 342 dots wide: nothing else stands in it, neither the code
    nor when it was made."""
    # Not loaded where no picture is drawn.
    import segno

    written = BytesIO()
    segno.make(line, error="m", micro=False).save(written, kind="png", scale=DOTS, border=4)
    return written.getvalue()


def read_receipt(line: str, public: bytes) -> Receipt:
    """Read a receipt and check its signature. `public`: the installation's key, 32 bytes. Raises
    BadReceipt."""
    # Blanks go: a line copied from a chat or from paper is broken somewhere.
    said, _, signature = "".join(line.split()).rpartition(".")
    receipt = _parsed(said)
    try:
        # Pad by two: `line` left the padding off, and more than is missing does no harm.
        VerifyKey(public).verify(said.encode(), urlsafe_b64decode(signature + "=="))
    except (BadSignatureError, ValueError, Error):
        raise BadReceipt("signature") from None
    return receipt


def _parsed(said: str) -> Receipt:
    version, _, rest = said.partition(".")
    day, _, tag = rest.partition(".")
    if version != VERSION or len(tag) != TAG_CHARACTERS:
        raise BadReceipt("form")
    try:
        return Receipt(date.fromisoformat(day), tag)
    except ValueError:
        raise BadReceipt("form") from None
