"""指导意见: written once a year by the director, read by every branch, kept by year."""

import pytest
from sqlmodel import select

from models import GuidanceRow
from services.core.database import Database
from tests.meetings.town import Town
from tests.plans.test_year_in_chat import told

PARTS = (
    "年满十八岁，表现一贯较好，群众公认。",
    "按细则和本市规定逐步办理，三级票决。",
    "多在农村、社区发展年轻人。",
)


async def written(town: Town, *parts: str) -> str:
    director = town.house.somebody(100)
    await director.says("/plan")
    await director.presses("指导意见")
    await director.presses("写2026年的")
    said = ""
    for part in parts:
        said = await director.says(part)
    return said


async def rows(second: Database) -> list[GuidanceRow]:
    async with second.read() as session:
        return list(await session.exec(select(GuidanceRow).order_by(GuidanceRow.number)))  # type: ignore[arg-type]


@pytest.mark.rule("guidance_public")
async def test_it_is_published_told_and_read_by_the_branches(town: Town, second: Database) -> None:
    said = await written(town, *PARTS)
    for part in PARTS:
        assert part in said
    assert await rows(second) == []
    director = town.house.somebody(100)
    assert "已公布，已经通知各支部和党（工）委" in await director.presses("公布")
    await told(town)
    for person in (town.secretary, town.committee):
        assert "组织部公布了发展条件、工作程序和工作重点" in person.screen.text
    await town.secretary.says("/plan")
    await town.secretary.presses("指导意见")
    assert not [label for label in town.secretary.choices if label.startswith("写")]
    said = await town.secretary.presses("2026年（2026年11月23日公布）")
    for part in PARTS:
        assert part in said

    town.house.pass_days(2)
    await written(town, PARTS[0], PARTS[1], "重点改为非公有制经济组织。")
    await director.presses("公布")
    assert [(row.year, row.number) for row in await rows(second)] == [(2026, 1), (2026, 2)]
    await town.secretary.presses_again(1, "ig:0:0")
    assert "多在农村、社区" in await town.secretary.presses("后来有改动")


@pytest.mark.rule("guidance_public")
async def test_each_part_has_its_length_and_only_the_director_writes(
    town: Town, second: Database
) -> None:
    director = town.house.somebody(100)
    assert "请用文字写，10到1000个字。什么都没有存。" in await written(town, "字" * 9)
    assert "什么都没有存" in await director.says("字" * 1001)
    assert "按什么程序办" in await director.says("字" * 10)
    assert "工作重点是什么" in await director.says("字" * 1000)
    for person in (town.secretary, town.committee, town.organiser):
        assert "不归您管" in await person.presses_again(1, "ip:2026")
    assert await rows(second) == []
