"""Remove from the disk what was deleted from a SQLite database (docs/promises.md P7).

`secure_delete` overwrites what a row leaves behind, but the write-ahead log still holds the pages
as they were, until it is emptied. On PostgreSQL the server decides when: docs/threat-model.md.
"""

import sqlite3
from contextlib import suppress

from sqlalchemy.exc import OperationalError

from services.core.database import Database

EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


async def scrub(database: Database, whole: bool = False) -> bool:
    """Empty the write-ahead log; with `whole`, rewrite the file as well, which takes seconds.
    Returns False where a reader kept the log from being emptied: then try again."""
    if database.engine.dialect.name != "sqlite":
        return True
    async with database.engine.connect() as connection:
        plain = (await connection.get_raw_connection()).driver_connection
        assert plain is not None
        # Before the log is emptied: in this mode VACUUM writes its pages to the log as well.
        if whole:
            await plain.execute("VACUUM")
        cursor = await plain.execute(EMPTY_LOG)
        [busy, _, _] = await cursor.fetchone()
        await cursor.close()
    return not busy


async def scrub_soon(database: Database) -> None:
    """Scrub after a commit, and suppress a failure: what was asked for is done. What can't be wiped
    now, on a full disk for one, is wiped the next night (`services.reports.exchange.forget`)."""
    with suppress(OperationalError, sqlite3.Error):
        await scrub(database)
