"""Ports for servers that are started by their number. One that the system gives is free only until
somebody connects anywhere: connections take theirs from the same range."""

import os
import socket
from contextlib import suppress
from itertools import count

FIRST, MANY = 10_000, 22_000
"""Below that range."""
_following = (FIRST + (os.getpid() * 101 + given) % MANY for given in count())
"""Each process begins elsewhere: several suites may run on a machine."""


def free_port() -> int:
    """One that this process gives nobody else."""
    for port in _following:
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError
