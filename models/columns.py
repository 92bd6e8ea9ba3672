"""Column types and what rows share: ids, aware times, sealed values."""

from base64 import b32encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from secrets import token_bytes
from typing import Any, Literal

from sqlalchemy import JSON, DateTime, Dialect, String, select
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from domain.writing.typed_json import dumps, loads
from models.crypto import KeyRing, ring


def new_id() -> str:
    """12 random characters, short enough for the 64 bytes behind a button."""
    return b32encode(token_bytes(8)).decode().lower().rstrip("=")[:12]


class UTCDateTime(TypeDecorator[datetime]):
    """Aware times only; stored as UTC, because SQLite keeps no zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A value of an enum, stored as its word: a database's own enum type would need a migration for
    every new word. Refuses a word that the enum doesn't have."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words, self.length = words, length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        # Through the enum even for a plain text: a mistyped word fails here and not at the next
        # reading.
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


def one_of(words: type[StrEnum], length: int) -> Any:
    """The `sa_type` of a column that holds a value of `words`."""
    return EnumText(words, length)


class JSONTuple(TypeDecorator[tuple[Any, ...]]):
    """Several short values in one column."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return tuple(value)


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How Alembic writes a column type of ours into a migration: as what lies in the database, so
    that a migration doesn't change with the words of an enum."""
    if kind == "type" and isinstance(item, EnumText):
        return f"sa.String(length={item.length})"
    return "sa.JSON()" if kind == "type" and isinstance(item, JSONTuple) else False


def _location(row: Any, column: str) -> str:
    return f"{row.__tablename__}.{column}.{row.id}"


def _sealed(column: str, dump: Callable[[Any], bytes], load: Callable[[bytes], Any]) -> Any:
    def read(row: Any) -> Any:
        value = getattr(row, column)
        return load(ring().open(value, _location(row, column))) if value else None

    def write(row: Any, value: Any) -> None:
        sealed = None if value is None else ring().seal(dump(value), _location(row, column))
        setattr(row, column, sealed)

    return property(read, write)


def sealed_text(column: str) -> Any:
    """A property over the bytes column `column`: reads and writes its text."""
    return _sealed(column, str.encode, bytes.decode)


def sealed_bytes(column: str) -> Any:
    return _sealed(column, bytes, bytes)


def sealed_json(column: str) -> Any:
    """JSON that keeps days, aware times and tuples."""

    def read(row: Any) -> Any:
        value = getattr(row, column)
        return loads(ring().open(value, _location(row, column)).decode()) if value else None

    def write(row: Any, value: Any) -> None:
        setattr(row, column, ring().seal(dumps(value).encode(), _location(row, column)))

    return property(read, write)


def columns_of(table: type[SQLModel], names: Sequence[str]) -> Any:
    """Select columns, not objects: half the time for many rows."""
    return select(*(getattr(table, name) for name in names))


def open_json(value: bytes, table: str, column: str, row_id: str) -> Any:
    """What `sealed_json` reads, of a row that isn't there as an object."""
    return loads(ring().open(value, f"{table}.{column}.{row_id}").decode())


def seal_json(value: object, table: str, column: str, row_id: str) -> bytes:
    """What `sealed_json` writes, for a row that isn't there as an object."""
    return ring().seal(dumps(value).encode(), f"{table}.{column}.{row_id}")


def open_text(value: bytes, table: str, column: str, row_id: str) -> str:
    """What `sealed_text` reads, of a row that isn't there as an object; "" for nothing."""
    if not value:
        return ""
    return ring().open(value, f"{table}.{column}.{row_id}").decode()


def seal_text(value: str, table: str, column: str, row_id: str) -> bytes:
    """What `sealed_text` writes, for a row that isn't there as an object."""
    return ring().seal(value.encode(), f"{table}.{column}.{row_id}")


def resealed(
    keys: KeyRing, value: bytes | None, table: str, column: str, row_id: str
) -> bytes | None:
    """Return what a row holds sealed: anew where an older key sealed it. Raises KeyProblem."""
    # What is new already is left alone: rotation may be broken off and begun again.
    if not value or keys.is_newest(value):
        return value
    place = f"{table}.{column}.{row_id}"
    return keys.seal(keys.open(value, place), place)
