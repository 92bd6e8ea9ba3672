"""(h) A restart in the middle of a form; reminders; (i) those who may not."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import Draft, OutgoingRow
from tests.conftest import on_both, on_postgresql
from tests.stories.conftest import City
from tests.stories.walker import Walker


@on_both
async def test_a_restart_in_the_middle_of_a_form_continues_it(city: City) -> None:
    case = await city.case("2", 12)
    walker = Walker(city, case, "陆小满")
    secretary = await city.person("secretary")
    await secretary.says("陆小满")
    await secretary.presses("开始填写")
    await secretary.sees("谁去谈的")
    await secretary.presses("巴特尔")
    await secretary.sees("哪一天谈的话", "谈到了哪些内容")
    await secretary.says("昨天")
    await secretary.sees("① ✓ 昨天")
    await city.restart()
    await secretary.presses("全部点上")
    await secretary.sees("② ✓ 全部点上")
    # Looked at now: stopped between its screen and its commit, the first answer is handled again.
    async with city.services.database.read() as session:
        kept = (await session.exec(select(Draft))).one()
        assert kept.answers["held_on"] == city.today - timedelta(days=1)
    await secretary.says("态度端正，同意培养。")
    await secretary.presses("确认，保存")
    await secretary.sees("已保存")
    assert [line.step.id for line in (await city.card(walker.case)).entries] == ["1", "2"]


@on_postgresql
async def test_reminders_come_with_the_days_and_the_last_goes_up(city: City) -> None:
    await city.case("2", 12)
    secretary, committee = await city.person("secretary"), await city.person("committee")
    for _ in range(30):
        await city.passes("1d")
    shown = await secretary.sees("提醒", "陆小满", "派人谈话", since=0)
    assert "已过" in shown
    assert "已过" in shown
    texts = [message["text"] for message in await secretary.screen() if "提醒" in message["text"]]
    # A morning's takes the place of the one before; that of a week stays, to compare.
    assert len([text for text in texts if "这一周" not in text]) == 1
    await city.passes("6d")
    await committee.sees("请督促下级", "陆小满", since=0)
    async with city.services.database.read() as session:
        sent = (await session.exec(select(OutgoingRow))).all()
    assert {row.state for row in sent} <= {"sent", "moot"}
    told = [row for row in sent if row.kind in ("digest", "week") and row.state == "sent"]
    assert len(told) >= 4


@pytest.mark.slow
async def test_who_may_not_is_refused_and_told_nothing(city: City) -> None:
    case = await city.case("15", 424)
    stranger = await city.person("stranger", "staff")
    other = await city.person("secretary2")
    await city.join_introducer("introducer3", "孟和")
    foreign = await city.person("introducer3")
    await stranger.says("/start")
    await stranger.sees("邀请")
    told = await stranger.screen()
    pressed = (f"c:{case}:s", f"f:{case}:15", f"e:{case}", f"v:{case}:")
    await stranger.says("陆小满")
    for data in pressed:
        await stranger.presses_data(data)
    for person in (other, foreign):
        await person.says("陆小满")
        shown = await person.sees()
        assert "支部大会" not in shown
        for data in pressed:
            await person.presses_data(data)
            said = await person.sees()
            assert "陆小满" not in said
            assert "支部大会" not in said
    # Once an hour is enough; both others were answered after it.
    assert await stranger.screen() == told
    assert [line.step.id for line in (await city.card(case)).entries][-1] == "14a"


async def test_the_public_bot_goes_on_while_the_staff_bot_restarts(city: City) -> None:
    await city.restart()
    citizen = await city.person("citizen", "public")
    await citizen.says("/help")
    await citizen.sees("一周之内给答复")
    secretary = await city.person("secretary")
    await secretary.says("待办")
    await secretary.sees("没有要您办的事")
