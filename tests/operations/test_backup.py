"""A backup is taken while people write, and comes back with every row, on either database."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

import bot.cli.backup as backing_up
from bot.app.database import open_database, open_intake
from bot.app.engines import engine_for
from bot.app.settings import Settings, SettingsError
from bot.cli.backup import back_up, parts, restore
from bot.cli.envelope import EnvelopeWriter
from models.crypto import KeyProblem, KeyRing, install
from models.intake import INTAKE, IntakeNotice
from models.migrate import upgrade
from services.container import build_services, procedure_of
from tests.conftest import KEYS
from tests.databases import learned_engine
from tests.operations.conftest import (
    BRANCH,
    Lived,
    everything_typed,
    live_in,
    opened_in,
    settings_in,
)
from tests.operations.process import ended, environment
from tests.operations.progress import Heard

pytestmark = pytest.mark.one_thread

Rows = dict[str, list[tuple[Any, ...]]]


async def rows_of(url: str, tables: MetaData) -> Rows:
    engine = learned_engine(url)
    found: Rows = {}
    async with engine.connect() as connection:
        for table in tables.sorted_tables:
            result = await connection.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in result]
    await engine.dispose()
    return found


async def everything(settings: Settings) -> Rows:
    staff = await rows_of(settings.staff_database, SQLModel.metadata)
    return staff | await rows_of(settings.intake_database, INTAKE)


async def as_it_was(fresh: Settings, settings: Settings) -> bool:
    """Whether everything came back, and each restore left its line, last in the house's chain."""
    before, after = await everything(settings), await everything(fresh)
    lines = {row[0]: row for row in after["audit_line"]}
    new = [lines[key] for key in lines.keys() - {row[0] for row in before["audit_line"]}]
    assert {line[5] for line in new} == {"restored"}
    after["audit_line"] = [row for row in after["audit_line"] if row not in new]
    for rows in (before, after):
        rows["audit_head"] = [row for row in rows["audit_head"] if row[0] != "house"]
    return after == before


async def with_a_notice(settings: Settings) -> None:
    intake = await open_intake(settings.intake_database)
    async with intake.write() as session:
        hangs = date(2026, 11, 23)
        session.add(IntakeNotice(id="n1", sealed=b"sealed", first_day=hangs, last_day=hangs))
    await intake.close()


def elsewhere(settings: Settings, folder: Path, **more: Any) -> Settings:
    """A fresh directory, into which the key file was carried by hand."""
    made = settings_in(folder, **more)
    folder.mkdir()
    made.keys_path.write_text(settings.keys_path.read_text("utf-8"), "utf-8")
    return made


