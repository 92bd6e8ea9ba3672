"""Rewrite a voice message: the sound as it was recorded, and nothing that says with what.

What messengers record is Opus in Ogg (RFC 7845): a page that says how it is to be played, a packet
of remarks, and the sound. The one library that writes such remarks is under the GPL.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack_from

from services.attachments.errors import Unusable
from services.attachments.kinds import Content

OGG, HEAD, REMARKS = b"OggS", b"OpusHead", b"OpusTags"
NO_REMARKS = REMARKS + bytes(8)
"""No name of a program, and none of the remarks."""
OF_A_PAGE = 27
"""Bytes before the lengths of its segments."""
FIRST, LAST = 2, 4
"""The flags of the pages that begin and end a stream."""
HEAD_LENGTH, MAPPING = 19, 18
"""Bytes of the first packet of mono and stereo, of which the last one is 0."""
POLYNOMIAL, ALL = 0x04C11DB7, 0xFFFFFFFF
WHOLE = 255


@dataclass(frozen=True, slots=True)
class _Page:
    """`lengths`: of its segments, a byte each; `flags`: 2 for the first page of a stream. `raw`: as
    it came."""

    flags: int
    position: bytes
    serial: bytes
    number: int
    lengths: bytes
    content: bytes
    raw: bytes = b""

    def at(self, number: int) -> bytes:
        """The page in its new place, with its checksum."""
        if self.raw and self.number == number:
            # Nearly every page: a checksum takes some 0.2 s for each megabyte.
            return self.raw
        head = b"OggS\0" + bytes([self.flags]) + self.position + self.serial
        head += pack("<I", number)
        rest = bytes([len(self.lengths)]) + self.lengths + self.content
        return head + pack("<I", _checksum(head + bytes(4) + rest)) + rest


def clean_recording(content: Content) -> bytes:
    """Return the recording without its remarks. Raises Unusable for other sound, and for what has
    anything between or behind its pages."""
    if not content.startswith(OGG):
        raise Unusable("other_recording")
    pages = list(_pages(bytes(content)))
    if not pages or not _begins_voice(pages[0]):
        raise Unusable("other_recording")
    if any(page.serial != pages[0].serial or page.flags & FIRST for page in pages[1:]):
        # A second stream beside the voice, such as a picture; or behind it, with its own remarks.
        raise Unusable("other_recording")
    if any(page.flags & LAST for page in pages[:-1]):
        # No player shows what is behind the end.
        raise Unusable("not_readable")
    sound = _behind_remarks(pages[1:])
    kept = [pages[0], _remarks(pages[0]), *sound]
    if not sound:
        raise Unusable("not_readable")
    return b"".join(page.at(number) for number, page in enumerate(kept))


def _begins_voice(page: _Page) -> bool:
    """Whether the page holds how mono or stereo is to be played, and nothing else."""
    plain = len(page.content) == HEAD_LENGTH and page.content[MAPPING] == 0
    return page.flags == FIRST and plain and page.content.startswith(HEAD)


def _remarks(first: _Page) -> _Page:
    return _Page(0, bytes(8), first.serial, 1, bytes([len(NO_REMARKS)]), NO_REMARKS)


def _behind_remarks(pages: list[_Page]) -> list[_Page]:
    """The pages behind the packet of remarks, which ends with the page that it ends on."""
    if not pages or not pages[0].content.startswith(REMARKS):
        raise Unusable("not_readable")
    for number, page in enumerate(pages):
        if page.lengths and page.lengths[-1] != WHOLE:
            return pages[number + 1 :]
    raise Unusable("not_readable")


def _pages(content: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(content):
        start, head = at, content[at : at + OF_A_PAGE]
        if len(head) < OF_A_PAGE or not head.startswith(OGG) or head[4]:
            raise Unusable("not_readable")
        begin = at + OF_A_PAGE + head[26]
        lengths = content[at + OF_A_PAGE : begin]
        at = begin + sum(lengths)
        if len(lengths) < head[26] or at > len(content):
            raise Unusable("not_readable")
        number = unpack_from("<I", head, 18)[0]
        yield _Page(
            head[5], head[6:14], head[14:18], number, lengths, content[begin:at], content[start:at]
        )


def _table() -> tuple[int, ...]:
    found = []
    for value in range(256):
        rest = value << 24
        for _ in range(8):
            rest = (rest << 1) ^ (POLYNOMIAL if rest & 0x80000000 else 0)
        found.append(rest & ALL)
    return tuple(found)


TABLE = _table()


def _checksum(content: bytes) -> int:
    """That of RFC 3533: not mirrored, and begun at 0, as none of the standard library."""
    rest = 0
    for byte in content:
        rest = ((rest << 8) & ALL) ^ TABLE[(rest >> 24) ^ byte]
    return rest
