"""Opens the databases of the house, migrated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError

from bot.app.engines import direct_for, engine_for
from bot.app.settings import SettingsError
from models.crypto import KeyRing, Rings, install
from models.migrate import INTAKE, upgrade
from services.core.database import Database


def database_for(url: str) -> Database:
    """The database behind `url`, not looked at yet."""
    engine = engine_for(url)
    return Database(engine, direct_for(engine))


async def open_database(url: str, keys: KeyRing | Rings) -> Database:
    """The migrated database behind `url`, opened with `keys`. Raises models.crypto.KeyProblem when
    they aren't the ones it was sealed with, models.errors.NewerSchema."""
    install(keys)
    database = database_for(url)
    async with _reached(database, "DATABASE_URL"):
        await upgrade(database.engine)
        await database.check_keys()
    return database


async def open_intake(url: str) -> Database:
    """The migrated database of the public side. It needs no keys: what is sealed in it can't be
    opened where it is written. Raises NewerSchema."""
    database = database_for(url)
    async with _reached(database, "YINLU_INTAKE_URL"):
        await upgrade(database.engine, tree=INTAKE)
    return database


@asynccontextmanager
async def _reached(database: Database, setting: str) -> AsyncIterator[None]:
    """Close a database that couldn't be opened. Raises SettingsError where it can't be reached,
    without its address, which may hold a password."""
    try:
        yield
    except (OSError, DBAPIError) as error:
        await database.close()
        cause = getattr(error, "orig", None) or error
        raise SettingsError(
            f"{setting}: the database can't be opened ({type(cause).__name__})"
        ) from None
    except BaseException:
        await database.close()
        raise
