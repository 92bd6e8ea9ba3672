"""How many connections a PostgreSQL lets in, beside what may be opened to it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.app.engines import engine_for

PORT = 5432
MOST, RESERVED = "max_connections", ("superuser_reserved_connections", "reserved_connections")
"""Settings of the server: of all connections, and of those that it keeps from everybody else; the
last one since PostgreSQL 16."""
_ALLOWED = text("SELECT name, setting::int FROM pg_settings WHERE name = ANY(:names)")
_OPEN = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND datname <> ALL(:ours)"
)


@dataclass(frozen=True)
class Room:
    """`lets_in`: connections of those who aren't superusers. `others`: those that are open now to
    other databases than were named."""

    lets_in: int
    others: int


def server_of(url: str) -> str:
    """Host and port of an address; "" where it is no PostgreSQL. Without name and password."""
    if not url.startswith("postgresql"):
        return ""
    found = make_url(url)
    # A socket of the machine stands among the parameters.
    host = found.host or str(found.query.get("host", "localhost"))
    return f"{host}:{found.port or PORT}"


async def room_of(url: str, ours: Collection[str] = ()) -> Room:
    """Ask the server of a PostgreSQL. `ours`: names of databases. Raises what the database
    raises."""
    engine = engine_for(url, 1)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(_ALLOWED, {"names": [MOST, *RESERVED]})
            allowed: dict[str, int] = {row.name: row.setting for row in rows}
            open_now = await connection.execute(_OPEN, {"ours": [*ours]})
            others: int = open_now.scalar_one()
    finally:
        await engine.dispose()
    return Room(allowed.pop(MOST) - sum(allowed.values()), others)
