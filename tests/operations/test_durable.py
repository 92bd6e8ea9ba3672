"""What must outlive a power cut is on the disk, with its name, before anything relies on it."""

import asyncio
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.app.database import open_database, open_intake
from bot.app.engines import engine_for, sqlite_url
from bot.app.keys import KeyFile, make_keys, rings
from bot.app.settings import Settings
from bot.cli.backup import back_up
from tests.conftest import KEYS
from tests.operations.conftest import Lived, opened_in, settings_in


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the disk by our doing, in order: the name of a file or folder; a new name as
    `> name`."""
    seen: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        seen.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        fsync(handle)

    def replaced(source: Path, target: Path) -> None:
        seen.append(f"> {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return seen


def test_a_new_key_is_kept_before_a_row_can_be_sealed_with_it(
    tmp_path: Path, disk: list[str]
) -> None:
    settings = settings_in(tmp_path / "var")
    make_keys(settings)
    names = ["keys", "pepper", "report.key", "report.pub", "receipt.key", "answers.pub"]
    assert disk == [entry for name in names for entry in (name, "var")]


async def test_so_is_the_newest_key_of_a_rotation(settings: Settings, disk: list[str]) -> None:
    found = rings(settings)
    assert isinstance(found, KeyFile)
    found.replace(settings.ring().with_new_key())
    assert disk == ["keys.new", "var", "> keys", "var"]


async def test_a_backup_is_kept_before_it_is_called_one(
    settings: Settings, lived: Lived, tmp_path: Path, disk: list[str]
) -> None:
    await back_up(settings, tmp_path / "monday.backup")
    assert disk == ["monday.backup.part", "> monday.backup", tmp_path.name]


async def test_what_a_killed_backup_left_is_no_hindrance(
    settings: Settings, lived: Lived, tmp_path: Path
) -> None:
    left = tmp_path / "monday.backup.part"
    left.write_bytes(b"half a backup")
    await back_up(settings, tmp_path / "monday.backup")
    assert not left.exists()
    assert b"half a backup" not in (tmp_path / "monday.backup").read_bytes()


async def test_the_folder_of_the_data_is_its_owners_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "new" / "var")
    make_keys(settings)
    async with opened_in(settings):
        assert oct(settings.data.stat().st_mode)[-3:] == "700"
    (tmp_path / "shared").mkdir(mode=0o755)
    assert oct(settings_in(tmp_path / "shared").make_folder().stat().st_mode)[-3:] == "755"


async def test_so_are_the_databases_whatever_the_umask(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        for name, opens in (("staff", partial(open_database, keys=KEYS)), ("in", open_intake)):
            database = await opens(sqlite_url(tmp_path / f"{name}.sqlite3"))
            async with database.write() as session:
                await session.exec(text("SELECT 1"))  # type: ignore[call-overload]
                files = tmp_path.glob(f"{name}.sqlite3*")
                modes = [file.stat().st_mode & 0o777 for file in files]
            await database.close()
            assert len(modes) > 1, "the log lies beside it"
            assert set(modes) == {0o600}
    finally:
        os.umask(mask)


async def test_what_goes_in_one_trip_is_as_durable_and_is_wiped_as_well(tmp_path: Path) -> None:
    def asked(connection: Connection) -> dict[str, object]:
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "secure_delete", "journal_mode", "foreign_keys")
        }

    database = await open_database(sqlite_url(tmp_path / "staff.sqlite3"), KEYS)
    assert database.blocking is not None
    async with database.read() as session:
        found = await (await session.connection()).run_sync(asked)
    async with database.write() as session:
        assert await session.run_sync(lambda written: asked(written.connection())) == found
    assert await database.at_once("store", asked) == found
    assert await database.look_at_once(asked) == found
    pool: Any = database.blocking.pool
    assert pool.checkedin() > 0
    await database.close()
    assert pool.checkedin() == 0
    # 2: each commit is waited for until it is on the disk.
    assert found == {
        "synchronous": 2, "secure_delete": 1, "journal_mode": "wal", "foreign_keys": 1
    }  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")
def test_two_users_share_a_database_in_a_folder_of_their_group() -> None:
    group, folder = 4242, Path(tempfile.mkdtemp(dir="/tmp"))
    os.chown(folder, 4243, group)
    folder.chmod(0o2770)
    url = sqlite_url(folder / "intake.sqlite3")

    async def write(user: int) -> None:
        engine = engine_for(url)
        async with engine.execution_options(yinlu_write=True).begin() as connection:
            await connection.execute(text("CREATE TABLE IF NOT EXISTS said (who INTEGER)"))
            await connection.execute(text("INSERT INTO said VALUES (:who)"), {"who": user})
            # The log beside it is still there, and is the other one's.
            modes = {file.stat().st_mode & 0o777 for file in folder.iterdir()}
        await engine.dispose()
        assert modes == {0o660}

    def write_as(user: int) -> None:
        os.setgroups([group])
        os.setgid(group if user == 4244 else 4243)
        os.setuid(user)
        os.umask(0o077)
        asyncio.run(write(user))

    try:
        for user in (4243, 4244, 4243):
            process = multiprocessing.get_context("fork").Process(target=write_as, args=(user,))
            process.start()
            process.join(30)
            assert process.exitcode == 0
        with closing(sqlite3.connect(folder / "intake.sqlite3")) as seen:
            assert seen.execute("SELECT who FROM said").fetchall() == [(4243,), (4244,), (4243,)]
    finally:
        shutil.rmtree(folder)
