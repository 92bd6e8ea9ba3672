"""`yinlu cell new`: databases and roles of a cell, then all that `yinlu setup` asks for one."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_urlsafe

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.app.database import unreached
from bot.app.engines import engine_for
from bot.app.settings import SettingsError
from bot.setup import setup_texts
from bot.setup.asking import Stopped, Terminal
from bot.setup.files import BOTS, EnvironmentFile, Installation
from bot.setup.setup import Setup, make_folders, place_of
from cells import texts
from cells.plan import NAME, Plan, read
from services.core.i18n import use

STAFF, INTAKE = "DATABASE_URL", "YINLU_INTAKE_URL"


def place_in(plan: Plan, name: str, staff_user: str, public_user: str) -> Installation:
    """Where a cell lies: a folder of its name; its data beside the settings, or where root keeps
    such. Raises SettingsError."""
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name}: expected small letters, digits and _, 31 at most")
    if plan.folder is None:
        raise SettingsError(f"{plan.path}: folder: expected the one that cells lie in")
    folder = plan.folder / name
    # Where the service manager lets a cell write; by hand, beside its settings.
    data = Path("/var/lib/yinlu-cells") / name / "staff" if os.geteuid() == 0 else folder / "data"
    where = argparse.Namespace(
        folder=folder, data=data, staff_user=staff_user, public_user=public_user
    )
    return replace(place_of(where), cell=name)


async def make_databases(server: str, place: Installation) -> tuple[str, str]:
    """Make both databases of a cell, each with a role of its own that enters no other; write their
    addresses into its settings, and return their names. What is there stays. Raises
    SettingsError."""
    if not server:
        raise SettingsError("server: expected the address of a PostgreSQL, as who may make roles")
    names = f"yinlu_staff_{place.cell}", f"yinlu_intake_{place.cell}"
    engine = engine_for(server)
    try:
        with unreached("server: it isn't reached or refuses"):
            await _make_both(engine, server, place, names)
    finally:
        await engine.dispose()
    return names


async def _make_both(
    engine: AsyncEngine, server: str, place: Installation, names: Sequence[str]
) -> None:
    # CREATE DATABASE can't be part of a transaction.
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for setting, name in zip((STAFF, INTAKE), names, strict=True):
            # Before the role is made: a password that stands nowhere would be lost.
            url = _written(place, setting, name, make_url(server))
            if url.database == name:
                await _make(connection, name, url.password or "")


def _written(place: Installation, setting: str, name: str, server: URL) -> URL:
    """The address that stands in the settings. Of the two databases the public bot enters one."""
    staff = place.environment("staff")
    stands = staff.read().get(setting)
    if stands is None:
        made = server.set(username=name, password=token_urlsafe(24), database=name)
        stands = made.render_as_string(hide_password=False)
    # The intake is what both bots enter.
    files: list[EnvironmentFile] = [place.environment(bot) for bot in BOTS]
    for file in [staff] if setting == STAFF else files:
        file.add(setting, stands)
    return make_url(stands)


async def _make(connection: AsyncConnection, name: str, password: str) -> None:
    """Make a database and its role, or give that role this password. `name`: of ours, and
    `password` too, so that both may stand in a statement."""

    async def there(table: str, column: str) -> bool:
        statement = text(f"SELECT 1 FROM {table} WHERE {column} = :name")
        return (await connection.execute(statement, {"name": name})).first() is not None

    async def run(statement: str) -> None:
        await connection.execute(text(statement))

    begin = "ALTER" if await there("pg_roles", "rolname") else "CREATE"
    await run(f"{begin} ROLE {name} LOGIN PASSWORD '{password}'")
    if await there("pg_database", "datname"):
        return
    # Only a member of a role may make it the owner of something.
    await run(f"GRANT {name} TO CURRENT_USER")
    await run(f"CREATE DATABASE {name} OWNER {name}")
    # Everybody may enter a new database: another cell's role, and that of the public side.
    await run(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await run(f"REVOKE {name} FROM CURRENT_USER")


async def new_cell(
    name: str, file: Path, english: bool, users: tuple[str, str], terminal: Terminal
) -> int:
    """Make a cell, or go on where its making was broken off: 0 where nothing remains to be done,
    else 1. Raises FileError, SettingsError."""
    plan = read(file)
    place = place_in(plan, name, *users)
    with use("en" if english else "zh"):
        try:
            make_folders(place)
            terminal.say(texts.databases(*await make_databases(plan.server, place)))
            setup = Setup(place, terminal)
            await setup.run()
        except Stopped:
            terminal.say(f"\n{setup_texts.stopped()}")
            return 1
        terminal.say(texts.served(name, file))
    return int(bool(setup.remains))
