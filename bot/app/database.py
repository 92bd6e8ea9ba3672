"""Opens the databases of the house, migrated."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import DBAPIError

from bot.app.engines import MOST, direct_for, engine_for
from bot.app.settings import SettingsError
from models.crypto import KeyRing, Rings, install
from models.migrate import INTAKE, upgrade
from services.core.database import Database, away


def database_for(url: str, most: int = MOST) -> Database:
    """The database behind `url`, not looked at yet. `most`: as of `engine_for`."""
    engine = engine_for(url, most)
    return Database(engine, direct_for(engine))


async def open_database(url: str, keys: KeyRing | Rings, most: int = MOST) -> Database:
    """The migrated database behind `url`, opened with `keys`. `most`: as of `engine_for`. Raises
    models.crypto.KeyProblem when they aren't the ones it was sealed with,
    models.errors.NewerSchema."""
    install(keys)
    database = database_for(url, most)
    async with _reached(database, "DATABASE_URL"):
        await upgrade(database.engine)
        await database.check_keys()
    return database


async def open_intake(url: str, most: int = MOST) -> Database:
    """The migrated database of the public side. It needs no keys: what is sealed in it can't be
    opened where it is written. Raises NewerSchema."""
    database = database_for(url, most)
    async with _reached(database, "YINLU_INTAKE_URL"):
        await upgrade(database.engine, tree=INTAKE)
    return database


@asynccontextmanager
async def _reached(database: Database, setting: str) -> AsyncIterator[None]:
    """Close a database that couldn't be opened. Raises SettingsError where it can't be reached."""
    try:
        with unreached(f"{setting}: the database can't be opened"):
            yield
    except BaseException:
        await database.close()
        raise


@contextmanager
def unreached(said: str) -> Iterator[None]:
    """Raises SettingsError with `said` and the kind of the error where a database isn't reached or
    refuses: its own words may hold the address, and that a password."""
    try:
        yield
    except Exception as error:
        if not (away(error) or isinstance(error, DBAPIError)):
            raise
        cause = getattr(error, "orig", None) or error
        raise SettingsError(f"{said} ({type(cause).__name__})") from None
