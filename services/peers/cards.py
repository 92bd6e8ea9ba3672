"""Cards: what an installation hands to another so that both can exchange messages.

A card is no secret. What matters is that it is the right one: whoever slipped in another would
receive what is meant for the peer. So both offices compare its fingerprint over the telephone.
"""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

KEY = 32
VERSION = 1
CARD = b"yinlu peer card\n"
LONGEST_NAME, LONGEST_ADDRESS = 80, 300
SECURE = re.compile(r"https://.|http://127\.0\.0\.1(:[0-9]+)?(/|$)")
"""How the address of a peer begins; the second one for trials on one machine."""


class WrongCard(Exception):
    """This is no card, or it was changed."""


@dataclass(frozen=True)
class Card:
    """`verify`: checks what the peer signs; `box`: seals to it. 32 bytes each."""

    name: str
    address: str
    verify: bytes
    box: bytes

    @property
    def mark(self) -> str:
        """The name of these keys: a message says by it from whom it is and to whom."""
        return blake2b(
            self.verify + self.box, digest_size=16, person=b"yinlu peer mark"
        ).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Eight groups of four, over all that the card says, to be read out on the telephone."""
        digest = blake2b(self._content(), digest_size=16, person=b"yinlu peer card")
        whole = digest.hexdigest()
        return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))

    def _content(self) -> bytes:
        said = {
            "yinlu_peer": VERSION,
            "name": self.name,
            "address": self.address,
            "verify": b64encode(self.verify).decode(),
            "box": b64encode(self.box).decode(),
        }
        return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()

    def write(self, keys: "PeerKeys") -> str:
        """The text of the file, signed by the keys it is of."""
        signature = keys.sign(CARD + self._content())
        said = {**json.loads(self._content()), "signature": b64encode(signature).decode()}
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, text: str) -> "Card":
        """Raises WrongCard."""
        try:
            said = json.loads(text)
            if said["yinlu_peer"] != VERSION:
                raise WrongCard("a card of a later version")
            name, address = str(said["name"]), str(said["address"])
            card = cls(name, address, b64decode(said["verify"]), b64decode(said["box"]))
            signed, signature = CARD + card._content(), b64decode(said["signature"])
            VerifyKey(card.verify).verify(signed, signature)
            # A key to which nothing can be sealed would stop whoever posts, with all other peers.
            SealedBox(PublicKey(card.box)).encrypt(b"")
        except (ValueError, KeyError, TypeError, CryptoError):
            raise WrongCard("this is no card, or it was changed on its way") from None
        if not 0 < len(name) <= LONGEST_NAME:
            raise WrongCard("this is no card, or it was changed on its way")
        if not (name + address).isprintable():
            raise WrongCard("this is no card, or it was changed on its way")
        if not SECURE.match(address) or len(address) > LONGEST_ADDRESS:
            raise WrongCard("expected an address that begins with https://")
        return card


@dataclass(frozen=True)
class PeerKeys:
    """An installation's own private keys: `seed` signs, `private` opens what is sealed to it."""

    seed: bytes
    private: bytes

    @classmethod
    def new(cls) -> "PeerKeys":
        return cls(random(KEY), bytes(PrivateKey.generate()))

    @classmethod
    def read(cls, both: bytes) -> "PeerKeys":
        return cls(both[:KEY], both[KEY:])

    def write(self) -> bytes:
        return self.seed + self.private

    @cached_property
    def _signing(self) -> SigningKey:
        return SigningKey(self.seed)

    def sign(self, content: bytes) -> bytes:
        """Return a signature of 64 bytes."""
        return self._signing.sign(content).signature

    def card(self, name: str, address: str) -> Card:
        box = bytes(PrivateKey(self.private).public_key)
        return Card(name[:LONGEST_NAME], address, bytes(self._signing.verify_key), box)

    @property
    def mark(self) -> str:
        return self.card("", "").mark
