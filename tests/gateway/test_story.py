"""The staff bot of production, unmodified, with its conversation on a platform of text alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.clock import SystemClock
from bot.app.database import open_database
from bot.app.settings import Settings
from bot.app.shutdown import StoppedBeforeReady
from bot.processes.staff import joined
from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from gateway.platform import Account
from messenger.core.settings import user_id
from sandbox.cast import Cast, Play
from sandbox.people import people
from services.cases.views import CaseCard
from services.container import Services, build_services, procedure_of
from tests.gateway.conftest import PUBLIC, TOKEN, House
from tests.gateway.fake import FakePlatform, Somebody
from tests.installed import MONDAY, gathered, give_keys
from tests.intake import samples


@dataclass
class Village:
    """`services` look through a connection of their own."""

    services: Services
    cast: Cast
    secretary: Somebody
    platform: FakePlatform

    async def card(self, case_id: str) -> CaseCard:
        director = self.cast.people["苏和"]
        return await self.services.cases.card(director, case_id, day_of(MONDAY))


async def _staff(settings: Settings, stop: asyncio.Event) -> None:
    with suppress(StoppedBeforeReady):
        async with joined(settings, stop) as bot:
            await bot.run(stop)


@pytest.fixture
async def village(
    tmp_path: Path, house: House, wang: Somebody, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Village]:
    begun = time.monotonic()
    monkeypatch.setattr(
        SystemClock, "now", lambda _: MONDAY + timedelta(seconds=time.monotonic() - begun)
    )
    async with house.running() as bot:
        told = {"api": bot.gateway.url, "staff_token": TOKEN, "public_token": PUBLIC}
        settings = Settings.model_validate({"data": tmp_path / "var", **told})
        give_keys(settings)
        second = await open_database(settings.staff_database, settings.ring())
        looking = build_services(second, procedure_of(), tells=False)
        chats = {name: user_id(place) for place, name in enumerate(people())}
        # The number that the invented secretary has everywhere: the city is remembered by them.
        with monkeypatch.context() as fixed:
            fixed.setattr("gateway.store.randbits", lambda _: chats["secretary"])
            await bot.chat(wang)
        cast = await gathered(looking, chats)
        stop = asyncio.Event()
        staff = asyncio.create_task(_staff(settings, stop))
        yield Village(looking, cast, wang, house.platform)
        stop.set()
        await staff
        await second.close()


CHOSEN = {
    "② 走访群众": "用了哪些方式\u3000走访群众",
    "③ 8人": "听了多少人的意见\u30008",
    "④ 积极向上": "一查思想动态\u3000积极向上",
    "⑤ 有新成绩": "二查工作实绩\u3000有新成绩",
    "⑦ 反映好": "三查群众评价\u3000反映好",
    "⑧ 能带动": "四查表率作用\u3000能带动",
}
WRITTEN = "一、思想稳定。二、带头干。三、都说好。四、有人跟着学。"


@pytest.mark.slow
async def test_a_visit_is_entered_by_letters_and_typed_text_and_somebody_joins(
    village: Village,
) -> None:
    wang = village.secretary
    case = await Play(
        village.cast, {"name": "陆小满", "branch": "东山村党支部", "at": "21a", "days": 750}
    ).lead()
    await wang.writes("你好")
    await wang.hears("乌兰，您好", " 待办")
    await wang.writes("待办")
    await wang.hears("以后", "陆小满 · 21a 回访")
    await wang.chooses("1. 陆小满 · 填写")
    await wang.hears("哪一天回访的")
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
    entry = next(e for e in (await village.card(case)).entries if e.step.id == "21a")
    assert entry.answers["heard"] == 8
    assert entry.answers["ways"] == ("masses",)
    assert len(entry.answers["recording"]) == 1
    # What was pressed away isn't left standing: each screen stands once.
    assert sum("核对后保存" in text for text in wang.sees()) == 0

    secretary, place = village.cast.people["赵峰"], village.cast.places["河湾村党支部"]
    token = await village.services.people.invite(
        village.cast.act(), secretary, Role.INTRODUCER, place, "孟和"
    )
    meng = Somebody(village.platform, Account("@meng:here.test", "!room2", "孟和"))
    # Sent more often than wrong ones may be: nobody is locked out by their own invitation.
    for _ in range(7):
        seen = {line.id for line in village.platform.lines}
        await meng.writes(f"加入 {token}")
        async with asyncio.timeout(20):
            while not any("是，我是孟和" in line.part.said.plain
                          for line in village.platform.lines if line.id not in seen):  # fmt: skip
                await meng.looks()
    await meng.chooses("是，我是孟和")
    await meng.hears("入党介绍人")
