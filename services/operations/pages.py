"""Pages of a table for whoever goes through all of it: no more rows at once than fit into memory,
where one may have 20 MB and most have less than 1 kB."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from models.macs import by_hand

BYTES = 4 * 1024 * 1024
"""In the columns of bytes of one page, if it has more than one row."""
Key = tuple[Any, ...]
"""Where in a table a page ends; () before the first one."""


def beyond(order: Sequence[Any], after: Key) -> list[ColumnElement[bool]]:
    """The rows behind a page. By its last key, since an offset would read all earlier rows again
    for each page."""
    return [tuple_(*order) > tuple_(*after)] if after else []


async def end_of_page(
    session: AsyncSession,
    order: Sequence[Any],
    columns: Sequence[Any],
    most: int,
    *where: ColumnElement[bool],
) -> Key | None:
    """Return the key of the last row of the next page; None where nothing is left. `order`: columns
    that no two rows have alike. `columns`: which of their values may be long. `where`: which rows
    are asked for, behind the page before."""
    statement = select(*order, _length(columns)).where(*where).order_by(*order).limit(most)
    last: Key | None = None
    left = BYTES
    for *key, length in await by_hand(session, statement):
        left -= length
        if last is not None and left < 0:
            break
        last = tuple(key)
    return last


def _length(columns: Sequence[Any]) -> Any:
    # Told without reading them.
    return sum((func.coalesce(func.length(column), 0) for column in columns), literal(0))
