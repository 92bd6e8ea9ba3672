"""Pages of a table for whoever goes through all of it: no more rows at once than fit into memory,
where one may have 20 MB and most have less than 1 kB."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from models.macs import by_hand

BYTES = 8 * 1024 * 1024
"""In the columns of bytes of one page, if it has more than one row."""
Key = tuple[Any, ...]
"""Where in a table a page ends; () before the first one."""


def order_of(table: Any) -> tuple[Any, ...]:
    """The columns by whose order a table is gone through: case by case where it has an index for
    that, as the rows of a case mostly lie together, and its head is written anew with every commit
    that changes some."""
    rows: Table = table.__table__
    keys = list(rows.primary_key)
    chain = rows.columns[table.chained_by] if getattr(table, "chained_by", "") else keys[0]
    return (*dict.fromkeys((chain, *keys)),) if chain.index else (*keys,)


def beyond(order: Sequence[Any], after: Key) -> list[ColumnElement[bool]]:
    """The rows behind a page. By its last key, since an offset would read all earlier rows again
    for each page."""
    return [tuple_(*order) > tuple_(*after)] if after else []


async def may_be_long(session: AsyncSession, columns: Sequence[Any], most: int) -> bool:
    """Whether a page of `most` rows of a table could have more than BYTES in these columns."""
    longest = (await by_hand(session, select(func.max(_length(columns))))).scalar_one() or 0
    return bool(longest * most > BYTES)


async def next_page(
    session: AsyncSession, order: Sequence[Any], columns: Sequence[Any], most: int, after: Key
) -> list[Key]:
    """Return where the rows of the next page stand, of which there may be one at least. `columns`:
    which of their values may be long."""
    statement = select(*order, _length(columns)).where(*beyond(order, after))
    keys, left = list[Key](), BYTES
    for *key, length in await by_hand(session, statement.order_by(*order).limit(most)):
        left -= length
        if keys and left < 0:
            break
        keys.append(tuple(key))
    return keys


def _length(columns: Sequence[Any]) -> Any:
    # Told without reading them.
    return sum((func.coalesce(func.length(column), 0) for column in columns), literal(0))
