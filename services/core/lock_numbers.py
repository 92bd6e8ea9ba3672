"""Numbers of advisory locks, by which PostgreSQL knows them."""

from hashlib import blake2b

ACTS = 20_261_124
"""Under it acts follow one another, or run beside one another (`services.core.database.act`)."""


def number_of(name: str) -> int:
    """Return the signed 64-bit number of the lock `name`."""
    # Not hash(): Python salts it, so that two processes would lock different numbers.
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