async def test_long_rows_are_written_and_read_one_at_a_time(
    settings: Settings, lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_a_notice(settings)
    monkeypatch.setattr(backing_up, "BYTES", 1)
    file, heard, again = tmp_path / "monday.backup", Heard(), Heard()
    counted = await back_up(settings, file, heard)
    fresh = elsewhere(settings, tmp_path / "fresh")
    assert await restore(fresh, file, again) == counted
    for said in (heard.parts["staff"], again.parts["restoring"]):
        steps = Counter(after - before for (before, _), (after, _) in pairwise(said))
        # Some name others of their own table, and come all at once.
        assert steps[1] > sum(counted.values()) / 2
    assert await as_it_was(fresh, settings)


async def test_every_row_comes_back_into_a_fresh_directory(
    settings: Settings, lived: Lived, tmp_path: Path
) -> None:
    await with_a_notice(settings)
    file = tmp_path / "monday.backup"
    heard = Heard()
    counted = await back_up(settings, file, heard)
    assert {part: heard.ended(part) for part in heard.parts} == counted
    fresh = elsewhere(settings, tmp_path / "fresh")
    again = Heard()
    assert await restore(fresh, file, again) == counted
    assert {part: again.ended(part) for part in ("checking", "restoring")} == {
        "checking": sum(counted.values()),
        "restoring": sum(counted.values()),
    }
    assert await as_it_was(fresh, settings)
    before = await everything(settings)
    assert sum(map(len, before.values())) == sum(counted.values()) > 100
    assert before["attachment"]
    async with opened_in(fresh) as database:
        assert await database.broken_chains() == ()


async def test_every_table_is_written_also_one_that_is_empty_today(
    settings: Settings, lived: Lived, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await with_a_notice(settings)
    written: list[str] = []
    write = EnvelopeWriter.write

    def noted(self: EnvelopeWriter, line: Any) -> None:
        written.extend([line["table"]] if "table" in line else [])
        write(self, line)

    monkeypatch.setattr(EnvelopeWriter, "write", noted)
    await back_up(settings, tmp_path / "monday.backup")
    tables = [*SQLModel.metadata.tables, *INTAKE.tables]
    assert sorted(written) == sorted(tables)
    assert len(tables) > 30


async def test_a_backup_of_a_later_version_is_refused_before_anything_is_written(
    settings: Settings, lived: Lived, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write = EnvelopeWriter.write

    def later(self: EnvelopeWriter, line: Any) -> None:
        write(self, {**line, "revision": "9999"} if "revision" in line else line)

    monkeypatch.setattr(EnvelopeWriter, "write", later)
    file = tmp_path / "tomorrow.backup"
    await back_up(settings, file)
    fresh = elsewhere(settings, tmp_path / "fresh")
    given = environment(fresh.data)
    end = await ended(given, "restore", str(file))
    assert (end.code, end.said.count("\n")) == (2, 1)
    assert "tomorrow.backup: it was written by a later version" in end.said
    assert [path.name for path in fresh.data.iterdir()] == ["keys"]


async def test_the_file_shows_nothing_and_holds_no_key(
    settings: Settings, lived: Lived, tmp_path: Path
) -> None:
    await with_a_notice(settings)
    file = tmp_path / "monday.backup"
    await back_up(settings, file)
    content, ring = file.read_bytes(), settings.ring()
    async with opened_in(settings) as database:
        services = build_services(database, procedure_of())
        typed = await everything_typed(replace(lived, services=services))
    names = [text.encode() for text in (*typed, "公示人", "audit_line")]
    for secret in (*names, *ring.keys, ring.index_key):
        assert secret not in content
    assert oct(file.stat().st_mode)[-3:] == "600"


async def backed_up_while_people_write(settings: Settings, file: Path) -> None:
    """Before every table that is read, somebody does something."""
    read = AsyncConnection.stream
    async with opened_in(settings) as database:
        lived = await live_in(database, at="3")
        secretary, place = lived.cast.people["乌兰"], lived.cast.places[BRANCH]
        await with_a_notice(settings)
        done = count(1)

        async def meanwhile(self: AsyncConnection, *given: Any, **more: Any) -> Any:
            await lived.services.people.add_member(
                lived.cast.act(), secretary, place, f"党员{next(done)}"
            )
            return await read(self, *given, **more)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(AsyncConnection, "stream", meanwhile)
            await back_up(settings, file)
    assert next(done) > 30


async def comes_back_whole(file: Path, fresh: Settings) -> None:
    await restore(fresh, file)
    async with opened_in(fresh) as database:
        assert await database.broken_chains() == ()


async def test_it_is_one_moment_while_people_go_on_writing(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "busy.backup"
    await backed_up_while_people_write(settings, file)
    await comes_back_whole(file, elsewhere(settings, tmp_path / "fresh"))


@pytest.mark.slow
async def test_so_it_is_on_postgresql(
    settings: Settings, tmp_path: Path, postgres_pair: tuple[str, str]
) -> None:
    """A member, the audit line of that act and the end of the chain are in three tables."""
    staff, intake = postgres_pair
    busy = elsewhere(settings, tmp_path / "busy", database_url=staff, intake_url=intake)
    file = tmp_path / "busy.backup"
    await backed_up_while_people_write(busy, file)
    await comes_back_whole(file, elsewhere(settings, tmp_path / "fresh"))


async def test_what_was_sqlite_comes_back_in_postgresql(
    settings: Settings, lived: Lived, tmp_path: Path, postgres_pair: tuple[str, str]
) -> None:
    staff, intake = postgres_pair
    await with_a_notice(settings)
    file = tmp_path / "move.backup"
    await back_up(settings, file)
    moved = elsewhere(settings, tmp_path / "pg", database_url=staff, intake_url=intake)
    await restore(moved, file)
    assert await as_it_was(moved, settings)
    again, back = tmp_path / "again.backup", elsewhere(settings, tmp_path / "back")
    await back_up(moved, again)
    await restore(back, again)
    assert await as_it_was(back, settings)


@pytest.mark.parametrize("harm", ["cut", "changed", "swapped", "empty", "other"])
async def test_a_harmed_file_restores_nothing(
    settings: Settings, lived: Lived, tmp_path: Path, harm: str
) -> None:
    file = tmp_path / "harmed.backup"
    await back_up(settings, file)
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(
        {
            "cut": whole[:half],
            "changed": whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :],
            "swapped": whole[:100] + whole[101:],
            "empty": b"",
            "other": b"SQLite format 3\x00" + whole,
        }[harm]
    )
    fresh = elsewhere(settings, tmp_path / "fresh")
    with pytest.raises(SettingsError, match=r"harmed\.backup"):
        await restore(fresh, file)
    assert [path.name for path in fresh.data.iterdir()] == ["keys"]


@pytest.mark.parametrize("above", ["nowhere", "each other"])
async def test_rows_whose_parents_never_come_are_refused_and_not_left_out(
    settings: Settings, lived: Lived, tmp_path: Path, above: str
) -> None:
    database = await open_database(settings.staff_database, settings.ring())
    async with database.engine.execution_options(yinlu_schema=True).begin() as connection:
        ids = (await connection.execute(text("SELECT id FROM organisation LIMIT 2"))).scalars()
        first, second = ids
        pairs = [(first, second), (second, first)] if above == "each other" else [(first, "gone")]
        for row, parent in pairs:
            change = text("UPDATE organisation SET parent_id = :parent WHERE id = :row")
            await connection.execute(change, {"parent": parent, "row": row})
    await database.close()
    file, fresh = tmp_path / "odd.backup", elsewhere(settings, tmp_path / "fresh")
    await back_up(settings, file)
    with pytest.raises(SettingsError, match="Nothing was restored") as refused:
        await restore(fresh, file)
    assert first not in str(refused.value)
    assert refused.value.__cause__ is None
    assert [path.name for path in fresh.data.iterdir()] == ["keys"]


async def test_nothing_is_written_over(settings: Settings, lived: Lived, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    await back_up(settings, file)
    with pytest.raises(SettingsError, match="already"):
        await back_up(settings, file)
    with pytest.raises(SettingsError, match="staff database isn't empty"):
        await restore(settings, file)


async def test_without_the_key_of_its_time_it_says_which_one_is_missing(
    settings: Settings, lived: Lived, tmp_path: Path
) -> None:
    file = tmp_path / "monday.backup"
    await back_up(settings, file)
    fresh = elsewhere(settings, tmp_path / "fresh")
    fresh.keys_path.write_text(KeyRing.new().write(), "utf-8")
    with pytest.raises(KeyProblem, match=settings.ring().ids[0].hex()):
        await restore(fresh, file)


@pytest.mark.usefixtures("later_schema")
async def test_an_older_backup_is_brought_to_the_newest_schema(
    settings: Settings, tmp_path: Path
) -> None:
    first = parts(settings)[0]
    settings.data.mkdir(exist_ok=True)
    engine = engine_for(first.url)
    await upgrade(engine, "0001")
    await engine.dispose()
    await (await open_intake(settings.intake_database)).close()
    file = tmp_path / "old.backup"
    await back_up(settings, file)
    fresh = elsewhere(settings, tmp_path / "fresh")
    await restore(fresh, file)
    await (await open_database(fresh.staff_database, KEYS)).close()
    assert set(await rows_of(fresh.staff_database, SQLModel.metadata)) >= {"notice", "person"}
    install(KEYS)
