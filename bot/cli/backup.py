"""`yinlu backup` and `yinlu restore`: the databases as one sealed file, while the bots run.

The file is a stream of JSON lines, encrypted as a whole with the newest key of the ring
(XChaCha20-Poly1305 in chunks, so that a file that was cut short or changed doesn't restore). It
holds every row of our tables, attachments among them, and no key. Each database is seen at one
moment, the public side's after the staff side's: what arrives between is fetched from it again. A
gateway's is seen before: what the bot takes from it meanwhile is known by its number. The file
knows no kind of database: what was SQLite can be restored into PostgreSQL.
"""

from base64 import b64decode, b64encode
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    literal,
    make_url,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.app.clock import SystemClock
from bot.app.database import database_for
from bot.app.engines import engine_for
from bot.app.settings import Settings, SettingsError, keep_names
from bot.cli.envelope import BrokenEnvelope, EnvelopeWriter, read_envelope
from models import AuditHead
from models.crypto import install
from models.errors import NewerSchema
from models.migrate import (
    INTAKE,
    STAFF,
    VERSION_TABLE,
    refuse_newer,
    revision_of,
    upgrade,
)
from services.core.acts import Act
from services.core.heads import Head, opened
from services.core.ports import Progress, Told, silent
from services.operations.integrity import RESTORED

AT_ONCE = 500
"""Rows in memory, if they are short."""
BYTES = 8 * 1024 * 1024
"""In the columns of bytes of those rows, where one doesn't have as much by itself."""
OPERATOR = "operator"
GATEWAY = "gateway"
Line = dict[str, Any]


@dataclass(frozen=True)
class StoredDatabase:
    """One of the databases. `tree`: of its migrations; GATEWAY has none."""

    name: str
    tree: str
    url: str

    @property
    def there(self) -> bool:
        """False for a file that isn't there: looking into it would make one."""
        file = make_url(self.url).database if self.url.startswith("sqlite") else None
        return file is None or Path(file).exists()


def parts(settings: Settings) -> tuple[StoredDatabase, ...]:
    """The two that every installation has."""
    return (
        StoredDatabase("staff", STAFF, settings.staff_database),
        StoredDatabase("intake", INTAKE, settings.intake_database),
    )


def backed_up(settings: Settings) -> tuple[StoredDatabase, ...]:
    gateways = settings.gateway_databases.items()
    return (
        *(StoredDatabase(f"{GATEWAY}-{name}", GATEWAY, url) for name, url in gateways),
        *parts(settings),
    )


async def back_up(
    settings: Settings, target: Path, progress: Progress = silent
) -> Mapping[str, int]:
    """Writes a new file; gives how many rows of each database it holds. Raises SettingsError where
    the file is there already."""
    ring = settings.ring()
    counted: dict[str, int] = {}
    if target.exists():
        raise SettingsError(f"{target}: there is such a file already; nothing was written")
    beside = target.with_name(f"{target.name}.part")
    # Remove what a killed backup left: the writer never opens a file that is there.
    beside.unlink(missing_ok=True)
    try:
        with EnvelopeWriter(beside, ring) as writer:
            for part in (part for part in backed_up(settings) if part.there):
                async with _snapshot(part) as connection:
                    counted[part.name] = await _dump(part, connection, writer, progress(part.name))
        # Renamed when complete: a file under its final name is a whole backup.
        beside.replace(target)
        keep_names(target.parent)
    finally:
        beside.unlink(missing_ok=True)
    return counted


@asynccontextmanager
async def _snapshot(part: StoredDatabase) -> AsyncIterator[AsyncConnection]:
    """A connection that sees one moment, without holding up writers."""
    engine = engine_for(part.url)
    # A read transaction of SQLite in WAL mode is a snapshot anyway.
    if not part.url.startswith("sqlite"):
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def _dump(
    part: StoredDatabase, connection: AsyncConnection, writer: EnvelopeWriter, told: Told
) -> int:
    tables = await connection.run_sync(_tables)
    revision = await connection.run_sync(revision_of)
    if part.tree == GATEWAY:
        tables = tuple(table for table in tables if table.name in _kept())
    elif revision is None:
        return 0
    writer.write({"database": part.name, "tree": part.tree, "revision": revision})
    rows = 0
    total = sum([await _rows_of(connection, table) for table in tables])
    for table in tables:
        writer.write({"table": table.name, "columns": list(table.columns.keys())})
        few = await _that_fit(connection, table)
        result = await connection.stream(select(table).execution_options(yield_per=few))
        async for some in result.partitions():
            for row in some:
                writer.write({"row": [_said(value) for value in row]})
            rows += len(some)
            await told(rows, max(rows, total))
    await told(rows, total)
    return rows


