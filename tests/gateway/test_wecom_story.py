"""The staff bot of production, unmodified, for somebody who has WeCom; and the command itself,
killed."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.app.clock import SystemClock
from bot.app.database import open_database
from bot.app.settings import Settings
from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from messenger.core.settings import user_id
from papers.sheets.writing import listed
from sandbox.cast import Cast, Play
from sandbox.people import people
from services.container import Services, build_services, procedure_of
from tests.gateway.conftest import PUBLIC, TOKEN
from tests.gateway.test_story import CHOSEN, WRITTEN, _staff
from tests.gateway.wecom_office import Desk, Office
from tests.gateway.wecom_server import Colleague, wecom
from tests.installed import MONDAY, gathered, give_keys

pytestmark = pytest.mark.slow
NEW, BRANCH = "书记 其木格", "东山村党支部"
BETWEEN = 4.0
"""Seconds that somebody takes to read and answer, for the limit of thirty a minute."""


@dataclass
class Village:
    services: Services
    cast: Cast
    office: Office
    wang: Colleague
    token: str
    case: str
    gateway: AsyncExitStack
    port: int

    async def begins_again(self) -> None:
        await self.gateway.aclose()
        desk = await self.gateway.enter_async_context(self.office.running(self.port))
        unhurried(desk)


def unhurried(desk: Desk) -> None:
    passed = count()
    desk.gateway.outwards.limits.clock = lambda: next(passed) * BETWEEN


@pytest.fixture
async def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Village]:
    begun = time.monotonic()
    monkeypatch.setattr(
        SystemClock, "now", lambda _: MONDAY + timedelta(seconds=time.monotonic() - begun)
    )
    async with AsyncExitStack() as stack, AsyncExitStack() as gateway:
        server = await stack.enter_async_context(wecom())
        office = Office(f"sqlite+aiosqlite:///{tmp_path / 'gateway.db'}", server)
        desk = await gateway.enter_async_context(office.running())
        unhurried(desk)
        told = {"api": desk.gateway.url, "staff_token": TOKEN, "public_token": PUBLIC}
        settings = Settings.model_validate({"data": tmp_path / "var", **told})
        give_keys(settings)
        second = await open_database(settings.staff_database, settings.ring())
        looking = build_services(second, procedure_of(), tells=False)
        chats = {name: user_id(place) for place, name in enumerate(people())}
        cast = await gathered(looking, chats)
        director, place = cast.people["苏和"], cast.places[BRANCH]
        token = await looking.people.invite(cast.act(), director, Role.SECRETARY, place, NEW)
        play = Play(cast, {"name": "陆小满", "branch": BRANCH, "at": "21a", "days": 750})
        stop, case = asyncio.Event(), await play.lead()
        staff = asyncio.create_task(_staff(settings, stop))
        port = urlsplit(desk.gateway.url).port or 0
        wang = Colleague(server)
        yield Village(looking, cast, office, wang, token, case, gateway, port)
        stop.set()
        await staff
        await second.close()


async def test_somebody_joins_and_enters_a_visit_by_cards_letters_and_typed_text(
    village: Village,
) -> None:
    wang, server = village.wang, village.office.server
    await wang.enters()
    await wang.hears("只接待受邀请的党务工作者")
    await wang.writes(f"加入 {village.token}")
    await wang.taps("是，我是书记其木格")
    await wang.hears("您已加入")
    await wang.writes("待办")
    await wang.hears("陆小满 · 21a 回访")
    await wang.taps("1. 陆小满 · 填写")
    await wang.hears("哪一天回访的")
    for label, told in CHOSEN.items():
        await wang.taps(label)
        await wang.hears(told)
    await wang.writes(WRITTEN)
    await wang.hears("核对后保存", "有人跟着学")
    await wang.hears("确认，保存")
    # Both ways were gone: cards where six choices suffice, letters where there are more.
    assert any(seen.card for seen in server.seen)
    assert any("回复字母选择" in seen.text for seen in server.seen)

    # The answer is seen, and nobody knows: what comes after the restart is marked.
    server.codes["aibot_send_msg"] = [None]
    await wang.taps("确认，保存")
    await wang.hears("已保存")
    await village.begins_again()
    await wang.hears("（可能重复）", "已保存")
    director = village.cast.people["苏和"]
    card = await village.services.cases.card(director, village.case, day_of(MONDAY))
    (entry,) = [e for e in card.entries if e.step.id == "21a"]
    assert entry.answers["heard"] == 8

    # A file goes up, and one comes down.
    content = listed("名单", ("姓名", "性别"), [("王小明", "男")])
    await wang.sends_file("名单.xlsx", content)
    await wang.hears("党员名册", "新1")
    await wang.writes("/help")
    await wang.taps("一页说明（打印）")
    await wang.hears("一页纸：每天做什么")
    media = next(seen.media for seen in reversed(server.seen) if seen.media)
    assert server.media[media][2].startswith(b"%PDF")
