"""What both bots of `yinlu run` find when they start, made before either is there."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlmodel import select

from bot.app.database import open_database, open_intake
from bot.app.keys import pepper, rings
from bot.app.settings import Settings
from bot.processes.staff_services import opened
from domain.calendar.office_hours import ZONE
from messenger.core.settings import user_id
from models import Person
from models.intake import IntakeNotice, IntakeSetting
from sandbox.local_staff import play_once
from sandbox.people import FILE, people, read
from sandbox.prepare import announce_report_page, prepare
from scheduler.jobs import Jobs
from services.intake.intake import BOT, NOTICES, PAGE
from services.intake.notices import NoticeKey
from services.people.people import chat_index
from tests.operations.conftest import settings_in
from tests.operations.process import ended, environment

pytestmark = pytest.mark.one_thread

MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZONE)


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


async def test_before_a_bot_runs_notices_have_a_key_and_everybody_is_there(tmp_path: Path) -> None:
    page = "http://127.0.0.1:8081"
    settings = settings_in(tmp_path / "var", public_port=8081, public_url=page)
    for _ in range(2):
        await prepare(settings, MONDAY)
        word = await left_word(settings)
        assert word[NOTICES] == NoticeKey.of(pepper(settings)).public
        assert word[BOT] == "yinlu_public_bot"
        assert word[PAGE] == f"{page}/report"
        assert await known(settings, user_id([*people()].index("secretary")))


async def test_keys_that_open_nothing_end_the_run_with_one_sentence(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var")
    await prepare(settings, MONDAY)
    settings.keys_path.unlink()
    end = await ended(environment(settings.data), "run", "--port", "0")
    assert end.code == 2
    assert end.said.startswith("yinlu: this database was sealed with other keys")
    assert end.said.count("\n") == 1


async def test_notices_of_the_invented_city_can_be_reported_on_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(FILE)
    cases = [item for item in whole["cases"] if item["at"] == "8b"]
    monkeypatch.setattr("sandbox.cast.read", lambda _: {**whole, "cases": cases})
    monkeypatch.setattr("sandbox.local_staff.HEAD_START", 0)
    await announce_report_page(settings)
    async with opened(settings) as (services, _):
        clock = SimpleNamespace(now=lambda: MONDAY)
        jobs = Jobs(services, clock.now, lambda: None)
        bot = SimpleNamespace(services=services, clock=clock, jobs=jobs)
        await play_once(bot)  # type: ignore[arg-type]
    intake = await open_intake(settings.intake_database)
    async with intake.read() as session:
        assert len((await session.exec(select(IntakeNotice))).all()) == len(cases) > 0
    await intake.close()
