"""What both bots of `yinlu run` find when they start, made before either is there."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlmodel import select

from bot.app.database import open_database, open_intake
from bot.app.keys import pepper, rings
from bot.app.settings import Settings
from bot.app.staff import opened
from bot.cli.commands import _invented
from domain.calendar.office_hours import ZONE
from messenger.settings import user_id
from models import Person
from models.intake import IntakeNotice, IntakeSetting
from sandbox.cast import FILE, people, read
from sandbox.launcher import _forked, apart
from sandbox.prepare import leave_word, prepare
from sandbox.run import environment
from scheduler.jobs import Jobs
from services.intake.intake import BOT, NOTICES, PAGE
from services.intake.notices import NoticeKey
from services.people.actors import chat_index
from tests.operations.conftest import settings_in

MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZONE)


def prepared(given: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of the process that prepares; begun as on a system where none is forked."""
    monkeypatch.setattr("sandbox.launcher.FORKS", False)
    try:
        apart(prepare, given, MONDAY)()
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


async def left_word(settings: Settings) -> dict[str, str]:
    intake = await open_intake(settings.intake_database)
    async with intake.read() as session:
        found = {row.key: row.value for row in await session.exec(select(IntakeSetting))}
    await intake.close()
    return found


async def known(settings: Settings, chat: int) -> bool:
    staff = await open_database(settings.staff_database, rings(settings))
    async with staff.read() as session:
        wanted = select(Person).where(Person.chat_index == chat_index(chat))
        found = (await session.exec(wanted)).first()
    await staff.close()
    return found is not None


def test_before_a_bot_runs_notices_have_a_key_and_everybody_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path / "var")
    given = environment(settings, "http://127.0.0.1:9", 8081)
    for _ in range(2):
        assert prepared(given, monkeypatch) == 0
        word = asyncio.run(left_word(settings))
        assert word[NOTICES] == NoticeKey.of(pepper(settings)).public
        assert word[BOT] == "yinlu_public_bot"
        assert word[PAGE] == "http://127.0.0.1:8081/report"
        assert asyncio.run(known(settings, user_id([*people()].index("secretary"))))


def test_keys_that_open_nothing_are_said_before_a_bot_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = settings_in(tmp_path / "var")
    given = environment(settings, "http://127.0.0.1:9", 8081)
    assert prepared(given, monkeypatch) == 0
    settings.keys_path.unlink()
    assert prepared(given, monkeypatch) == 2
    said = capfd.readouterr().err
    assert said.startswith("yinlu: this database was sealed with other keys")
    assert said.count("\n") == 1


def test_what_is_typed_for_the_whole_group_ends_no_bot_before_it_listens() -> None:
    reading, writing = os.pipe()

    def begins() -> None:
        os.read(reading, 1)
        sys.exit(7)

    process = _forked(begins)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)
    os.write(writing, b"x")
    process.join()
    assert process.exitcode == 7
    os.close(reading)
    os.close(writing)


async def test_notices_of_the_invented_city_can_be_reported_on_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(FILE)
    cases = [item for item in whole["cases"] if item["at"] == "8b"]
    monkeypatch.setattr("sandbox.cast.read", lambda _: {**whole, "cases": cases})
    monkeypatch.setattr("bot.cli.commands.HEAD_START", 0)
    await leave_word(settings)
    async with opened(settings) as (services, _):
        clock = SimpleNamespace(now=lambda: MONDAY)
        jobs = Jobs(services, clock.now, lambda: None)
        bot = SimpleNamespace(services=services, clock=clock, jobs=jobs)
        await _invented(bot)  # type: ignore[arg-type]
    intake = await open_intake(settings.intake_database)
    async with intake.read() as session:
        assert len((await session.exec(select(IntakeNotice))).all()) == len(cases) > 0
    await intake.close()
