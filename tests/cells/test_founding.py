"""`yinlu cell new`: databases with roles of their own, keys, settings, the first invitation."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.postgres import run
from bot.app.clock import SystemClock
from bot.app.settings import SettingsError
from bot.setup.files import EnvironmentFile
from cells.founding import make_databases, new_cell, place_in
from cells.plan import read
from cells.serving import listed
from domain.files.toml import FileError
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import running
from tests.operations.test_setup import MORNING, NAMES, PUBLIC, STAFF, Told

USERS = "root", "nobody"
MAKER = "yinlu_maker"
PERMISSION_DENIED = "42501"


@pytest.fixture(autouse=True)
def _on_a_day_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """From December on the doctor asks for next year's plan of holidays."""
    monkeypatch.setattr(SystemClock, "now", lambda _: MORNING)


def plan_in(folder: Path, server: str) -> Path:
    file = folder / "cells.toml"
    file.write_text(f'server = "{server}"\nfolder = "towns"\n')
    return file


async def maker_of(server: str) -> str:
    """Somebody who may make roles and databases, and isn't the superuser."""
    await run(server, f"DROP ROLE IF EXISTS {MAKER}")
    await run(server, f"CREATE ROLE {MAKER} LOGIN CREATEDB CREATEROLE PASSWORD 'x'")
    return make_url(server).set(username=MAKER, password="x").render_as_string(False)


async def gone(server: str, name: str) -> None:
    for one in (f"yinlu_staff_{name}", f"yinlu_intake_{name}"):
        await run(server, f"DROP DATABASE IF EXISTS {one} WITH (FORCE)")
        await run(server, f"DROP ROLE IF EXISTS {one}")


async def enters(url: str, user: str) -> bool:
    """Whether a role may connect to the database of an address."""
    engine = create_async_engine(make_url(url).set(username=user))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except ProgrammingError as refused:
        if getattr(refused.orig, "sqlstate", "") != PERMISSION_DENIED:
            raise
        return False
    finally:
        await engine.dispose()
    return True


@pytest.fixture
def _as_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of their own."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.mark.postgres
@pytest.mark.usefixtures("_as_a_user")
async def test_a_cell_is_made_with_one_command(tmp_path: Path, postgres_url: str) -> None:
    file = plan_in(tmp_path, await maker_of(postgres_url))
    async with running(MessengerSettings(port=0)) as server:
        broken_off = Told("yakeshi", "", server.url, STAFF)
        assert await new_cell("baihua", file, False, USERS, broken_off) == 1
        before = read(file).cells()["baihua"].read_text()
        told = Told(server.url, PUBLIC, "0", "", "", *NAMES)
        assert await new_cell("baihua", file, False, USERS, told) == 0, told.said
    assert "yinlu_staff_baihua" in told.said
    assert "加入 " in told.said, "the director's invitation"
    assert "yinlu cells" in told.said

    # What was answered and made the first time stands.
    settings = read(file).cells()["baihua"]
    assert settings.read_text().startswith(before)
    staff = EnvironmentFile(settings).settings()
    public = EnvironmentFile(settings.with_name("public.env")).settings()
    assert staff.token("staff") == BOTS["staff"][0]
    assert public.database_url == "", "the public side knows no way to the staff's database"
    assert public.intake_database == staff.intake_database

    # A role enters its own database alone; only the public bot has a unit of its own.
    assert await enters(staff.staff_database, "yinlu_staff_baihua")
    assert not await enters(staff.staff_database, "yinlu_intake_baihua")
    assert not await enters(staff.intake_database, "yinlu_staff_baihua")
    units = [path.name for path in settings.parent.glob("*.service")]
    assert units == ["yinlu-baihua-public.service"]
    assert await listed(file) == [f"baihua  {settings}"]
    await gone(postgres_url, "baihua")


@pytest.mark.postgres
@pytest.mark.usefixtures("_as_a_user")
async def test_databases_are_made_once_and_keep_their_passwords(
    tmp_path: Path, postgres_url: str
) -> None:
    plan = read(plan_in(tmp_path, await maker_of(postgres_url)))
    place = place_in(plan, "lanshan", *USERS)
    names = await make_databases(plan.server, place)
    assert names == ("yinlu_staff_lanshan", "yinlu_intake_lanshan")
    settings = place.environment("staff").read()
    await run(settings["DATABASE_URL"], "CREATE TABLE kept (a int)")
    assert await make_databases(plan.server, place) == names
    assert place.environment("staff").read() == settings
    await run(settings["DATABASE_URL"], "DROP TABLE kept")
    await gone(postgres_url, "lanshan")


@pytest.mark.usefixtures("_as_a_user")
async def test_a_server_that_is_away_leaves_nothing_half_said(tmp_path: Path) -> None:
    plan = read(plan_in(tmp_path, "postgresql+asyncpg://nobody:x@127.0.0.1:1/postgres"))
    with pytest.raises(SettingsError, match="server: it isn't reached or refuses") as refused:
        await make_databases(plan.server, place_in(plan, "x", *USERS))
    assert "nobody" not in str(refused.value)


@pytest.mark.usefixtures("_as_a_user")
def test_a_name_that_can_t_be_one_is_refused(tmp_path: Path) -> None:
    plan = read(plan_in(tmp_path, ""))
    for name in ("Baihua", "9x", "a-b", "x" * 32, "", "a;drop"):
        with pytest.raises(SettingsError, match="small letters"):
            place_in(plan, name, *USERS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('control = "sqlite:///x"\nfolder = "x"', "control: expected an address"),
        ('[cells]\n"Ä" = "x"', "small letters"),
        ("health_port = 1", "cells: expected at least one, or a folder"),
        ('folder = "x"\nspeed = 1', "speed: unknown key"),
    ],
)
def test_a_wrong_file_is_refused_by_its_key(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "cells.toml"
    file.write_text(content)
    with pytest.raises(FileError, match=said):
        read(file)


def test_a_cell_is_named_with_its_settings_or_the_folder_of_these(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "staff.env").write_text("")
    (tmp_path / "many" / "new").mkdir(parents=True)
    (tmp_path / "many" / "new" / "staff.env").write_text("")
    (tmp_path / "many" / "empty").mkdir()
    file = tmp_path / "cells.toml"
    file.write_text('folder = "many"\n[cells]\nold = "old"\nother = "/etc/other.env"\n')
    assert read(file).cells() == {
        "old": tmp_path / "old" / "staff.env",
        "other": Path("/etc/other.env"),
        "new": tmp_path / "many" / "new" / "staff.env",
    }
