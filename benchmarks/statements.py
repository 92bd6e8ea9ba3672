"""What a database is asked, to be counted."""

from sqlalchemy import event

from services.core.database import Database


def statements_of(database: Database) -> list[str]:
    """Return a list that gets each statement from now on, of what reads and of what writes: on
    SQLite each has a driver of its own."""
    found: list[str] = []

    def run(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", run)
    if database.blocking is not None:
        event.listen(database.blocking, "before_cursor_execute", run)
    return found
