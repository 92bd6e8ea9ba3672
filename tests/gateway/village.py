"""The staff bot of production, unmodified, behind a gateway, and what everybody does there."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.app.clock import SystemClock
from bot.app.database import open_database
from bot.app.settings import Settings
from bot.app.shutdown import StoppedBeforeReady
from bot.processes.staff import joined
from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from messenger.core.settings import user_id
from sandbox.cast import Cast, Play
from sandbox.people import people
from services.cases.views import CaseCard
from services.container import Services, build_services, procedure_of
from tests.gateway.fake import Reader
from tests.gateway.house import PUBLIC, TOKEN, Bot, House
from tests.installed import MONDAY, gathered, give_keys

NEW, BRANCH = "书记 其木格", "东山村党支部"
VISITED = {"name": "陆小满", "branch": BRANCH, "at": "21a", "days": 750}
CHOSEN = {
    "② 走访群众": "用了哪些方式\u3000走访群众",
    "③ 8人": "听了多少人的意见\u30008",
    "④ 积极向上": "一查思想动态\u3000积极向上",
    "⑤ 有新成绩": "二查工作实绩\u3000有新成绩",
    "⑦ 反映好": "三查群众评价\u3000反映好",
    "⑧ 能带动": "四查表率作用\u3000能带动",
}
WRITTEN = "一、思想稳定。二、带头干。三、都说好。四、有人跟着学。"


@dataclass
class Village:
    """`services` look through a connection of their own. `token`: an invitation for NEW. `case`:
    somebody who is to be visited."""

    services: Services
    cast: Cast
    house: House
    token: str
    case: str
    gateway: AsyncExitStack
    port: int

    async def begins_again(self) -> None:
        await self.gateway.aclose()
        bot = await self.gateway.enter_async_context(self.house.running(self.port))
        bot.is_unhurried()

    async def card(self) -> CaseCard:
        director = self.cast.people["苏和"]
        return await self.services.cases.card(director, self.case, day_of(MONDAY))


async def staff(settings: Settings, stop: asyncio.Event) -> None:
    with suppress(StoppedBeforeReady):
        async with joined(settings, stop) as bot:
            await bot.run(stop)


def tell_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins on the Monday of the stories."""
    begun = time.monotonic()
    monkeypatch.setattr(
        SystemClock, "now", lambda _: MONDAY + timedelta(seconds=time.monotonic() - begun)
    )


def settings_behind(bot: Bot, folder: Path) -> Settings:
    told = {"api": bot.gateway.url, "staff_token": TOKEN, "public_token": PUBLIC}
    settings = Settings.model_validate({"data": folder, **told})
    give_keys(settings)
    return settings


@asynccontextmanager
async def village(
    folder: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Village]:
    tell_the_time(monkeypatch)
    async with AsyncExitStack() as gateway:
        bot = await gateway.enter_async_context(house.running())
        bot.is_unhurried()
        settings = settings_behind(bot, folder / "var")
        second = await open_database(settings.staff_database, settings.ring())
        looking = build_services(second, procedure_of(), tells=False)
        chats = {name: user_id(place) for place, name in enumerate(people())}
        cast = await gathered(looking, chats)
        director, place = cast.people["苏和"], cast.places[BRANCH]
        token = await looking.people.invite(cast.act(), director, Role.SECRETARY, place, NEW)
        stop, case = asyncio.Event(), await Play(cast, VISITED).lead()
        task = asyncio.create_task(staff(settings, stop))
        port = urlsplit(bot.gateway.url).port or 0
        try:
            yield Village(looking, cast, house, token, case, gateway, port)
        finally:
            stop.set()
            await task
            await second.close()


async def joins(somebody: Reader, token: str) -> None:
    """Whoever NEW is."""
    await somebody.hears("只接待受邀请的党务工作者")
    await somebody.writes(f"加入 {token}")
    await somebody.taps("是，我是书记其木格")
    await somebody.hears("您已加入")


async def begins_a_visit(somebody: Reader) -> None:
    await somebody.writes("待办")
    await somebody.hears("陆小满 · 21a 回访")
    await somebody.taps("1. 陆小满 · 填写")
    await somebody.hears("哪一天回访的")


async def answers_a_visit(somebody: Reader) -> None:
    """Up to saving it."""
    for label, told in CHOSEN.items():
        await somebody.taps(label)
        await somebody.hears(told)
    await somebody.writes(WRITTEN)
    await somebody.hears("核对后保存", "有人跟着学")
