"""A MAC over every row that decides something, so that who can write the file can't write rows.

The key isn't in the database. Under the MAC lie the table and all columns, the primary key among
them: a row that was changed, made or copied to another place by hand doesn't fit. What a single row
can't tell, that it is missing or an older version of itself, tells the ledger of its chain
(`services.core.heads`).

Worked example: post p1 of person a is stored with mac(post, id=p1, person_id=a, role=secretary, …).
`UPDATE post SET role='director'` leaves the mac as it was: at the next load the row is marked as
altered, and the session leaves it out of what it returns.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Executable, LargeBinary, event, inspect
from sqlalchemy.orm import Session, object_session
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from models.crypto import index_key, ring

HOUSE, MESSAGES = "house", "messages"
"""Chains of acts and rows that belong to no case. Messages have one of their own, for which no act
has to wait."""
MAC_BYTES = 16
LONG = 64
"""Bytes of a value from which only its digest is encoded: an attachment may have 10 MB."""
Result = TypeVar("Result")
Row = Any
"""A row of a result, by position and by name."""
ALTERED, LEDGER = "altered", "ledger"
"""Keys of `Session.info`."""


class Guarded(SQLModel):
    """A row with a MAC. `chained_by`: the column that names the case in whose chain it counts, or
    "" for those of `chain`. `gives_rights`: who acts, or what counts as signed, follows from it.
    `open_columns`: columns that lie under no MAC, each with the reason."""

    chained_by: ClassVar[str] = ""
    chain: ClassVar[str] = HOUSE
    gives_rights: ClassVar[bool] = False
    open_columns: ClassVar[Mapping[str, str]] = {}
    mac: bytes = Field(default=b"", sa_type=LargeBinary)


OPEN_TABLES: Mapping[str, str] = {
    "audit_line": "its own chain of hashes, keyed as well",
    "audit_head": "sealed to its chain; it holds the ledger itself",
    "conversation_state": "sealed to its chat; says which question is on the screen, and grants "
    "nothing: every act asks for permission and rules anew",
    "draft": "sealed to its row, shown to its owner before anything is entered",
    "outlook": "sealed to its case, with the sums of the rows it follows from; where the head of "
    "the case says others the case is read",
    "send_pause": "a wait of some seconds; without it the messenger asks for another one",
    "send_share": "a lease of seconds; without it a process sends faster or slower for a moment",
    "seen_update": "an update that comes twice meets the key of its act, which is unique",
    "update_inbox": "sealed to its row, there for moments; without it whoever sent it gets no "
    "answer and sees so",
}
"""Tables of the staff side without MACs, each with the reason."""


@dataclass
class ChainChange:
    """What a transaction changes in the rows of one table in one chain: the sum of their tags, and
    their number."""

    tags: int = 0
    rows: int = 0


@cache
def _key(index_key: bytes, purpose: str) -> bytes:
    # Of the index key, which is never rotated, as the audit chain's hashes.
    return ring().subkey(index_key, purpose)


@cache
def columns_under_mac(table: type[Guarded]) -> tuple[str, ...]:
    """Return the columns of a table that lie under its MAC."""
    return tuple(
        sorted(
            name
            for name in inspect(table).columns.keys()  # noqa: SIM118
            if name != "mac" and name not in table.open_columns
        )
    )


# What needs no function of ours: every row that is loaded has some ten of them. By exact type,
# since an aware time is a day as well, and a word of an enum prints as more than itself.
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    int: str,
    date: date.isoformat,
    tuple: json.JSONEncoder().encode,
    list: json.JSONEncoder().encode,
}
_EMPTY: tuple[object, ...] = ((), [])
"""Most lists are, and an encoder is made for each that isn't."""


_digest = partial(blake2b, digest_size=32)


def mac_of(table: type[Guarded], values: Mapping[str, Any]) -> bytes:
    """Return the MAC of a row, by the Python values of its columns. Only bytes say their kind:
    SQLite would keep them in a column of text as well."""
    first, named = _pieces(table)
    said = [first]
    for name, piece in named:
        value = values[name]
        # Empty ones are left out: a later version may add a column without touching every row.
        if value is None:
            continue
        kind = type(value)
        if kind is str:
            text = value
        elif kind in _TEXTS:
            text = _TEXTS[kind](value) if value not in _EMPTY else "[]"
        elif kind is bytes:
            text = f"b{_digest(value).hexdigest() if len(value) > LONG else value.hex()}"
        elif kind is datetime and value.tzinfo is UTC:
            text = value.isoformat()
        else:
            text = _encoded(value)
        said.append(f"{piece}{len(text)}:{text}")
    key = _key(index_key(), "yinlu row mac")
    return blake2b("".join(said).encode(), key=key, digest_size=MAC_BYTES).digest()


