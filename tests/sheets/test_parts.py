"""A part of the list: by stage, by year, overdue, of one branch; by a tap each."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from domain.rulebook.schema import Role
from handlers.staff.cases.callbacks import ChooseCallback, PartOfCallback
from handlers.staff.sheets.callbacks import BelowCallback, MembersCallback
from services.core.errors import NotAllowed, NotFound
from services.people.views import Actor
from services.sheets.selection import CaseSelection, Of
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.papers.test_story import files_in
from tests.sheets.conftest import today, xlsx


def names_in(content: bytes) -> list[str]:
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    place = rows[0].index("姓名")
    return sorted(str(row[place]) for row in rows[1:])


async def enter(house: House) -> None:
    """Two applicants, one of them talked to too late; one activist of this year, one of the last in
    the other branch."""
    day = today(house)
    head = ("党支部", "姓名", "申请", "谈话", "积极分子", "培养联系人")
    rows = (
        ("第一支部", "申请甲", day - timedelta(days=5), "", ""),
        ("第一支部", "申请乙", day - timedelta(days=60), "", ""),
        ("第一支部", "积极丙", date(day.year, 1, 5), date(day.year, 1, 6), date(day.year, 1, 7),
         "党员甲一"),
        ("第二支部", "积极丁", date(day.year - 1, 1, 5), date(day.year - 1, 1, 6),
         date(day.year - 1, 12, 7)),
    )  # fmt: skip
    sheets, officer = house.services.sheets, house.posts["委员乙"]
    found = await sheets.preview(officer, xlsx(head, *rows), house.at)
    assert (found.new, found.refused) == (4, ())
    await sheets.confirm(house.act(), officer, found.sheet_id)


async def test_a_committee_takes_a_part_of_the_list_by_a_tap(
    house: House, committee: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    await enter(house)
    year = today(house).year
    await committee.says("/cases")
    said = await committee.presses("按条件下载")
    assert "要哪些人？" in said

    async def taken(button: str) -> tuple[str, list[str]]:
        await committee.presses(button)
        name, content = files_in(house)[-1]
        return name, names_in(content)

    assert await taken("入党积极分子") == (
        f"发展名册_入党积极分子_{today(house)}.xlsx", ["积极丁", "积极丙"]
    )  # fmt: skip
    await committee.says("/cases")
    await committee.presses("按条件下载")
    _, late = await taken("已逾期的")
    assert "申请乙" in late
    assert "申请甲" not in late
    before = len(files_in(house))
    await committee.says("/cases")
    await committee.presses("按条件下载")
    assert "没有这样的人：暂缓的" in await committee.presses("暂缓的")
    assert len(files_in(house)) == before

    await committee.presses("某一年的")
    await committee.presses(f"{year - 1}年")
    assert await taken("入党积极分子") == (
        f"发展名册_{year - 1}年入党积极分子_{today(house)}.xlsx", ["积极丁"]
    )  # fmt: skip
    await committee.says("/cases")
    await committee.presses("按条件下载")
    await committee.presses("只要某个单位")
    said = await committee.presses("第一支部")
    assert "第一支部" in said
    assert await taken("入党积极分子") == (
        f"发展名册_入党积极分子_第一支部_{today(house)}.xlsx", ["积极丙"]
    )  # fmt: skip

    # The people behind a figure are the same list.
    await committee.says("更多")
    await committee.presses("数字")
    await committee.presses("名单")
    await committee.presses("入党积极分子，现在：2")
    assert (await taken("下载表格"))[1] == ["积极丁", "积极丙"]


async def test_a_part_never_widens_what_somebody_sees(
    house: House, committee: Somebody, secretary: Somebody, other_secretary: Somebody
) -> None:
    await enter(house)
    sheets, day = house.services.sheets, today(house)
    mine, theirs = house.posts["书记丙"], house.posts["书记戊"]
    other = house.places["第二支部"]
    for of in Of:
        for number in range(4):
            part = CaseSelection(of, number=number, year=day.year)
            here = names_in((await sheets.cases(mine, day, part)).content)
            there = names_in((await sheets.cases(theirs, day, part)).content)
            assert "积极丁" not in here
            assert set(there) <= {"积极丁"}
            both = names_in((await sheets.cases(house.posts["委员乙"], day, part)).content)
            assert both == sorted([*here, *there])
    # Named by hand, a foreign branch is as if it weren't there.
    part = CaseSelection(organisation=other)
    assert names_in((await sheets.cases(mine, day, part)).content) == []
    for button in (ChooseCallback(organisation=other), BelowCallback(organisation=other),
                   PartOfCallback(of=Of.ALL, organisation=other)):  # fmt: skip
        assert "没有找到" in await secretary.presses_again(1, button.pack())
    with pytest.raises(NotFound):
        await sheets.cases(mine, day, CaseSelection(Of.NUMBER, number=99))
    assert (await sheets.places(mine)).found == ()
    assert [name for _, name in (await sheets.places(house.posts["委员乙"])).found] == [
        "第一支部", "第二支部"
    ]  # fmt: skip


def rows_in(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


async def test_who_accompanies_whom_and_the_members_of_one_branch(
    house: House, committee: Somebody, secretary: Somebody, introducer: Somebody
) -> None:
    day = today(house) - timedelta(days=40)
    row = ("第一支部", "李远", day, day, day, "党员甲一、介绍丁")
    head = ("党支部", "姓名", "申请", "谈话", "积极分子", "培养联系人")
    sheets, officer = house.services.sheets, house.posts["委员乙"]
    found = await sheets.preview(officer, xlsx(head, row), house.at)
    await sheets.confirm(house.act(), officer, found.sheet_id)
    await committee.says("/cases")
    await committee.presses("按条件下载")
    await committee.presses("谁联系谁")
    name, content = files_in(house)[-1]
    assert name == f"联系人和介绍人名单_{today(house)}.xlsx"
    assert [row[:4] for row in rows_in(content)] == [
        ["党支部", "姓名", "担任", "对象"],
        ["第一支部", "介绍丁", "培养联系人", "李远"],
        ["第一支部", "党员甲一", "培养联系人", "李远"],
    ]
    # Whoever accompanies somebody sees the own case's list; nobody else's.
    assert {line.case for line in await sheets.helpers(house.posts["介绍丁"])} == {"李远"}
    assert await sheets.helpers(officer, house.places["第二支部"]) == ()

    await committee.presses("只要某个单位")
    await committee.presses("第一支部")
    await committee.presses("下载党员名册")
    members = rows_in(files_in(house)[-1][1])[1:]
    assert {row[1] for row in members} == {"第一支部"}
    # Two of one name are two in the list, which is counted.
    place = house.places["第一支部"]
    await house.services.people.add_member(house.act(), house.posts["书记丙"], place, "党员甲一")
    made = await sheets.members(officer, today(house), place)
    assert [row[2] for row in rows_in(made.content)].count("党员甲一") == 2
    assert made.rows == len(members) + 1
    foreign = MembersCallback(organisation=house.places["第二支部"])
    assert "没有找到" in await secretary.presses_again(1, foreign.pack())


Asks = Callable[[House, Actor, str], Awaitable[Iterable[str]]]


async def cases_at(house: House, actor: Actor, place: str) -> Iterable[str]:
    made = await house.services.sheets.cases(actor, today(house), CaseSelection(organisation=place))
    return names_in(made.content)


async def members_at(house: House, actor: Actor, place: str) -> Iterable[str]:
    made = await house.services.sheets.members(actor, today(house), place)
    return [str(row[2]) for row in rows_in(made.content)[1:]]


async def helpers_at(house: House, actor: Actor, place: str) -> Iterable[str]:
    return [line.person for line in await house.services.sheets.helpers(actor, place)]


async def plan_at(house: House, actor: Actor, _: str) -> Iterable[str]:
    view = await house.services.plans.view(actor, today(house).year, today(house))
    return [line.person for line in view.lines] or ["nobody"]


async def breaches_at(house: House, actor: Actor, _: str) -> Iterable[str]:
    return [line.person for line in await house.services.breaches.listed(actor)] or ["nobody"]


LISTS: dict[str, Asks] = {
    "cases": cases_at, "members": members_at, "helpers": helpers_at, "plan": plan_at,
    "breaches": breaches_at,
}  # fmt: skip
EVERYWHERE = {"组织部", "第一党委", "第一支部", "第二支部"}
REACH = {
    "主任甲": EVERYWHERE, "组织员庚": EVERYWHERE, "委员乙": EVERYWHERE, "书记丙": {"第一支部"},
    "书记戊": {"第二支部"}, "介绍丁": set[str](),
}  # fmt: skip
"""At or below which places somebody finds what lies in both branches."""
WITHOUT = {"members": {"介绍丁"}, "plan": {"介绍丁"}, "breaches": {"书记丙", "书记戊", "介绍丁"}}
"""To whom a list isn't handed at all."""


