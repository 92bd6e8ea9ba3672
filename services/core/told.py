"""Whoever waits for long work hears how far it is."""

from collections.abc import Awaitable, Callable

Told = Callable[[int, int], Awaitable[None]]
"""Hears how many of how many are done."""


async def nobody(done: int, total: int) -> None:
    """Hears it, and tells nobody."""
