"""What should_tell who somebody is, in every form in which it could have been written down."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, fields
from hashlib import blake2b, md5, sha1, sha256
from pathlib import Path

HEAD = 6
"""Bytes that are looked up of each form; SQLite stores the ids below in six."""


@dataclass(frozen=True)
class Identity:
    """One reporter, with a mark in everything that their messenger and their files say of them."""

    id: int
    first_name: str
    last_name: str
    username: str
    language: str
    file_name: str
    camera: str
    author: str
    origin: str


def identity(number: int) -> Identity:
    def mark(what: str) -> str:
        return f"CANARY-{what}-{number:04}-{number * 7919 % 9973:04}"

    names = [field.name for field in fields(Identity)][1:]
    made = {name: mark(name) for name in names}
    return Identity(
        id=46_727_213_973_059 + number * 1_000_003,
        **made | {"username": f"canary_user_{number:06}"},
    )


def file_names(who: Identity) -> tuple[str, ...]:
    """The mark in names that break parsers of headers, and would be quoted in their warnings."""
    name = who.file_name
    word = b64encode(name.encode()).decode()
    return (
        f"{name}.jpg",
        f'{name};"{name}.jpg',
        f"\\{name}\\",
        f"=?utf-8?B?{word}?=",
        f"=?utf-8?Q?{name}=3B?=; x={name}",
        f"{name}\x00.jpg",
    )


def forms(who: Identity) -> Iterator[bytes]:
    """Plain, hex, base64 at each of its three places, both byte orders, and common hashes."""
    numbers = [who.id.to_bytes(size, order) for size in (6, 8) for order in ("little", "big")]  # type: ignore[arg-type]
    texts = [str(getattr(who, field.name)) for field in fields(who)]
    plain = [text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le")]
    for content in [*plain, *numbers]:
        yield content
        yield from written(content)
        for made in hashes(content):
            yield made
            yield from written(made)


def written(content: bytes) -> Iterator[bytes]:
    yield content.hex().encode()
    yield content.hex().upper().encode()
    for before in range(3):
        # The first and last signs depend on the neighbours: they are left out.
        yield b64encode(bytes(before) + content)[4 if before else 0 : -4]


def hashes(content: bytes) -> Iterator[bytes]:
    for kind in (md5, sha1, sha256, blake2b):
        yield kind(content).digest()
    yield blake2b(content, digest_size=16).digest()
    yield blake2b(content, digest_size=32).digest()


class Search:
    """All forms of all canaries, found in one pass over a file."""

    def __init__(self, people: list[Identity]) -> None:
        self.heads: dict[bytes, set[bytes]] = {}
        for who in people:
            for form in forms(who):
                if len(form) >= HEAD:
                    self.heads.setdefault(form[:HEAD], set()).add(form)

    @property
    def count(self) -> int:
        return sum(map(len, self.heads.values()))

    def hits(self, folder: Path) -> list[str]:
        """File and place of whatever is found, in every file below."""
        return [
            f"{path.name}:{place}"
            for path in sorted(folder.rglob("*"))
            if path.is_file()
            for place in self._in(path.read_bytes())
        ]

    def _in(self, content: bytes) -> Iterator[int]:
        heads = self.heads
        for place in range(len(content) - HEAD + 1):
            found = heads.get(content[place : place + HEAD])
            if found and any(content.startswith(form, place) for form in found):
                yield place
