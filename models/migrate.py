"""Brings a database to the newest schema with Alembic, without a configuration file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

SCRIPTS = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    settings.attributes["connection"] = connection
    return settings


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.run_sync(lambda plain: command.upgrade(config(plain), revision))


async def downgrade(engine: AsyncEngine, revision: str = "base") -> None:
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.run_sync(lambda plain: command.downgrade(config(plain), revision))
