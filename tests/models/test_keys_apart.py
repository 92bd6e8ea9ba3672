"""Several databases in one process, each sealed with keys of its own."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app.database import open_database
from bot.app.engines import sqlite_url
from models import Organisation
from models.crypto import KeyProblem, KeyRing, install, keep_apart, ring
from services.core.database import Database

KEYS = {"north": KeyRing.new(), "south": KeyRing.new()}


async def add_names(name: str, url: str, both: asyncio.Barrier) -> Database:
    """As one of several in this process: each row is written while the other one writes too."""
    keep_apart()
    database = await open_database(url, KEYS[name])
    for number in range(20):
        await both.wait()
        async with database.write() as session:
            row = Organisation(level="department")
            row.name = f"{name} {number}"
            session.add(row)
    # What is asked in a thread opens payloads there.
    assert await database.at_once("look", lambda _: ring()) is KEYS[name]
    return database


async def sealed_in(database: Database) -> list[tuple[str, bytes]]:
    async with database.read() as session:
        rows = await (await session.connection()).execute(
            text("SELECT id, name_sealed FROM organisation")
        )
        return [(row_id, bytes(sealed)) for row_id, sealed in rows]


async def test_each_task_seals_with_its_own_keys_and_no_other(tmp_path: Path) -> None:
    both = asyncio.Barrier(2)
    databases = await asyncio.gather(
        *(add_names(name, sqlite_url(tmp_path / f"{name}.sqlite3"), both) for name in KEYS)
    )
    for (name, own), other, database in zip(
        KEYS.items(), reversed(KEYS.values()), databases, strict=True
    ):
        rows = await sealed_in(database)
        opened = {
            own.open(sealed, f"organisation.name_sealed.{at}").decode() for at, sealed in rows
        }
        assert opened == {f"{name} {number}" for number in range(20)}
        with pytest.raises(KeyProblem):
            other.open(rows[0][1], f"organisation.name_sealed.{rows[0][0]}")
        await database.close()


async def test_who_was_given_no_keys_fails_instead_of_taking_another_one_s() -> None:
    install(KEYS["north"])

    async def outside() -> None:
        keep_apart()
        with pytest.raises(KeyProblem, match="no key ring was installed"):
            ring()
        install(KEYS["south"])
        assert ring() is KEYS["south"]

    await asyncio.create_task(outside())
    assert ring() is KEYS["north"], "those of the process are as they were"
