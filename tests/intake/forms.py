"""Forms as nobody's browser sends them, byte by byte."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.intake import samples
from tests.intake.citizens import SAID

EDGE = "xYzEdge"
KIND = f"multipart/form-data; boundary={EDGE}"


@dataclass(frozen=True)
class Sent:
    """What goes over the line; `fits`: words of the sentence that is the answer."""

    body: bytes
    fits: str = "什么都没有存"
    kind: str = KIND


def part(disposition: str, content: bytes | str = b"", *headers: str) -> bytes:
    lines = [f"Content-Disposition: {disposition}"] if disposition else []
    head = "\r\n".join([*lines, *headers]).encode("utf-8", "surrogateescape")
    said = content.encode() if isinstance(content, str) else content
    return b"--" + EDGE.encode() + b"\r\n" + head + b"\r\n\r\n" + said + b"\r\n"


def field(name: str, content: bytes | str) -> bytes:
    return part(f'form-data; name="{name}"', content)


def upload(file_name: str, content: bytes = b"", *headers: str) -> bytes:
    quoted = file_name.replace('"', "%22")
    return part(
        f'form-data; name="files"; filename="{quoted}"', content or samples.jpeg(), *headers
    )


END = b"--" + EDGE.encode() + b"--\r\n"


def whole(token: str, *more: bytes) -> bytes:
    """A form that would be filed, with more to it."""
    words = field("token", token) + field("about", "河湾村") + field("text", SAID)
    return words + b"".join(more) + END


def _nested(token: str) -> Sent:
    inner = b"--in\r\nContent-Disposition: file\r\n\r\nx\r\n--in--\r\n"
    mixed = part('form-data; name="files"', inner, "Content-Type: multipart/mixed; boundary=in")
    return Sent(whole(token, mixed))


def _kind(kind: str, edge: str = EDGE) -> Callable[[str], Sent]:
    return lambda token: Sent(whole(token).replace(EDGE.encode(), edge.encode()), kind=kind)


def _with(*more: bytes, fits: str = "什么都没有存") -> Callable[[str], Sent]:
    return lambda token: Sent(whole(token, *more), fits)


HEADER = "文件名"
HOSTILE: dict[str, Callable[[str], Sent]] = {
    "no boundary": _kind("multipart/form-data"),
    "an empty boundary": _kind('multipart/form-data; boundary=""'),
    "a long boundary": _kind(f"multipart/form-data; boundary={'b' * 71}", "b" * 71),
    "another boundary": _kind("multipart/form-data; boundary=other"),
    "a boundary beyond ASCII": _kind("multipart/form-data; boundary=边界"),
    "two boundaries": _kind(f"multipart/form-data; boundary=a; boundary={EDGE}"),
    "mixed, not a form": _kind(f"multipart/mixed; boundary={EDGE}"),
    "another kind": _kind("text/plain"),
    "no kind": _kind(""),
    "a broken kind": _kind(";;;=/"),
    "nothing": lambda token: Sent(b""),
    "only an end": lambda token: Sent(END, "没有存"),
    "only blank lines": lambda token: Sent(b"\r\n" * 500),
    "a boundary cut": lambda token: Sent(whole(token)[: -len(END)] + b"--xYz"),
    "no end": lambda token: Sent(whole(token)[: -len(END)]),
    "an end within a part": lambda token: Sent(whole(token)[: -len(END) - 40]),
    "an end within a header": lambda token: Sent(whole(token)[:-len(END)] + b"--xYzEdge\r\nCont"),
    "a part without a header": _with(b"--" + EDGE.encode() + b"\r\n\r\nx\r\n"),
    "a header without a colon": _with(part("", "x", "nonsense"), fits=HEADER),
    "a header with a bad name": _with(part("", "x", "Content Disposition: form-data"), fits=HEADER),
    "a header of 20,000 characters": _with(upload("长" * 7000 + ".jpg"), fits=HEADER),
    "200 headers": _with(part('form-data; name="x"', "x", *["A: b"] * 200), fits=HEADER),
    "a header with a control character": _with(upload("a\x00b.jpg"), fits=HEADER),
    "no disposition": _with(part("", "x", "Content-Type: text/plain"), fits=HEADER),
    "no name": _with(part("form-data", "x"), fits=HEADER),
    "an empty name": _with(part('form-data; name=""', "x"), fits=HEADER),
    "a file of no field": _with(part('form-data; filename="x.jpg"', "x"), fits=HEADER),
    "an attachment": _with(part('attachment; name="files"; filename="x.jpg"', "x"), fits=HEADER),
    "a name in an unknown charset": _with(part("form-data; name*=klingon''x", "x"), fits=HEADER),
    "a field twice": _with(field("text", SAID)),
    "the number twice": lambda token: Sent(whole(token, field("token", token))),
    "41 fields": _with(*(field(f"f{n}", "x") for n in range(41))),
    "a field of 30,000 bytes": _with(field("more", "x" * 30_000)),
    "a field that is no text": _with(field("more", b"\xff\xfe\xff")),
    "a field with half a character": _with(field("more", "字".encode()[:2])),
    "half of a pair": _with(field("more", b"\xed\xa0\x80")),
    "another charset": _with(field("_charset_", "gbk"), field("more", "字".encode("gbk"))),
    "a nested form": _nested,
    "a nested form without a boundary": _with(
        part('form-data; name="files"', "x", "Content-Type: multipart/mixed")
    ),
    "a length of a part that lies": _with(upload("x.jpg", b"", "Content-Length: 99999999")),
    "a length of a part that is none": _with(upload("x.jpg", b"", "Content-Length: -1")),
}  # fmt: skip
"""Each by the number of a form that was opened."""

NAMES = (
    "举报；2026;11.jpg",
    'a";b.jpg',
    "a\\",
    "a\\;b\\\\.jpg",
    "=?utf-8?B?5Li+5oql?=.jpg",
    "=?utf-8?Q?=22;=22?=.jpg",
    "a=b; filename=c.jpg",
    "a'b''c.jpg",
    "../../etc/passwd",
    "%22%0D%0A.jpg",
    " ",
    ";",
    "\udcff\udcfe.jpg",
    "\u202egpj.exe",
)
"""Names of files as people and their telephones write them. None of them is read."""
