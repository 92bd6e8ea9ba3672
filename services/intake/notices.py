"""A notice for the public side: whom it is about, sealed to the public process.

It hangs on a wall for everybody, for some days. In a database and its backups it would be a list of
names for ever: so it is stored sealed, to a key derived from the pepper (docs/decisions/0015).
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from domain.hotlines import Hotline
from models.intake import IntakeNotice
from services.intake.binding import packed


@dataclass(frozen=True)
class RunningNotice:
    """A notice as it hangs in public. `last_day`: its last full day. `hotline`: the number that
    holds there, None where none is set."""

    id: str
    person: str
    unit: str
    last_day: date
    hotline: Hotline | None = None


@dataclass(frozen=True)
class NoticeKey:
    """`private`: the public process's."""

    private: PrivateKey

    @classmethod
    def of(cls, pepper: bytes) -> "NoticeKey":
        return cls(
            PrivateKey(blake2b(key=pepper, digest_size=32, person=b"yinlu notices").digest())
        )

    @property
    def public(self) -> str:
        """The public key in base64, as it is stored for the staff side."""
        return b64encode(bytes(self.private.public_key)).decode()

    def read(self, row: IntakeNotice) -> RunningNotice | None:
        """Open a notice; None where it was sealed to another key, or copied from another row."""
        try:
            said = json.loads(SealedBox(self.private).decrypt(row.sealed))
        except CryptoError:
            return None
        if said["id"] != row.id:
            return None
        hotline = Hotline(said["phone"], said["answers"]) if said["phone"] else None
        return RunningNotice(row.id, said["person"], said["unit"], row.last_day, hotline)


def sealed_notice(public: bytes, notice: RunningNotice, first_day: date) -> IntakeNotice:
    """Return the row of a notice. `public`: key of the process that shows it, 32 bytes."""
    hotline = notice.hotline or Hotline("", "")
    said = {"id": notice.id, "person": notice.person, "unit": notice.unit}
    said |= {"phone": hotline.phone, "answers": hotline.person}
    return IntakeNotice(
        id=notice.id,
        first_day=first_day,
        last_day=notice.last_day,
        sealed=bytes(SealedBox(PublicKey(public)).encrypt(packed(said))),
    )
