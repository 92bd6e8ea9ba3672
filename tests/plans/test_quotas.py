"""Places beside the plan, and key activists of each branch: set and seen by who may."""

from datetime import date

import pytest
from sqlmodel import select

from models import PlanRow, QuotaRow
from services.core.database import Database
from tests.meetings.town import BRANCH, COMMITTEE, OTHER, Town


async def to_quotas(town: Town) -> str:
    director = town.house.somebody(100)
    await director.says("/plan")
    return await director.presses("定名额")


async def accepted(town: Town, case: str) -> None:
    async with town.house.services.database.write() as session:
        session.add(
            PlanRow(
                case_id=case,
                year=2026,
                state="accepted",
                proposed_on=date(2026, 2, 1),
                proposed_by=town.actor("书记丙").person_id,
            )
        )


@pytest.mark.rule("quota_shown", "key_activists_counted")
async def test_places_stand_beside_the_plan_and_more_are_said(town: Town, second: Database) -> None:
    case = await town.led("陆小满", "6", days=120)
    await town.led("孟春雨", "5a", days=120)
    said = await to_quotas(town)
    assert "第一党委：没有定名额，申报0人，列入0人（积极分子2人）" in said
    director = town.house.somebody(100)
    await director.presses("按比例分")
    for wrong in ("很多", "-1", "10000", "一百二"):
        assert "请发0到9999的整数" in await director.says(wrong)
    async with second.read() as session:
        assert (await session.exec(select(QuotaRow))).all() == []
    assert "第一党委：名额0，" in await director.says("0")
    await accepted(town, case)
    said = await town.committee.says("/plan")
    assert "第一党委：名额0，申报1人，列入1人，超出1人" in said
    assert "定名额" not in town.committee.choices
    await to_quotas(town)
    await director.presses(COMMITTEE)
    assert "名额1，申报1人，列入1人（积极分子2人）" in await director.says("一个")
    async with second.read() as session:
        [row] = (await session.exec(select(QuotaRow))).all()
    assert (row.year, row.places) == (2026, 1)

    await town.committee.says("/plan")
    said = await town.committee.presses("重点积极分子")
    assert f"{BRANCH}：积极分子2人，其中重点1人" in said
    assert f"{OTHER}：积极分子0人，其中重点0人" in said
    assert said.index(BRANCH) < said.index(OTHER)


async def test_without_activists_there_is_no_proportion(town: Town, second: Database) -> None:
    await to_quotas(town)
    director = town.house.somebody(100)
    await director.presses("按比例分")
    assert "没法按比例分" in await director.says("30")
    async with second.read() as session:
        assert (await session.exec(select(QuotaRow))).all() == []


async def test_a_branch_sees_no_places_and_nobody_but_the_director_sets_them(
    town: Town, second: Database
) -> None:
    place = town.place(COMMITTEE)
    await to_quotas(town)
    said = await town.secretary.says("/plan")
    assert "名额" not in said
    assert not {"定名额", "重点积极分子"} & set(town.secretary.choices)
    for data in ("pu:2026:", f"pu:2026:{place}", "pa:2026"):
        assert "不归您管" in await town.secretary.presses_again(1, data)
    for person in (town.committee, town.organiser):
        await person.presses_again(1, f"pu:2026:{place}")
        await person.says("5")
    async with second.read() as session:
        assert (await session.exec(select(QuotaRow))).all() == []
