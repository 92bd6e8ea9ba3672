"""Whoever waits for long work hears how far it is."""

from collections.abc import Awaitable, Callable

Told = Callable[[int, int], Awaitable[None]]
"""Hears how many of how many are done; of 0 while nobody knows how many there are."""


async def nobody(done: int, total: int) -> None:
    """Hears it, and tells nobody."""


Progress = Callable[[str], Told]
"""Says who hears how far something is, by its name."""


def silent(what: str) -> Told:
    """Nobody waits for it."""
    return nobody