@cache
def _pieces(table: type[Guarded]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The table's name, and the columns with theirs, as they stand in what is hashed."""
    named = tuple((name, _piece(name)) for name in columns_under_mac(table))
    return _piece(str(table.__tablename__)), named


def _piece(text: str) -> str:
    """With its length, so that no two rows are encoded alike."""
    return f"{len(text)}:{text}"


def _encoded(value: Any) -> str:
    """Return one text for one value, the same before it is stored and after it is loaded."""
    if isinstance(value, str):
        return str(value)
    # A bool is stored as a number, and may be counted with.
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return json.dumps(value)
    # No type of ours: somebody wrote it there by hand.
    return repr(value)


def fits(table: type[Guarded], values: Mapping[str, Any]) -> bool:
    """Whether a row carries the MAC that belongs to it."""
    return compare_digest(mac_of(table, values), values["mac"] or b"")


def tag_of(mac: bytes) -> int:
    """Return what a row adds to its ledger. Not the MAC itself: whoever reads the rows could
    choose some with the same sum."""
    key = _key(index_key(), "yinlu row tag")
    return int.from_bytes(blake2b(mac, key=key, digest_size=32).digest())


def chain_of(table: type[Guarded], values: Mapping[str, Any]) -> str:
    """Return the chain in whose ledger a row counts."""
    return str(values[table.chained_by]) if table.chained_by else table.chain


def is_altered(row: object) -> bool:
    """Whether a loaded row didn't fit its MAC."""
    return isinstance(row, Guarded) and ALTERED in inspect(row).info


def count(
    session: Session, table: type[Guarded], chain: str, old: bytes | None, new: bytes | None
) -> None:
    """Note in the session that a row of a chain had the MAC `old` and has `new`; None for a row
    that wasn't or isn't there. `services.core.heads` writes it down before the commit."""
    ledger = session.info.setdefault(LEDGER, {})
    change = ledger.setdefault((chain, table.__tablename__), ChainChange())
    for mac, sign in ((old, -1), (new, 1)):
        if mac is not None:
            change.tags += sign * tag_of(mac)
            change.rows += sign


async def by_hand(session: AsyncSession, statement: Executable, params: Any = None) -> Any:
    """Run a statement over tables, whose MACs and ledger the caller keeps, on the connection of a
    session. The way through the session itself, which looks for objects in it and in what it
    returns, costs as much again."""

    def run(own: Session) -> Any:
        # As a session does before it asks.
        own.flush()
        found = own.connection().execute(statement, params)
        return found.freeze()() if found.returns_rows else found

    return await on_session(session, run)


async def on_session(session: AsyncSession, job: Callable[[Session], Result]) -> Result:
    """Run a job on the session below an asynchronous one: at once where its driver needs no event
    loop, so that there is nothing to switch to."""
    own = session.sync_session
    assert own.bind is not None
    return await session.run_sync(job) if own.bind.dialect.is_async else job(own)


def rows_by_hand(session: Session, rows: Iterable[Guarded]) -> list[dict[str, Any]]:
    """Return rows as values for a bulk insert, with their MACs, and count them."""
    return [row.model_dump() | {"mac": _counted(session, row)} for row in rows]


def with_macs(table: type[Guarded], rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that were never objects with their MACs. Each has a value for every other column.
    Raises KeyError for one that lacks some."""
    return [{**values, "mac": mac_of(table, values)} for values in rows]


def count_rows(session: Session, table: type[Guarded], rows: Iterable[Mapping[str, Any]]) -> None:
    """Count rows that were made `with_macs` and are about to be inserted."""
    for values in rows:
        count(session, table, chain_of(table, values), None, values["mac"])


def _counted(session: Session, row: Guarded) -> bytes:
    table, values = type(row), _values(row)
    mac = mac_of(table, values)
    count(session, table, chain_of(table, values), None, mac)
    return mac


def _count(row: Guarded, old: bytes | None, new: bytes | None) -> None:
    session = object_session(row)
    assert session is not None
    table = type(row)
    count(session, table, chain_of(table, row.__dict__), old, new)


@event.listens_for(Guarded, "before_insert", propagate=True)
def _make(_mapper: object, _connection: object, row: Guarded) -> None:
    row.mac = mac_of(type(row), _values(row))
    _count(row, None, row.mac)


@event.listens_for(Guarded, "before_update", propagate=True)
def _renew(_mapper: object, _connection: object, row: Guarded) -> None:
    # An altered row keeps its wrong MAC: writing it again mustn't make it right.
    new = row.mac if is_altered(row) else mac_of(type(row), _values(row))
    if new != row.mac:
        _count(row, row.mac, new)
        row.mac = new


@event.listens_for(Guarded, "before_delete", propagate=True)
def _take_out(_mapper: object, _connection: object, row: Guarded) -> None:
    _count(row, row.mac, None)


def _values(row: Guarded) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns_under_mac(type(row))}


def only_fitting(
    session: Session, table: type[Guarded], names: Sequence[str], rows: Iterable[Row]
) -> list[Row]:
    """Return those of the rows, with all columns by `names`, that fit their MAC, and note the
    others in the session as if they had been loaded as objects."""
    fitting = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        if compare_digest(mac_of(table, values), values["mac"] or b""):
            fitting.append(row)
        else:
            keys = [values[column.key] for column in inspect(table).primary_key]
            _note(session, table, values, keys)
    return fitting


def _note(
    session: Session, table: type[Guarded], values: Mapping[str, Any], keys: Iterable[object]
) -> None:
    found = session.info.setdefault(ALTERED, {})
    found[table.__tablename__, "/".join(map(str, keys))] = chain_of(table, values)


@event.listens_for(Guarded, "load", propagate=True)
def _check(row: Guarded, _context: object) -> None:
    values = row.__dict__
    # As `fits`, without a call more: every row that is loaded comes by here.
    if not compare_digest(mac_of(type(row), values), values["mac"] or b""):
        state = inspect(row)
        state.info[ALTERED] = True
        assert state.session is not None
        _note(state.session, type(row), values, state.identity or ())


@event.listens_for(Guarded, "refresh", propagate=True)
def _check_again(row: Guarded, context: object, _names: object) -> None:
    _check(row, context)
