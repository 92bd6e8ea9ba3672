"""What was removed from a SQLite file is removed from the disk as well (docs/promises.md P7).

`secure_delete` overwrites what a row leaves behind, but the write-ahead log still holds the pages
as they were, until it is emptied. On PostgreSQL the server decides when: docs/threat-model.md.
"""

import sqlite3
from contextlib import suppress

from sqlalchemy.exc import OperationalError

from services.core.database import Database

EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


async def scrub(database: Database, whole: bool = False) -> bool:
    """`whole`: the file is written anew as well, which takes seconds. False where somebody was
    reading, so that the log couldn't be emptied: then try again."""
    if database.engine.dialect.name != "sqlite":
        return True
    async with database.engine.connect() as connection:
        plain = (await connection.get_raw_connection()).driver_connection
        assert plain is not None
        if whole:
            await plain.execute("VACUUM")
        cursor = await plain.execute(EMPTY_LOG)
        [busy, _, _] = await cursor.fetchone()
        await cursor.close()
    return not busy


async def scrub_soon(database: Database) -> None:
    """After a commit that stands: who asked for it isn't told that it failed. What can't be done
    now, on a full disk for one, is done the next night (`services.reports.exchange.forget`)."""
    with suppress(OperationalError, sqlite3.Error):
        await scrub(database)
