"""Messages to a process of ours and back: pickled values, each behind its length. Both ends are
ours, and what somebody wrote are only texts in them."""

import pickle
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

LENGTH = 4
"""Bytes that say how long a message is."""


def packed(message: object) -> bytes:
    said = pickle.dumps(message)
    return len(said).to_bytes(LENGTH) + said


def serve(
    begin: Callable[[Any], Callable[[Any], object]], incoming: BinaryIO, outgoing: BinaryIO
) -> None:
    """Read messages until there are no more: from the first one `begin` makes what answers each of
    the others."""
    messages = _read(incoming)
    for first in messages:
        answer = begin(first)
        for message in messages:
            outgoing.write(packed(answer(message)))
            outgoing.flush()


def _read(incoming: BinaryIO) -> Iterator[Any]:
    while length := incoming.read(LENGTH):
        yield pickle.loads(incoming.read(int.from_bytes(length)))
