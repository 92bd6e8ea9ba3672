"""The process that cleans one attachment: a file on its way in, a file or a reason on its way out.

It loads what it needs and then gives up what it can: to open a file or a connection, to write one,
to start a process, to take more memory or time than a large photo needs. What a hostile file makes
of a parser ends here.
"""

import resource
import sys
from codecs import lookup
from importlib import import_module

from services.attachments.errors import Unusable
from services.attachments.formats import PDF_MARK, ZIP_MARK, clean

MEMORY = 512 * 1024 * 1024
"""Bytes of addresses, of which the interpreter and its libraries have a third."""
SECONDS = 20
"""Of processor time."""
STREAMS = 3
ENCODINGS = ("ascii", "latin-1", "cp437", "cp1252", "utf-16", "utf-16-be", "utf-16-le", "utf-32")
"""Of which strings in files are; each is loaded from a file when it is first used."""
NEEDS = {
    PDF_MARK: ("services.attachments.pdf", "pypdf.filters"),
    ZIP_MARK: ("services.attachments.word", "services.attachments.pictures"),
    b"": ("services.attachments.pictures",),
}
"""By how a file begins; in this order, the last for all others."""


def load(content: bytes) -> None:
    """Import and read all that cleaning this file may need: afterwards no file can be opened."""
    import_module("PIL.Image").init()
    for encoding in ENCODINGS:
        lookup(encoding)
    mark = next((mark for mark in NEEDS if content.startswith(mark)), b"")
    for name in NEEDS[mark]:
        import_module(name)


def give_up() -> None:
    """Give up files, connections, processes and memory for good: nobody but root can raise a hard
    limit again."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, STREAMS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    content = sys.stdin.buffer.read()
    load(content)
    give_up()
    try:
        said = b"+" + clean(content).pack()
    except Unusable as problem:
        said = b"-" + problem.reason.encode()
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
