"""Writes that an update holds back until the commit that ends it, so that an update handled again
after a crash doesn't find half of them done."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession


class HeldWrite(ABC):
    """One such write. The group commit knows this interface only, so that a feature can hold back
    rows of its own without `messages` importing it."""

    @classmethod
    @abstractmethod
    async def store(cls, session: AsyncSession, held: Sequence[Any]) -> None:
        """Write those of one class, of all updates that share the commit, in the order held."""


async def store_held(session: AsyncSession, held: Sequence[HeldWrite]) -> None:
    """Write what several updates held back, class by class, so that each may write in bulk."""
    for kind in dict.fromkeys(type(write) for write in held):
        await kind.store(session, [write for write in held if type(write) is kind])
