"""The staff bot of production, unmodified, with its conversation on a platform of text alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app.database import open_database
from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from gateway.platform import Account
from messenger.core.settings import user_id
from sandbox.cast import Cast, Play
from sandbox.people import people
from services.cases.views import CaseCard
from services.container import Services, build_services, procedure_of
from tests.gateway.conftest import FakeHouse
from tests.gateway.fake import FakePlatform, Somebody
from tests.gateway.village import (
    CHOSEN,
    VISITED,
    WRITTEN,
    begins_a_visit,
    settings_behind,
    staff,
    tell_the_time,
)
from tests.installed import MONDAY, gathered
from tests.intake import samples


@dataclass
class Home:
    """`services` look through a connection of their own."""

    services: Services
    cast: Cast
    secretary: Somebody
    platform: FakePlatform

    async def card(self, case_id: str) -> CaseCard:
        director = self.cast.people["苏和"]
        return await self.services.cases.card(director, case_id, day_of(MONDAY))


@pytest.fixture
async def home(
    tmp_path: Path, house: FakeHouse, wang: Somebody, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Home]:
    tell_the_time(monkeypatch)
    async with house.running() as bot:
        settings = settings_behind(bot, tmp_path / "var")
        second = await open_database(settings.staff_database, settings.ring())
        looking = build_services(second, procedure_of(), tells=False)
        chats = {name: user_id(place) for place, name in enumerate(people())}
        # The number that the invented secretary has everywhere: the city is remembered by them.
        with monkeypatch.context() as fixed:
            fixed.setattr("gateway.store.randbits", lambda _: chats["secretary"])
            await bot.chat(wang)
        cast = await gathered(looking, chats)
        stop = asyncio.Event()
        task = asyncio.create_task(staff(settings, stop))
        yield Home(looking, cast, wang, house.platform)
        stop.set()
        await task
        await second.close()


@pytest.mark.slow
async def test_a_visit_is_entered_by_letters_and_typed_text_and_somebody_joins(
    home: Home,
) -> None:
    wang = home.secretary
    case = await Play(home.cast, VISITED).lead()
    await wang.writes("你好")
    await wang.hears("乌兰，您好", " 待办")
    await begins_a_visit(wang)
    for label, told in CHOSEN.items():
        await wang.chooses(label)
        await wang.hears(told)
    # A platform has no voice message of the Bot API: what was recorded there comes as a file.
    await wang.sends_file("语音.ogg", samples.voice("canary"), media_type="audio/ogg")
    await wang.hears("录音留作附件了")
    await wang.writes(WRITTEN)
    await wang.hears("核对后保存", "有人跟着学")
    await wang.chooses("确认，保存")
    await wang.hears("已保存")
    entry = next(e for e in (await home.card(case)).entries if e.step.id == "21a")
    assert entry.answers["heard"] == 8
    assert entry.answers["ways"] == ("masses",)
    assert len(entry.answers["recording"]) == 1
    # What was pressed away isn't left standing: each screen stands once.
    assert sum("核对后保存" in text for text in wang.sees()) == 0

    secretary, place = home.cast.people["赵峰"], home.cast.places["河湾村党支部"]
    token = await home.services.people.invite(
        home.cast.act(), secretary, Role.INTRODUCER, place, "孟和"
    )
    meng = Somebody(home.platform, Account("@meng:here.test", "!room2", "孟和"))
    # Sent more often than wrong ones may be: nobody is locked out by their own invitation.
    for _ in range(7):
        seen = {line.id for line in home.platform.lines}
        await meng.writes(f"加入 {token}")
        async with asyncio.timeout(20):
            while not any("是，我是孟和" in line.part.said.plain
                          for line in home.platform.lines if line.id not in seen):  # fmt: skip
                await meng.looks()
    await meng.chooses("是，我是孟和")
    await meng.hears("入党介绍人")
