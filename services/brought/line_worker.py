"""The process that works out what follows from the lines of a sheet: rules and lines come in, what
is to be stored beside them goes out. It has no keys, and reads and writes no file.

In and out go pickled values, each behind its length: both ends are ours, and what somebody wrote
are only texts in them.
"""

import pickle
import sys
from typing import BinaryIO

from services.brought.lines import Rules

LENGTH = 4
"""Bytes that say how long a message is."""


def packed(message: object) -> bytes:
    said = pickle.dumps(message)
    return len(said).to_bytes(LENGTH) + said


def answer(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Read rules, then parts of a sheet; write of each part what follows from its lines."""
    rules: Rules | None = None
    while length := incoming.read(LENGTH):
        message = pickle.loads(incoming.read(int.from_bytes(length)))
        if rules is None:
            rules = message
            continue
        outgoing.write(packed([rules.follows(line) for line in message]))
        outgoing.flush()


if __name__ == "__main__":
    answer(sys.stdin.buffer, sys.stdout.buffer)
