"""What goes over the line: a message signed by its sender and sealed to its recipient, and the
receipt that the recipient signs.

Worked example: A sends to B. A signs {id, kind, from A, to B, times, body} and seals content and
signature to B's box key. Whoever reads the line sees a length. B opens it, finds itself as the
recipient (else A's message to C could be handed on), looks up A's card by its mark, checks the
signature, and signs a receipt over sender, recipient, id and content. A checks that with B's key:
nobody but B can say that it arrived, and not of another content.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import VerifyKey

from domain.writing.typed_json import dumps, loads
from services.peers.cards import PeerKeys

VERSION = 1
MESSAGE, RECEIPT = b"yinlu peer message\n", b"yinlu peer receipt\n"
SIGNATURE = 64
MOST = 12 * 2**20
"""Bytes of a message's body as text."""
LARGEST = MOST + 2**16
"""Bytes of a sealed message."""


class Unreadable(Exception):
    """Not sealed to us, cut short, changed, or no message of ours."""


@dataclass(frozen=True)
class Letter:
    """A message as it is signed. `sender`, `recipient`: marks. `queued_at`: when the act was that
    sends it; `sealed_at`: of this try. Aware times."""

    id: str
    kind: str
    sender: str
    recipient: str
    queued_at: datetime
    sealed_at: datetime
    body: Mapping[str, Any]

    @property
    def digest(self) -> bytes:
        """The same for each try of a message, also after its sender has got new keys."""
        said = dumps([self.id, self.kind, self.queued_at, self.body])
        return blake2b(said.encode(), digest_size=32, person=b"yinlu peer body").digest()

    def _receipt(self) -> bytes:
        said = f"{self.sender} {self.recipient} {self.id} ".encode()
        return RECEIPT + said + self.digest

    def receipt(self, keys: PeerKeys) -> bytes:
        """Signed by the recipient."""
        return keys.sign(self._receipt())

    def receipted(self, receipt: bytes, verify: bytes) -> bool:
        """Whether `receipt` is the recipient's, of this message."""
        return _signed(verify, self._receipt(), receipt)


def sealed(letter: Letter, keys: PeerKeys, box: bytes) -> bytes:
    """`keys`: the sender's; `box`: the recipient's public key."""
    content = dumps({"version": VERSION, **vars(letter)}).encode()
    signature = keys.sign(MESSAGE + content)
    return bytes(SealedBox(PublicKey(box)).encrypt(signature + content))


@dataclass(frozen=True)
class Opened:
    """A message that is opened and whose signature isn't checked yet."""

    letter: Letter
    content: bytes
    signature: bytes

    def signed_by(self, verify: bytes) -> bool:
        return _signed(verify, MESSAGE + self.content, self.signature)


def opened(blob: bytes, keys: PeerKeys) -> Opened:
    """Raises Unreadable."""
    try:
        plain = SealedBox(PrivateKey(keys.private)).decrypt(blob)
        content = plain[SIGNATURE:]
        said = loads(content.decode())
        if said.pop("version") != VERSION:
            raise Unreadable
        letter = Letter(**said)
    except (CryptoError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Unreadable from None
    if not _sound(letter):
        raise Unreadable
    return Opened(letter, content, plain[:SIGNATURE])


def _sound(letter: Letter) -> bool:
    """Whether everything is what it should be: who signed it may have made it by hand."""
    texts = letter.id, letter.kind, letter.sender, letter.recipient
    short = all(isinstance(text, str) and 0 < len(text) <= 40 for text in texts)
    times = letter.queued_at, letter.sealed_at
    aware = all(isinstance(at, datetime) and at.tzinfo is not None for at in times)
    return short and aware and isinstance(letter.body, dict)


def _signed(verify: bytes, content: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(verify).verify(content, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
