"""Sealing at rest: XChaCha20-Poly1305 from PyNaCl, with table, column and row bound in.

A sealed value is `key id (4 bytes) + nonce (24) + ciphertext`. The ring is never in the database.
The newest key seals, every key opens, so that keys can be changed one row at a time.

Worked example: the ring holds key 1; a name is sealed as "person.name_sealed.ab12". Rotation puts
key 2 in front. The name still opens, by the key id at its beginning; written again, it is sealed
with key 2. Copied by hand into the row "cd34", it opens there with no key: the place is part of
what is authenticated, so that two names can't be swapped in the database unnoticed.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.utils import random

KEY_BYTES = 32
NONCE_BYTES = 24
ID_BYTES = 4


class KeyProblem(Exception):
    """The keys don't open this: one is missing or wrong, or the value was moved or changed."""


def key_id(key: bytes) -> bytes:
    return blake2b(key, digest_size=ID_BYTES, person=b"yinlu key id").digest()


@dataclass(frozen=True)
class KeyRing:
    """`keys`: newest first, 32 bytes each. `index_key` makes blind indexes and never changes."""

    keys: tuple[bytes, ...]
    index_key: bytes
    _by_id: Mapping[bytes, bytes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) != KEY_BYTES for key in (*self.keys, self.index_key)):
            raise KeyProblem("a key has 32 bytes")
        object.__setattr__(self, "_by_id", {key_id(key): key for key in self.keys})

    @classmethod
    def new(cls) -> "KeyRing":
        return cls((random(KEY_BYTES),), random(KEY_BYTES))

    @classmethod
    def read(cls, text: str) -> "KeyRing":
        """From lines `index BASE64`, `key BASE64` (newest key first). Raises KeyProblem."""
        found: dict[str, list[bytes]] = {"index": [], "key": []}
        for line in text.split("\n"):
            if line.strip():
                name, _, value = line.strip().partition(" ")
                if name not in found:
                    raise KeyProblem(f"expected index or key at the beginning of a line: {name}")
                found[name].append(_decoded(value))
        if len(found["index"]) != 1:
            raise KeyProblem("expected exactly one line that begins with index")
        return cls(tuple(found["key"]), found["index"][0])

    def write(self) -> str:
        rows = [("index", self.index_key), *(("key", key) for key in self.keys)]
        return "".join(f"{name} {urlsafe_b64encode(key).decode()}\n" for name, key in rows)

    def with_new_key(self) -> "KeyRing":
        return KeyRing((random(KEY_BYTES), *self.keys), self.index_key)

    def without(self, unused: Collection[bytes]) -> "KeyRing":
        """Without the keys of these ids; the newest always stays."""
        older = tuple(key for key in self.keys[1:] if key_id(key) not in unused)
        return KeyRing((self.keys[0], *older), self.index_key)

    @cached_property
    def ids(self) -> tuple[bytes, ...]:
        """4 bytes a key, newest first. They tell nothing of the keys."""
        return tuple(self._by_id)

    def subkey(self, key: bytes, purpose: str) -> bytes:
        """Derive a key for another purpose; the ring's key can't be computed from it."""
        return blake2b(key=key, digest_size=KEY_BYTES, person=purpose.encode()[:16]).digest()

    def seal(self, plain: bytes, place: str) -> bytes:
        """`place` says where the value stands ("person.name.ab12…"); it opens nowhere else."""
        # 24 random bytes: so many never repeat by chance, and no counter has to outlive a restart.
        newest, nonce = self.ids[0], random(NONCE_BYTES)
        key = self._by_id[newest]
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(plain, place.encode(), nonce, key)
        return newest + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises KeyProblem."""
        # The id at the front saves trying every key: opening costs the same after ten rotations.
        key = self._by_id.get(sealed[:ID_BYTES])
        if key is None:
            raise KeyProblem("the key that sealed this is not in the ring")
        nonce, body = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(body, place.encode(), nonce, key)
        except CryptoError:
            # Without the library's error: it could show a part of what was sealed in a log.
            raise KeyProblem("a sealed value was changed or moved") from None

    def is_newest(self, sealed: bytes) -> bool:
        return sealed[:ID_BYTES] == self.ids[0]

    def blind(self, value: str, purpose: str) -> str:
        """Blind index: equal values give equal texts, which say nothing without the key."""
        return blake2b(
            # The purpose is part of it: the same number in two columns must not be recognised as
            # the same.
            value.encode(),
            key=self.index_key,
            digest_size=16,
            person=purpose.encode()[:16],
        ).hexdigest()


def _decoded(value: str) -> bytes:
    try:
        return urlsafe_b64decode(value.strip())
    except ValueError:
        raise KeyProblem("a key is written in base64") from None


Rings = Callable[[], KeyRing]
"""The ring as it is now: a running process notices a replaced key file."""


class _Installed:
    """Where `install` puts a ring, with its index key."""

    rings: Rings | None = None
    index_key: bytes | None = None


# No argument: SQLAlchemy makes rows by itself, so that none can be handed the ring.
_process = _Installed()
_installed: ContextVar[_Installed] = ContextVar("installed", default=_process)


def keep_apart() -> None:
    """From now on, in this task and in those it begins, `install` and `ring` are for them alone.

    Worked example: one process serves the cells A and B, each in a task that called this first. A's
    `install` is seen by what A begins, B's by what B begins. What begins outside of both finds no
    ring, and fails: it never seals with the keys of another city."""
    _installed.set(_Installed())


def install(keys: KeyRing | Rings) -> None:
    """Set the key ring of this process, or of this task where it is kept apart, or the function
    that returns its current one."""
    here = _installed.get()
    here.rings = (lambda: keys) if isinstance(keys, KeyRing) else keys
    here.index_key = None


def ring() -> KeyRing:
    """Raises KeyProblem before `install`."""
    rings = _installed.get().rings
    if rings is None:
        raise KeyProblem("no key ring was installed")
    return rings()


def index_key() -> bytes:
    """The index key of the ring, remembered: it never changes, and looking whether the file of a
    ring was replaced costs more than the MAC of a row. Raises KeyProblem before `install`."""
    here = _installed.get()
    if here.index_key is None:
        here.index_key = ring().index_key
    return here.index_key
