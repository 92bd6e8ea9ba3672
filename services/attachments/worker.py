"""The process that cleans one attachment: a file on its way in, a file or a reason on its way out.

It loads what it needs and then gives up what it can: to open a file or a connection, to write one,
to start a process, to take more memory or time than a large photo needs. What a hostile file makes
of a parser ends here.
"""

import os
import resource
import sys
from codecs import lookup
from contextlib import suppress
from importlib import import_module

from PIL import AvifImagePlugin, Image

from services.attachments.errors import Unusable
from services.attachments.formats import clean, clean_sound
from services.attachments.kinds import RECORDING, FileKind, marked

MEMORY = 512 * 1024 * 1024
"""Bytes of addresses, of which the interpreter and its libraries have a third."""
SECONDS = 20
"""Of processor time."""
STREAMS = 3
SPARE_TASKS = 8
ENCODINGS = ("ascii", "latin-1", "cp437", "cp1252", "utf-16", "utf-16-be", "utf-16-le", "utf-32")
"""Of which strings in files are; each is loaded from a file when it is first used."""
PICTURES = ("services.attachments.pictures", "services.attachments.sheets")
NEEDS = {
    FileKind.PICTURE: PICTURES,
    FileKind.HEIF: (*PICTURES, "pillow_heif"),
    FileKind.PDF: ("services.attachments.pdf", "pypdf.filters"),
    FileKind.ARCHIVE: ("services.attachments.word", *PICTURES),
    FileKind.OTHER: (),
}


def load(kind: FileKind) -> None:
    """Import and read all that cleaning such a file may need: afterwards no file can be opened."""
    Image.init()
    # Pillow's place to say it: a decoder that wanted threads would fail, none can be started.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    for encoding in ENCODINGS:
        lookup(encoding)
    for name in NEEDS[kind]:
        import_module(name)


def give_up(tasks: int) -> None:
    """Give up files, connections, processes and memory for good: nobody but root can raise a hard
    limit again. `tasks`: processes and threads that this user may have."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, STREAMS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, tasks),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def tasks_allowed(kind: FileKind) -> int:
    """Return 0, and for HEIF a few above what this user has now: its decoder starts a thread
    whatever it is told, and the system counts threads by user."""
    return _tasks_of_user() + SPARE_TASKS if kind is FileKind.HEIF else 0


def _tasks_of_user() -> int:
    found = 0
    for process in os.scandir("/proc"):
        # What has ended meanwhile doesn't count.
        with suppress(OSError):
            if process.name.isdecimal() and process.stat().st_uid == os.getuid():
                found += len(os.listdir(f"{process.path}/task"))
    return found


def main() -> None:
    content = sys.stdin.buffer.read()
    kind, _ = marked(content)
    load(kind)
    recorded = RECORDING in sys.argv[1:]
    if recorded:
        import_module("services.attachments.sound")
    give_up(tasks_allowed(kind))
    try:
        said = b"+" + (clean_sound if recorded else clean)(content).pack()
    except Unusable as problem:
        said = b"-" + problem.reason.encode()
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