async def _rows_of(connection: AsyncConnection, table: Table) -> int:
    counted = await connection.execute(select(func.count()).select_from(table))
    return counted.scalar_one()


async def _that_fit(connection: AsyncConnection, table: Table) -> int:
    """How many rows of a table are in memory at once, 1 at least, by its longest one."""
    # Told without reading them.
    columns = (column for column in table.columns if isinstance(column.type, LargeBinary))
    length = sum((func.coalesce(func.length(column), 0) for column in columns), literal(0))
    longest = (await connection.execute(select(func.max(length)))).scalar_one() or 1
    return max(1, min(AT_ONCE, BYTES // longest))


def _kept() -> frozenset[str]:
    # Imported here: only a gateway's rows need what it stands on.
    from bot.processes.gateway import BACKED_UP

    return BACKED_UP


def heads_in(settings: Settings, source: Path) -> Mapping[str, Head]:
    """Return the heads of the staff database's chains as a backup holds them, without their
    ledgers. Raises SettingsError and models.crypto.KeyProblem."""
    found: dict[str, Head] = {}
    columns: Sequence[str] = ()
    try:
        for line in read_envelope(source, settings.ring()):
            if "table" in line:
                columns = line["columns"] if line["table"] == AuditHead.__tablename__ else ()
            elif columns and "row" in line:
                row = dict(zip(columns, line["row"], strict=True))
                if head := opened(row["id"], b64decode(row["newest_sealed"])):
                    found[row["id"]] = replace(head, rows={})
    except BrokenEnvelope as problem:
        raise SettingsError(f"{source}: {problem}") from None
    return found


def _tables(connection: Connection) -> tuple[Table, ...]:
    """Reflect the tables, parents before children."""
    # Reflected, not taken from the models: a backup must be able to hold an older schema.
    found = MetaData()
    found.reflect(connection)
    return tuple(table for table in found.sorted_tables if table.name != VERSION_TABLE)


def _said(value: Any) -> object:
    said = _SAID.get(type(value))
    return said(value) if said else value


_SAID: Mapping[type, Callable[[Any], str]] = {
    bytes: lambda value: b64encode(value).decode(),
    date: date.isoformat,
    time: time.isoformat,
    datetime: datetime.isoformat,
}
"""How a value is written that JSON has no kind for."""


async def restore(
    settings: Settings, source: Path, progress: Progress = silent
) -> Mapping[str, int]:
    """Fill empty databases from a backup, all or none, and migrate them to the newest schema;
    return how many rows of each. Killed in between, no command works on them until it was done
    again. Raises SettingsError, models.crypto.KeyProblem and models.errors.NewerSchema."""
    known = {part.name: part for part in backed_up(settings)}
    # A migration that fills a new table may have to seal.
    install(settings.ring())
    settings.make_folder()
    # Skip the check after a broken-off restore: `_all_or_none` empties what that has filled.
    if not settings.half_restored.exists():
        for part in (part for part in known.values() if part.there):
            await _refuse_used(part)
    try:
        # The whole file is checked before anything is written.
        rows, gateways = await _checked(settings, source, known, progress("checking"))
        with _gateways_stopped(settings, gateways):
            async with _all_or_none(settings):
                further = partial(_further, progress("restoring"), rows)
                counted = await _fill_all(settings, source, known, further)
                if "staff" in counted:
                    await _leave_a_line(settings, counted["staff"])
                return counted
    except BrokenEnvelope as problem:
        raise SettingsError(f"{source}: {problem}") from None
    except IntegrityError:
        # Without the error's own text, which quotes rows.
        raise SettingsError(
            f"{source}: it has rows that name others it doesn't have, as only somebody writing by "
            "hand leaves them. Nothing was restored: restore an earlier backup"
        ) from None


async def _checked(
    settings: Settings, source: Path, known: Mapping[str, StoredDatabase], told: Told
) -> tuple[int, set[str]]:
    """How many rows a backup holds, and of which messengers' gateways. Raises as `restore`."""
    rows, gateways = 0, set[str]()
    for line in read_envelope(source, settings.ring()):
        _refuse_newer(source, line)
        gateways |= _gateway_of(source, line, known)
        rows += "row" in line
        if rows % AT_ONCE == 0:
            await told(rows, 0)
    await told(rows, rows)
    return rows, gateways


def _gateway_of(source: Path, line: Line, known: Mapping[str, StoredDatabase]) -> set[str]:
    """The messenger whose gateway's database begins here, if one does. Raises SettingsError where
    these settings tell of no place for it."""
    if line.get("tree") != GATEWAY:
        return set()
    name = line["database"].removeprefix(f"{GATEWAY}-")
    if line["database"] not in known:
        raise SettingsError(
            f"{source}: it holds the gateway to {name}, which isn't set up here, and "
            "YINLU_GATEWAY_STORE has no database for it: bring its settings too, or leave "
            "YINLU_GATEWAY_STORE out. Nothing was changed"
        )
    return {name}


@contextmanager
def _gateways_stopped(settings: Settings, names: Iterable[str]) -> Iterator[None]:
    """Raises SettingsError where one runs with this data folder: it looks once, at its start, at
    what waits for the bot."""
    from bot.processes.gateway import only_one

    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(only_one(settings, name))
        yield


@asynccontextmanager
async def _all_or_none(settings: Settings) -> AsyncIterator[None]:
    """Begins with empty databases, and ends with all filled or all empty again."""
    broken_off = settings.half_restored.exists()
    settings.half_restored.touch(0o600)
    keep_names(settings.data)
    try:
        if broken_off:
            # What a restore before this one left when it was killed.
            await _empty(settings)
        yield
    except BaseException:
        await _empty(settings)
        _unmark(settings)
        raise
    _unmark(settings)


def _unmark(settings: Settings) -> None:
    # What was filled or emptied is durable before the mark is gone.
    keep_names(settings.data)
    settings.half_restored.unlink()
    keep_names(settings.data)


async def _empty(settings: Settings) -> None:
    for part in (part for part in backed_up(settings) if part.there):
        file = make_url(part.url).database if part.url.startswith("sqlite") else None
        if file is not None:
            # Remove the log first: left alone by a kill, it would be played into the new database.
            for path in (Path(f"{file}{more}") for more in ("-wal", "-shm", "")):
                path.unlink(missing_ok=True)
            continue
        engine = engine_for(part.url)
        async with engine.execution_options(yinlu_write=True).begin() as connection:
            await connection.run_sync(_drop_tables)
        await engine.dispose()


def _drop_tables(connection: Connection) -> None:
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


async def _leave_a_line(settings: Settings, rows: int) -> None:
    """Write that the staff database was restored, by which `doctor --against` tells it from an
    older copy that somebody put back."""
    now = SystemClock().now()
    database = database_for(settings.staff_database)
    try:
        async with database.act(Act(f"restore:{now.isoformat()}", now), OPERATOR) as work:
            await work.done(RESTORED, rows)
    finally:
        await database.close()


async def _fill_all(
    settings: Settings,
    source: Path,
    known: Mapping[str, StoredDatabase],
    further: Callable[[int, int], Awaitable[None]],
) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    parted = groupby(_with_database(read_envelope(source, settings.ring())), key=itemgetter(0))
    for begin, lines in parted:
        part = known[begin["database"]]
        filled = partial(further, sum(counted.values()))
        some = map(itemgetter(1), lines)
        counted[part.name] = await _fill(part, begin["revision"], some, filled)
    return counted


async def _further(told: Told, total: int, before: int, rows: int) -> None:
    await told(before + rows, total)


def _refuse_newer(source: Path, line: Line) -> None:
    if line.get("tree") == GATEWAY:
        return
    try:
        refuse_newer(line.get("revision"), line.get("tree", STAFF))
    except NewerSchema:
        raise NewerSchema(
            f"{source}: it was written by a later version of the program (schema "
            f"{line['revision']} of {line['database']}): restore it with that version. Nothing was "
            "changed"
        ) from None


def _with_database(lines: Iterator[Line]) -> Iterator[tuple[Line, Line]]:
    """Each line with the one that began its database."""
    begin: Line = {}
    for line in lines:
        if "database" in line:
            begin = line
        else:
            yield begin, line


async def _fill(
    part: StoredDatabase,
    revision: str,
    lines: Iterator[Line],
    filled: Callable[[int], Awaitable[None]],
) -> int:
    """`filled`: hears how many rows are there."""
    engine = engine_for(part.url)
    try:
        # The schema of the backup first: only that has a column for each value. Then the newest.
        await _make_tables(engine, part, revision)
        async with engine.execution_options(yinlu_write=True).begin() as connection:
            tables = {table.name: table for table in await connection.run_sync(_tables)}
            rows = await _insert(connection, tables, lines, filled)
        if part.tree != GATEWAY:
            await upgrade(engine, tree=part.tree)
        return rows
    finally:
        await engine.dispose()


async def _make_tables(engine: AsyncEngine, part: StoredDatabase, revision: str) -> None:
    if part.tree == GATEWAY:
        from bot.processes.gateway import make_tables

        await make_tables(engine, part.name.removeprefix(f"{GATEWAY}-"))
    else:
        await upgrade(engine, revision, part.tree)


async def _refuse_used(part: StoredDatabase) -> None:
    async with _snapshot(part) as connection:
        for table in await connection.run_sync(_tables):
            if await _rows_of(connection, table):
                raise SettingsError(
                    f"the {part.name} database isn't empty ({table.name}): restore into a new "
                    "directory or a new database. Nothing was changed"
                )


async def _insert(
    connection: AsyncConnection,
    tables: Mapping[str, Table],
    lines: Iterator[Line],
    filled: Callable[[int], Awaitable[None]],
) -> int:
    rows = 0
    for table, waiting in _batches(tables, lines):
        for some in _parents_first(waiting, _own_parent(table)):
            await connection.execute(insert(table), some)
        rows += len(waiting)
        await filled(rows)
    return rows


def _batches(
    tables: Mapping[str, Table], lines: Iterator[Line]
) -> Iterator[tuple[Table, list[Line]]]:
    """Rows by table, some at a time; all at once where they name each other."""
    table = Table("none", MetaData())
    columns: Sequence[ReadColumn] = ()
    waiting, size = list[Line](), 0
    for line in lines:
        ends = "table" in line
        full = len(waiting) >= AT_ONCE or size >= BYTES
        if waiting and (ends or (full and not _own_parent(table))):
            yield table, waiting
            waiting, size = [], 0
        if ends:
            table = tables[line["table"]]
            columns = [_column(table.columns[name]) for name in line["columns"]]
        else:
            waiting.append(_read(columns, line["row"]))
            size += sum(len(value) for value in line["row"] if type(value) is str)
    if waiting:
        yield table, waiting


def _own_parent(table: Table) -> str | None:
    """The column by which a row names another one of its own table."""
    keys = (key for key in table.foreign_keys if key.column.table is table)
    return next((key.parent.name for key in keys), None)


def _parents_first(rows: list[Line], parent: str | None) -> Iterator[list[Line]]:
    if parent is None:
        yield rows
        return
    there: set[Any] = {None}
    while some := [row for row in rows if row[parent] in there]:
        yield some
        there |= {row["id"] for row in some}
        rows = [row for row in rows if row["id"] not in there]
    if rows:
        # Above one another, or below one that isn't there: let the database refuse them. Left out,
        # they would be lost in silence.
        yield rows


ReadColumn = tuple[str, Callable[[Any], Any] | None]
"""A column by its name, and what makes its value of what is written; None where it is written as it
is."""


_READ: Mapping[type, Callable[[Any], Any]] = {
    bytes: b64decode,
    date: date.fromisoformat,
    time: time.fromisoformat,
    datetime: datetime.fromisoformat,
}


def _column(column: Column[Any]) -> ReadColumn:
    return column.name, _READ.get(column.type.python_type)


def _read(columns: Sequence[ReadColumn], row: list[Any]) -> Line:
    return {
        name: value if read is None or value is None else read(value)
        for (name, read), value in zip(columns, row, strict=True)
    }
