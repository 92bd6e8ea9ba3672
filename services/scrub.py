"""What was removed from a SQLite file is removed from the disk as well (TRUST P7).

`secure_delete` overwrites what a row leaves behind, but the write-ahead log still holds the pages
as they were, until it is emptied. On PostgreSQL the server decides when: docs/threat-model.md.
"""

from services.base import Database

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