BRANCHES = {"第一支部", "第二支部"}
FOUND: dict[str, tuple[tuple[str, str], ...]] = {
    "cases": (("申请甲", "第一支部"), ("积极丁", "第二支部")),
    "members": (("党员甲一", "第一支部"),),
    "helpers": (("党员甲一", "第一支部"),),
    "plan": (),
    "breaches": (),
}
"""Who stands in a list, and of which branch."""


async def test_each_list_for_each_role_at_each_place(
    house: House, committee: Somebody, secretary: Somebody, other_secretary: Somebody,
    introducer: Somebody,
) -> None:  # fmt: skip
    await enter(house)
    await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    assert set(house.posts) == set(REACH)
    asked = 0
    for what, ask in LISTS.items():
        for name, actor in house.posts.items():
            for place, organisation in house.places.items():
                asked += 1
                here = BRANCHES & REACH[name]
                here &= {place} if place in BRANCHES else BRANCHES
                # A roster of nobody is refused: there is no branch of theirs at that place.
                if name in WITHOUT.get(what, ()) or (what == "members" and not here):
                    with pytest.raises(NotAllowed):
                        await ask(house, actor, organisation)
                    continue
                found = set(await ask(house, actor, organisation))
                for somebody, branch in FOUND[what]:
                    assert (somebody in found) == (branch in here), (what, name, place)
    assert asked == len(LISTS) * len(REACH) * 4
