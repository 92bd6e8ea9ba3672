"""The public process needs its own files only, and can't read what it accepted
(docs/promises.md P9)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError

from bot.app.database import open_intake
from bot.app.engines import sqlite_url
from bot.app.keys import opener
from bot.app.settings import Settings
from services.core.sealing import CannotOpen, Opener
from tests.installed import give_keys
from tests.intake.bot_api import BotApi
from tests.intake.canaries import identity
from tests.intake.conftest import Stored
from tests.intake.processes import Reporter, environment, process
from tests.operations.process import ended

OWN = ("answers.pub", "pepper", "receipt.key", "report.pub")
"""All that is copied to the machine of the public side."""


@pytest.fixture
def house(tmp_path: Path) -> Settings:
    """Where the department keeps its keys: the public process never sees this folder."""
    settings = Settings.model_validate({"data": tmp_path / "house"})
    give_keys(settings)
    return settings


@pytest.fixture
def outside(tmp_path: Path, house: Settings) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in OWN:
        shutil.copy(house.data / name, folder / name)
    return folder


async def test_it_serves_with_its_own_files_and_opens_nothing(
    outside: Path, house: Settings, api: tuple[BotApi, str]
) -> None:
    fake, url = api
    given = environment(outside, url, url)["public"]
    async with process("public", outside, given):
        await Reporter(fake, identity(1), 1).reports()
    made = {path.name for path in outside.iterdir()}
    assert made == {*OWN, "intake.sqlite3", "public.log"}
    database = await open_intake(sqlite_url(outside / "intake.sqlite3"))
    holder = opener(house)
    assert holder is not None
    stored = Stored(database, holder)
    [report] = await stored.reports()
    await database.close()
    assert "集体林地" in holder.open(report.sealed).decode()
    assert not opens_with_what_lies_there(outside, report.sealed)


async def test_when_it_is_told_to_end_it_takes_unfinished_reports_off_the_chats(
    outside: Path, api: tuple[BotApi, str]
) -> None:
    fake, url = api
    given = environment(outside, url, url)["public"]
    reporter = Reporter(fake, identity(2), 2)
    async with process("public", outside, given):
        await reporter.says("/start")
        await reporter.presses("report")
        await reporter.says("河湾村 某某")
        await reporter.says("公示期间他仍在集体林地里私自开荒。")
    assert len(reporter.written) == 3
    assert fake.deleted[reporter.who.id] >= reporter.written


def opens_with_what_lies_there(folder: Path, sealed: bytes) -> bool:
    """Every 32 bytes of every file are tried as a key."""
    keys = set()
    for name in OWN:
        content = (folder / name).read_bytes()
        plain = subprocess.run(
            [sys.executable, "-m", "base64", "-d"], input=content, capture_output=True, check=True
        ).stdout
        for whole in (content, plain):
            keys |= {whole[at : at + 32] for at in range(len(whole) - 31)}
    assert len(keys) > 20
    for key in keys:
        try:
            Opener((key,)).open(sealed)
        except (CannotOpen, CryptoError):
            continue
        return True
    return False


@pytest.mark.parametrize("missing", OWN)
async def test_without_one_of_them_it_says_which_and_stops(outside: Path, missing: str) -> None:
    (outside / missing).unlink()
    stopped = await ended(environment(outside, "http://127.0.0.1:9", "")["public"], "public")
    assert stopped.code == 2
    assert missing in stopped.said


def test_it_loads_nothing_of_the_staff_side() -> None:
    look = "import sys, bot.processes.public; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, env=os.environ
    ).stdout.split()
    assert "handlers.public.chat.application" in loaded
    assert not [name for name in loaded if name.startswith(("aiogram", "handlers.staff"))]
    assert not {
        "services.reports.handling",
        "services.reports.exchange",
        "services.people.people",
    } & set(loaded)
