"""举报电话: a committee or the department sets it, and every notice at or below it names it."""

import pytest
from sqlmodel import select

from domain.hotlines import Hotline
from domain.rulebook.kinds import Given
from domain.rulebook.reading.reader import load
from models import AuditLine, HotlineRow, NoticeRow
from services.core.database import Database
from services.people.hotlines import hotline_for
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened, second_step

__all__ = ["opened"]

WANTED = "请发一行：电话（5到15个数字）和负责人姓名（2到20个字）"


async def is_set(person: Somebody, place: str, line: str) -> str:
    await person.says("更多")
    await person.presses("举报电话")
    await person.presses(place)
    return await person.says(line)


async def asked_for_the_number(secretary: Somebody) -> str:
    """The notice, up to the question for its number."""
    await first_step(secretary)
    await second_step(secretary)
    await secretary.presses("接着填")
    await secretary.says("今天")
    await secretary.shows_photo(b"photo")
    return await secretary.presses("下一项 ›")


@pytest.mark.rule("hotline_named")
def test_every_notice_asks_what_number_it_names_and_offers_the_one_that_is_set() -> None:
    book = load("yakeshi")
    notices = [step for step in book.steps if step.has_notice]
    assert {"8a", "22a"} <= {step.id for step in notices}
    for step in notices:
        assert [field.id for field in step.fields if field.offers is Given.HOTLINE] == ["contact"]


@pytest.mark.rule("hotline_named")
async def test_a_committee_sets_it_once_and_its_branches_press_it(
    house: House, committee: Somebody, opened: Somebody, second: Database
) -> None:
    assert "还没有设举报电话。请党委组织委员或者组织部领导" in await asked_for_the_number(opened)
    said = await is_set(committee, "第一党委", "0470-7300000 王敏")
    assert "设好了：第一党委：0470-7300000（王敏负责）" in said
    async with second.read() as session:
        row = (await session.exec(select(HotlineRow))).one()
        assert (row.phone, row.person) == ("0470-7300000", "王敏")
        other = await hotline_for(session, house.places["第二支部"])
    assert other == Hotline("0470-7300000", "王敏")
    await opened.presses("保存，稍后再填")
    said = await opened.presses("接着填")
    assert "还没有设举报电话" not in said
    await opened.presses("0470-7300000 王敏")
    assert "公示上写明：0470-7300000 王敏" in await opened.presses("确认，保存")


async def test_the_nearest_one_holds_and_notices_that_hang_get_the_new_one(
    house: House, committee: Somebody, director: Somebody, opened: Somebody, second: Database
) -> None:
    await is_set(director, "组织部", "12380 高远")
    async with second.read() as session:
        found = await hotline_for(session, house.places["第一支部"])
    assert found == Hotline("12380", "高远")
    await asked_for_the_number(opened)
    await opened.presses("12380 高远")
    await opened.presses("确认，保存")
    await published(house)
    await is_set(committee, "第一党委", "0470-7300000 王敏")
    async with second.read() as session:
        found = await hotline_for(session, house.places["第一支部"])
        assert not (await session.exec(select(NoticeRow))).one().published
    assert found == Hotline("0470-7300000", "王敏")


@pytest.mark.rule("hotline_named")
async def test_it_is_replaced_and_withdrawn_and_what_stood_before_is_kept(
    house: House, committee: Somebody, director: Somebody, opened: Somebody, second: Database
) -> None:
    branch, place = house.places["第一支部"], house.places["第一党委"]

    async def holds() -> Hotline | None:
        async with second.read() as session:
            return await hotline_for(session, branch)

    await is_set(director, "组织部", "12380 高远")
    await is_set(committee, "第一党委", "0470-7300000 王敏")
    await asked_for_the_number(opened)
    await opened.presses("0470-7300000 王敏")
    await opened.presses("确认，保存")
    house.pass_days(2)
    await committee.presses_again(1, "g:q")
    await committee.presses("第一党委")
    await committee.presses("更换")
    assert "设好了" in await committee.says("0470-7300000 王敏")
    await committee.presses_again(1, f"hl:{place}")
    assert "以前的" not in committee.screen.text
    await committee.presses("更换")
    await committee.says("0470-7311111 李强")
    assert await holds() == Hotline("0470-7311111", "李强")
    await published(house)
    said = await committee.presses_again(1, f"hl:{place}")
    assert "0470-7300000（王敏负责），2026年11月23日到2026年11月25日" in said
    said = await committee.presses("撤下")
    assert "撤下以后，公示用上一级的：12380（高远负责）" in said
    assert await holds() == Hotline("0470-7311111", "李强")
    assert "撤下了：第一党委" in await committee.presses("确认撤下")
    assert await holds() == Hotline("12380", "高远")
    await committee.presses_again(1, f"hw:{place}:1")
    async with second.read() as session:
        assert not (await session.exec(select(NoticeRow))).one().published
        rows = (await session.exec(select(HotlineRow))).all()
        mine = [row for row in rows if row.organisation_id == place]
        acts = list((await session.exec(select(AuditLine.act))).all())
    assert sorted((row.number, row.phone) for row in mine) == [
        (1, "0470-7300000"), (2, "0470-7311111"),
    ]  # fmt: skip
    assert all(row.until and row.ended_by == house.posts["委员乙"].person_id for row in mine)
    assert acts.count("withdraw_hotline") == 1
    await director.presses_again(1, f"hw:{house.places['组织部']}:1")
    assert await holds() is None
    said = await committee.presses_again(1, f"hl:{place}")
    assert "上一级也没有设，公示上没有举报电话" in said
    await committee.presses("设一个")
    await committee.says("12380 王敏")
    assert await holds() == Hotline("12380", "王敏")


async def published(house: House) -> None:
    async with house.services.database.write() as session:
        (await session.exec(select(NoticeRow))).one().published = True


async def test_what_is_no_line_is_refused_and_who_may_not_sees_nothing(
    house: House, committee: Somebody, secretary: Somebody, second: Database
) -> None:
    for wrong in ("12380", "王敏", "1238 王敏", "12380 王", "12380 王敏 第2", "😀"):
        assert WANTED in await is_set(committee, "第一党委", wrong)
    assert WANTED in await committee.shows_sticker()
    department = house.places["组织部"]
    for data in ("g:q", *(f"{act}:{department}" for act in ("hl", "hs")), f"hw:{department}:1"):
        assert "不归您管" in await secretary.presses_again(1, data)
    await secretary.says("更多")
    assert "举报电话" not in secretary.choices
    said = await committee.presses_again(1, f"hl:{department}")
    assert "第一党委" in said
    assert "组织部" not in said
    async with second.read() as session:
        assert (await session.exec(select(HotlineRow))).all() == []
        acts = (await session.exec(select(AuditLine.act))).all()
    assert "set_hotline" not in acts
