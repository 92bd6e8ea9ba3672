"""指导意见 is made public: everybody reads it at both doors, and nobody is named by it (G三)."""

from html import escape
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import select

from domain.calendar.office_hours import day_of
from handlers.public.chat.application import build
from handlers.public.web import build_web
from models.intake import IntakeGuidance
from services.core.database import Database
from tests.conversation.people import Somebody
from tests.intake.citizens import Citizen
from tests.intake.telegram import Telegram
from tests.intake.visitors import Visitor
from tests.reports.conftest import Channel
from tests.reports.test_notices import exchange_of

FIRST = (
    "表现一贯较好，群众<公认>的人。",
    "按细则和本市规定逐步办理。",
    "多在农村、社区发展年轻人。",
)
FOCUS = "重点改为非公有制经济组织。"


async def write(director: Somebody, year: int, *parts: str) -> None:
    await director.says("/plan")
    await director.presses("指导意见")
    await director.presses(f"写{year}年的")
    for part in parts:
        await director.says(part)
    assert "群众也看得到" in await director.presses("公布")


async def rows(intake: Database) -> list[tuple[int, int]]:
    async with intake.read() as session:
        return [(row.year, row.number) for row in await session.exec(select(IntakeGuidance))]


@pytest.mark.rule("guidance_public")
async def test_everybody_reads_it_at_both_doors_and_nobody_is_named(
    channel: Channel, director: Somebody, tmp_path: Path
) -> None:
    telegram, year = Telegram(), day_of(channel.house.at).year
    bot = build("43:TEST", channel.intake, channel.now, request=telegram)
    await bot.initialize()
    citizen = Citizen(bot, telegram)
    async with TestClient(TestServer(build_web(channel.intake, channel.now))) as client:
        visitor = Visitor(client)
        await citizen.says("/start")
        assert "还没有公布" in await citizen.presses("发展党员指导意见")
        assert "还没有公布" in await visitor.opens("/guidance")
        await write(director, year, *FIRST)
        said, page = await citizen.says("/guidance"), await visitor.opens("/guidance")
        for part in FIRST:
            for door in (said, page):
                assert escape(part) in door
        assert "<公认>" not in page

        channel.house.at = channel.house.at.replace(day=25)
        await write(director, year, FIRST[0], FIRST[1], FOCUS)
        await write(director, year + 1, *FIRST)
        assert await rows(channel.second_intake) == [(year, 2), (year + 1, 1)]
        said, page = await citizen.says("/guidance"), await visitor.opens("/guidance?lang=en")
        assert f"{year + 1}年发展党员指导意见" in said
        assert FOCUS in page
        assert "Focus" in page
    await bot.shutdown()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("intake.sqlite3*"))
    assert FOCUS.encode() in kept
    person = channel.house.posts["主任甲"].person_id
    for trace in ("主任甲", person):
        assert trace.encode() not in kept


async def test_a_report_being_written_stays_while_somebody_reads_it(
    channel: Channel, director: Somebody
) -> None:
    telegram = Telegram()
    bot = build("43:TEST", channel.intake, channel.now, request=telegram)
    await bot.initialize()
    citizen = Citizen(bot, telegram)
    await citizen.says("/start")
    await citizen.presses("我要反映")
    await citizen.says("河湾村 某某")
    await citizen.says("/guidance")
    assert "记下了" in await citizen.says("公示期间他仍在集体林地里私自开荒，邻居都看见了。")
    await bot.shutdown()


async def test_what_was_lost_or_altered_is_put_right_and_an_old_year_stands_until_the_next(
    channel: Channel, director: Somebody
) -> None:
    exchange, today = exchange_of(channel), day_of(channel.house.at)
    await write(director, today.year, *FIRST)
    assert await exchange.publish_guidance() == 0
    async with channel.intake.database.write() as session:
        row = (await session.exec(select(IntakeGuidance))).one()
        row.text = row.text.replace("年轻人", "熟人")
    assert await exchange.publish_guidance() == 1
    async with channel.intake.database.write() as session:
        row = (await session.exec(select(IntakeGuidance))).one()
        row.text = "各村自己定。"
        session.add(
            IntakeGuidance(year=today.year + 1, number=1, published_on=today, text=row.text)
        )
    assert await exchange.publish_guidance() == 2
    assert [one.year for one in await channel.intake.guidance(today)] == [today.year]
    assert await exchange.publish_guidance() == 0
    async with channel.intake.database.write() as session:
        await session.delete((await session.exec(select(IntakeGuidance))).one())
    assert await channel.intake.guidance(today) == ()
    assert await exchange.publish_guidance() == 1
    [shown] = await channel.intake.guidance(today.replace(year=today.year + 1, day=1))
    assert (shown.year, shown.parts["focus"]) == (today.year, FIRST[2])
