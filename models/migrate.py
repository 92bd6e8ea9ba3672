"""Brings a database to the newest schema with Alembic, without a configuration file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

STAFF, INTAKE = "migrations", "intake_migrations"
"""The two trees of migrations, one for each database."""


def config(connection: Connection, tree: str = STAFF) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / tree))
    settings.attributes["connection"] = connection
    return settings


async def upgrade(engine: AsyncEngine, revision: str = "head", tree: str = STAFF) -> None:
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.run_sync(lambda plain: command.upgrade(config(plain, tree), revision))


async def downgrade(engine: AsyncEngine, revision: str = "base", tree: str = STAFF) -> None:
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.run_sync(lambda plain: command.downgrade(config(plain, tree), revision))
