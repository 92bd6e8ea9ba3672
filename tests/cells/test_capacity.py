"""Cells open no more connections than a PostgreSQL lets in, and where they may, it is said."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from benchmarks.postgres import on_server
from bot.app.connections import room_of, server_of
from bot.app.settings import SettingsError
from bot.setup.files import EnvironmentFile
from cells.capacity import CONTROL, short_of
from cells.plan import SETTINGS, read, settings_of
from cells.serving import listed
from messenger.client import MessengerClient
from tests.cells.towns import region

pytestmark = pytest.mark.postgres


def town(folder: Path, name: str, given: dict[str, str]) -> Path:
    file = EnvironmentFile(folder / "towns" / name / SETTINGS)
    file.add_all({"YINLU_DATA": str(file.path.parent / "data"), **given})
    return file.path


def test_a_cell_s_own_settings_go_before_those_of_the_file(tmp_path: Path) -> None:
    said, silent = town(tmp_path, "a", {"YINLU_CONNECTIONS": "9"}), town(tmp_path, "b", {})
    file = tmp_path / "cells.toml"
    file.write_text('folder = "towns"\n')
    assert read(file).connections == 4
    file.write_text('folder = "towns"\nconnections = 6\n')
    most = read(file).connections
    here = settings_of(silent, connections=most)
    assert (here.staff_connections, here.intake_connections) == (5, 1)
    own = settings_of(said, connections=most)
    assert (own.staff_connections, own.intake_connections) == (7, 2)
    # As of a staff bot in a process of its own.
    assert settings_of(silent).connections == 40
    with pytest.raises(SettingsError, match="YINLU_CONNECTIONS"):
        settings_of(town(tmp_path, "c", {"YINLU_CONNECTIONS": "3"}))


async def test_a_server_that_can_t_hold_all_cells_is_named_with_the_numbers(
    tmp_path: Path, postgres_url: str
) -> None:
    lets_in = (await room_of(postgres_url)).lets_in
    both = {"DATABASE_URL": postgres_url, "YINLU_INTAKE_URL": postgres_url}
    town(tmp_path, "a", both | {"YINLU_CONNECTIONS": str(lets_in - 4)})
    town(tmp_path, "b", {"DATABASE_URL": postgres_url})
    # Its own trouble is told elsewhere.
    town(tmp_path, "lost", {"DATABASE_URL": "postgresql+asyncpg://x:secret@127.0.0.1:1/x"})
    town(tmp_path, "odd", {"YINLU_NO_SUCH": "1"})
    file = tmp_path / "cells.toml"
    # Of four the one that is for reports goes to a file.
    file.write_text('folder = "towns"\nconnections = 4\n')
    plan = read(file)
    assert await short_of(plan, plan.cells()) == []
    file.write_text('folder = "towns"\nconnections = 8\n')
    plan = read(file)
    [short] = await short_of(plan, plan.cells())
    assert short.server == server_of(postgres_url)
    assert (short.cells, short.needed, short.lets_in) == (2, lets_in + 2, lets_in)
    *lines, last = await listed(file)
    assert [line.split()[0] for line in lines] == ["a", "b", "lost", "odd"]
    assert last.startswith("!!  ")
    assert f"lets in {lets_in} connections, and 2 cells may open {lets_in + 2}" in last
    assert "Raise max_connections" in last


async def test_the_control_database_of_every_process_is_counted(
    tmp_path: Path, postgres_url: str
) -> None:
    lets_in = (await room_of(postgres_url)).lets_in
    given = {"DATABASE_URL": postgres_url, "YINLU_INTAKE_URL": postgres_url}
    town(tmp_path, "a", given | {"YINLU_CONNECTIONS": str(lets_in - 2 * CONTROL)})
    file = tmp_path / "cells.toml"
    file.write_text(f'folder = "towns"\ncontrol = "{postgres_url}"\n')
    plan = read(file)
    assert await short_of(plan, plan.cells(), processes=2) == []
    [short] = await short_of(plan, plan.cells(), processes=3)
    assert short.needed == lets_in + CONTROL


async def test_a_cell_with_few_connections_answers_many_at_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(on_server(postgres_url))
        here = await stack.enter_async_context(region(tmp_path, ("north",), {"north": url}))
        cells = here.process()
        await cells.look()
        town = here.towns["north"]
        await town.joins()
        address = town.settings.read()["YINLU_API"]
        page = await stack.enter_async_context(MessengerClient(address))
        crowd = [await page.person(f"p{number}", "staff") for number in range(30)]
        await asyncio.gather(*(person.says("/start") for person in crowd))
        await asyncio.gather(*(person.sees("邀请") for person in crowd))
        everybody = await room_of(postgres_url)
        apart = await room_of(postgres_url, [make_url(url).database or ""])
        assert 1 < everybody.others - apart.others <= 3
        await cells.end()
