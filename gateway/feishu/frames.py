"""The frames of the long connection, `pbbp2.Frame` in the vendor's words: read and written. Pure.

Worked by hand: they are nine fields of two kinds, and stay what they are; the library for all of
protobuf has megabytes and a compiler of its own. Both directions are tried against the vendor's.

    1 SeqID  2 LogID  3 service  4 method (0 control, 1 data)   numbers
    5 headers, each 1 key and 2 value                            texts
    6 payload_encoding  7 payload_type  8 payload  9 LogIDNew    texts, but for the payload
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

CONTROL, DATA = 0, 1
NUMBER, LENGTH = 0, 2
WIDTHS = {1: 8, 5: 4}
"""Of fields that have a fixed one, of which this frame has none."""
MOST_BITS = 63


@dataclass(frozen=True)
class Frame:
    """`others`: fields that are sent back as they came."""

    service: int
    method: int
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytes = b""
    sequence: int = 0
    log: int = 0
    others: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def number(self, name: str) -> int:
        """-1 where there is none."""
        value = self.header(name)
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1


def answer_to(frame: Frame, payload: bytes, **headers: str) -> Frame:
    return replace(frame, payload=payload, headers=(*frame.headers, *headers.items()))


def read(data: bytes) -> Frame | None:
    """None where it is no frame."""
    try:
        return _frame(data)
    except (ValueError, LookupError):
        return None


def _frame(data: bytes) -> Frame:
    numbers: dict[int, int] = {}
    headers, payload, others = [], b"", b""
    for field, value, raw in _fields(data):
        if isinstance(value, int):
            numbers[field] = value
        elif field == 5:
            headers.append(_header(value))
        elif field == 8:
            payload = value
        else:
            others += raw
    sequence, log, service, method = (numbers[field] for field in (1, 2, 3, 4))
    return Frame(service, method, tuple(headers), payload, sequence, log, others)


def _header(data: bytes) -> tuple[str, str]:
    parts = {field: value for field, value, _ in _fields(data) if isinstance(value, bytes)}
    return parts[1].decode(), parts.get(2, b"").decode()


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes, bytes]]:
    """Number, value, and how it stood there. Raises ValueError, LookupError."""
    at = 0
    while at < len(data):
        begin = at
        key, at = _varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == NUMBER:
            value, at = _varint(data, at)
            yield field, value, data[begin:at]
            continue
        if kind == LENGTH:
            size, at = _varint(data, at)
        elif kind in WIDTHS:
            size = WIDTHS[kind]
        else:
            raise ValueError
        if at + size > len(data):
            raise ValueError
        at += size
        yield field, data[at - size : at], data[begin:at]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if not byte & 0x80:
            return value, at
        shift += 7
        if shift > MOST_BITS:
            raise ValueError


def write(frame: Frame) -> bytes:
    out = bytearray()
    numbers = (frame.sequence, frame.log, frame.service, frame.method)
    for field, number in enumerate(numbers, 1):
        out += _key(field, NUMBER) + _number(number)
    for key, value in frame.headers:
        out += _block(5, _block(1, key.encode()) + _block(2, value.encode()))
    out += frame.others
    return bytes(out + _block(8, frame.payload) if frame.payload else out)


def _key(field: int, kind: int) -> bytes:
    return _number(field << 3 | kind)


def _block(field: int, content: bytes) -> bytes:
    return _key(field, LENGTH) + _number(len(content)) + content


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
