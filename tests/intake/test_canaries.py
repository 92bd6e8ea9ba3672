"""No identity at rest (docs/promises.md P1, P5): two hundred reporters, each with marks in
everything that tells who they are, through the real processes at DEBUG; then every file is
searched."""

import asyncio
import shutil
import sqlite3
from contextlib import AsyncExitStack, closing
from hashlib import sha256
from pathlib import Path

import pytest

from bot.app.settings import Settings
from bot.cli.install import found
from tests.intake.bot_api import BotApi
from tests.intake.canaries import Identity, Search, identity
from tests.intake.conftest import NOON
from tests.intake.processes import WITH_FILES, Reporter, environment, process, reports_at_the_page
from tests.ports import free_port

REPORTS = [20, pytest.param(200, marks=pytest.mark.slow)]
"""Both are enough for a file of each kind."""
AT_ONCE = 8
PAGE_ANSWERS = (200, 200, 200, 200, 200, 400)
"""To a file of each name; no header can hold the last one."""


async def all_report(api: BotApi, reports: int) -> list[Reporter]:
    people = [Reporter(api, identity(number), number) for number in range(reports)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(reporter: Reporter) -> None:
        async with gate:
            await reporter.reports()

    await asyncio.gather(*map(one, people))
    return people


def keep_copies(folder: Path) -> None:
    """What an administrator or a thief might take along: the files as they lie, and a backup."""
    copies = folder / "copies"
    copies.mkdir()
    for path in list(folder.iterdir()):
        if path.is_file():
            shutil.copy(path, copies / path.name)
    with (
        closing(sqlite3.connect(folder / "intake.sqlite3")) as source,
        closing(sqlite3.connect(copies / "backup.sqlite3")) as target,
    ):
        source.backup(target)


@pytest.mark.alone
@pytest.mark.parametrize("reports", REPORTS)
async def test_nothing_of_a_reporter_is_written_down_anywhere(
    tmp_path: Path, api: tuple[BotApi, str], reports: int
) -> None:
    fake, url = api
    await found(Settings.model_validate({"data": tmp_path}), "组织部", "苏和")
    port, page = free_port(), free_port()
    given = environment(tmp_path, url, f"http://127.0.0.1:{port}", page)
    visitor = identity(reports)
    async with AsyncExitStack() as running:
        messenger = process("messenger", tmp_path, given["messenger"], "--port", str(port))
        for each in (messenger, process("public", tmp_path, given["public"]),
                     process("staff", tmp_path, given["staff"])):  # fmt: skip
            await running.enter_async_context(each)
        people = await all_report(fake, reports)
        address = f"http://127.0.0.1:{page}/report"
        assert await reports_at_the_page(address, visitor, reports) == PAGE_ANSWERS
        keep_copies(tmp_path)
    search = Search([*(reporter.who for reporter in people), visitor])
    with closing(sqlite3.connect(tmp_path / "intake.sqlite3")) as database:
        [(count,)] = database.execute("SELECT count(*) FROM intake_report")
        [(files,)] = database.execute("SELECT count(*) FROM intake_file")
        days = database.execute("SELECT DISTINCT received_on FROM intake_report").fetchall()
    taken = PAGE_ANSWERS.count(200)
    assert (count, files) == (reports + taken, reports // WITH_FILES + taken)
    assert days == [(NOON.date().isoformat(),)]
    assert search.count > reports * 400
    assert (tmp_path / "copies" / "intake.sqlite3-wal").exists()
    assert search.hits(tmp_path) == []
    assert_every_message_was_deleted(fake, people)
    assert_a_planted_one_is_found(tmp_path, search, people[17].who)


def assert_every_message_was_deleted(api: BotApi, people: list[Reporter]) -> None:
    for reporter in people:
        assert reporter.written
        assert api.deleted[reporter.who.id] >= reporter.written


def assert_a_planted_one_is_found(folder: Path, search: Search, who: Identity) -> None:
    """The search finds what is there, however it is written down."""
    with closing(sqlite3.connect(folder / "planted.sqlite3")) as database:
        database.execute("CREATE TABLE t (a)")
        database.execute("INSERT INTO t VALUES (?)", (who.id,))
        database.commit()
    (folder / "planted.log").write_text(f"x {sha256(who.username.encode()).hexdigest()} y")
    (folder / "planted.bin").write_bytes(who.camera.encode("utf-16-le"))
    names = {hit.partition(":")[0] for hit in search.hits(folder)}
    assert names == {"planted.sqlite3", "planted.log", "planted.bin"}
