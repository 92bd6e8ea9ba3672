"""Rows that an update doesn't write at once but together with its end."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession


class HeldWrite(ABC):
    """One such write. The commit that ends updates knows no more of it than this, so that features
    may hold back what they like."""

    @classmethod
    @abstractmethod
    async def store(cls, session: AsyncSession, held: Sequence[Any]) -> None:
        """Writes those of one class, of all updates that share the commit, in their order."""


async def store_held(session: AsyncSession, held: Sequence[HeldWrite]) -> None:
    for kind in dict.fromkeys(type(write) for write in held):
        await kind.store(session, [write for write in held if type(write) is kind])
