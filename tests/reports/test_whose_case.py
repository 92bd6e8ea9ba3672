"""A report in the citizen's own words holds nobody's case until the director says whose it is."""

import pytest
from sqlmodel import select

from domain.calendar.office_hours import day_of
from domain.permissions import Permission
from domain.rulebook.schema import Role
from models import AuditLine, EntryRow, HoldRow, OutgoingRow
from services.core.errors import NotAllowed
from tests.conversation.people import Somebody
from tests.reports.conftest import ANSWER, Channel
from tests.reports.test_letters import settled

NAMED = "第一支部公示的钱 进，公示期间在集体林地里私自开荒。"


async def opened(channel: Channel, name: str, secretary: str = "书记丙") -> str:
    house = channel.house
    branch, posts = house.places["第一支部"], house.posts
    card = await house.services.cases.open(house.act(), posts[secretary], name, branch)
    return card.case_id


async def held(channel: Channel) -> set[str]:
    """Ids of the cases that are held now."""
    async with channel.second.read() as session:
        rows = list(await session.exec(select(HoldRow)))
    return {row.case_id for row in rows if row.released_on is None}


async def begins(channel: Channel, director: Somebody) -> None:
    """The director opens the report and is asked whose case it is about."""
    await channel.next_batch()
    await director.presses_again(1, f"r:{(await channel.row()).id}")
    assert "先定涉及谁" in director.screen.text
    await director.presses("批示：先定涉及谁")


async def test_a_name_in_the_text_is_offered_and_the_case_is_held_until_the_answer(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    case = await opened(channel, "钱进")
    await opened(channel, "孙立")
    await channel.files(NAMED)
    await begins(channel, director)
    assert director.choices[0] == "钱进 · 第一支部"
    assert not [label for label in director.choices if "孙立" in label]
    assert await held(channel) == set()
    await director.presses("钱进 · 第一支部")
    assert "涉及钱进" in director.screen.text
    assert "请点一名组织员" in director.screen.text
    assert await held(channel) == {case}
    assert [link.case_id for link in await channel.about()] == [case]
    await director.presses("组织员己")
    async with channel.second.read() as session:
        lines = list(await session.exec(select(AuditLine.act)))
    assert {"look_at_report", "link_report", "instruct_report"} <= set(lines)
    await settled(channel, organiser)
    assert await held(channel) == set()


async def test_who_is_not_named_is_found_by_name_and_a_wrong_one_is_put_right(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    first, right = await opened(channel, "钱进"), await opened(channel, "孙立")
    await channel.files("公示栏上那位，公示期间私自开荒，邻居都看见了。")
    await begins(channel, director)
    assert "请输入姓名查找" in director.screen.text
    await director.says("赵没有")
    assert "没有找到“赵没有”" in director.screen.text
    await director.says("钱进")
    await director.presses("钱进 · 第一支部")
    assert await held(channel) == {first}
    await director.presses("组织员己")
    await director.presses_again(1, f"r:{(await channel.row()).id}")
    await director.presses("改涉及的人")
    await director.says("孙立")
    await director.presses("孙立 · 第一支部")
    assert await held(channel) == {first, right}
    await director.presses("改涉及的人")
    await director.presses("去掉：钱进")
    assert await held(channel) == {right}
    assert (await channel.row()).organiser_id == channel.house.posts["组织员己"].person_id


async def test_letters_that_are_only_looked_through_for_names_wait_to_be_read(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    await opened(channel, "孙立")
    code = await channel.files("公示栏上那位，公示期间私自开荒，邻居都看见了。")
    await channel.next_batch()
    await channel.adds(code, "他叫孙立。")
    await director.presses_again(1, f"r:{(await channel.row()).id}")
    await director.presses("批示：先定涉及谁")
    assert director.choices[0] == "孙立 · 第一支部"
    assert (await channel.row()).letters == 0
    assert await channel.next_batch() == 1
    assert (await channel.told())[-1].payload["letter"]


async def test_nobody_whose_case_is_running_is_an_answer_too(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    await opened(channel, "钱进")
    await channel.files(NAMED)
    await begins(channel, director)
    await director.presses("不涉及在办的")
    assert "不涉及在办的人" in director.screen.text
    assert "请点一名组织员" in director.screen.text
    assert await held(channel) == set()
    assert await channel.about() == []


async def test_an_organiser_with_a_part_in_the_case_checks_it_no_longer(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    case = await opened(channel, "钱进")
    await channel.files(NAMED)
    await channel.next_batch()
    report, house = await channel.row(), channel.house
    reports, posts = house.services.reports, house.posts
    await reports.instruct(house.act(), posts["主任甲"], report.id, posts["组织员己"].person_id)
    with pytest.raises(NotAllowed) as refused:
        await reports.link(house.act(), posts["组织员己"], report.id, [case], [])
    assert refused.value.args == (Permission.INSTRUCT_REPORT,)
    await house.join(posts["主任甲"], Role.SECRETARY, "第一支部", "组织员己", 600)
    told = len(await channel.told())
    card = await reports.link(house.act(), posts["主任甲"], report.id, [case], [])
    assert card is not None
    assert card.organiser_id is None
    assert await held(channel) == {case}
    assert len(await channel.told()) == told


async def test_once_it_is_answered_it_stays_with_its_case(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    case = await opened(channel, "钱进")
    await channel.files(NAMED)
    await begins(channel, director)
    await director.presses("不涉及在办的")
    await director.presses("组织员己")
    await settled(channel, organiser)
    report, house = await channel.row(), channel.house
    with pytest.raises(NotAllowed):
        await house.services.reports.link(house.act(), house.posts["主任甲"], report.id, [case], [])
    assert await channel.about() == []
    assert await held(channel) == set()


async def test_what_another_director_did_meanwhile_is_not_undone(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    first, second = await opened(channel, "钱进"), await opened(channel, "孙立")
    house = channel.house
    reports, actor = house.services.reports, house.posts["主任甲"]
    await channel.files(NAMED)
    await begins(channel, director)
    report = (await channel.row()).id
    await reports.link(house.act(), actor, report, [second], [])
    said = await director.presses("钱进 · 第一支部")
    assert "这次什么都没有改" in said
    assert "涉及：孙立" in said
    assert await held(channel) == {second}

    await director.presses("改涉及的人")
    await reports.instruct(house.act(), actor, report, house.posts["组织员己"].person_id)
    await settled(channel, organiser)
    await director.says("钱进")
    assert "这次什么都没有改" in await director.presses("钱进 · 第一支部")
    assert [link.case_id for link in await channel.about()] == [second]
    await director.presses_again(1, f"rl:{report}")
    assert "涉及的人不再改" in director.screen.text
    assert await held(channel) == set()
    assert first != second


async def test_a_case_that_is_over_is_not_said_to_wait(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    (case, _), house = await channel.hang(), channel.house
    ended = {"happened_on": day_of(house.at), "conclusion": "withdrawn"}
    await house.services.steps.record(house.act(), house.posts["书记丙"], case, "ends", ended)
    await channel.files(NAMED)
    await begins(channel, director)
    await director.says("钱进")
    said = await director.presses("钱进 · 第一支部")
    assert "已经终止或者归档" in said
    assert "过下一关" not in said


async def test_a_director_with_a_part_in_the_case_hands_the_report_on(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    case, house = await opened(channel, "钱进"), channel.house
    await house.join(house.posts["主任甲"], Role.SECRETARY, "第一支部", "主任甲", 100)
    await channel.files(NAMED)
    await begins(channel, director)
    await director.presses("钱进 · 第一支部")
    assert "不再由您经办" in director.screen.text
    assert await held(channel) == {case}
    told = {row.person_id for row in await channel.told()}
    assert house.posts["组织员己"].person_id in told
    await director.presses("全部反映")
    assert "没有在办的群众反映" in director.screen.text


BOTH = "第一支部公示的钱进和第二支部的吴迪，公示期间一起在集体林地里私自开荒。"


async def shared(channel: Channel, director: Somebody) -> tuple[str, str]:
    """A report about two people of two branches, each with a case; gives both."""
    first = await opened(channel, "钱进")
    house = channel.house
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第二支部", "书记戊", 500)
    branch, posts = house.places["第二支部"], house.posts
    card = await house.services.cases.open(house.act(), posts["书记戊"], "吴迪", branch)
    await begins(channel, director)
    await director.presses("钱进 · 第一支部")
    await director.presses("还涉及别人")
    assert "现在涉及钱进。还涉及谁？" in director.screen.text
    assert "钱进 · 第一支部" not in director.choices
    said = await director.presses("吴迪 · 第二支部")
    assert "涉及钱进、吴迪" in said
    return first, card.case_id


async def findings(channel: Channel, case: str) -> list[str]:
    """What was found, as that case keeps it now."""
    async with channel.second.read() as session:
        rows = await session.exec(select(EntryRow).where(EntryRow.case_id == case))
        return [row.answers["finding"] for row in rows if not row.replaced_by]


async def test_one_report_holds_two_people_and_each_gets_a_finding_of_their_own(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    code = await channel.files(BOTH)
    first, second = await shared(channel, director)
    assert await held(channel) == {first, second}
    await director.presses("组织员己")
    report = (await channel.row()).id

    shown = await organiser.presses_again(1, f"r:{report}")
    assert "涉及：钱进（核实清楚前不能过下一关）\n涉及：吴迪（" in shown
    assert {"看：钱进", "看：吴迪"} <= set(organiser.choices)
    said = await organiser.presses("作结论并答复")
    assert "钱进：核实的结论是哪一类？" in said
    said = await organiser.presses("失实")
    assert "吴迪：核实的结论是哪一类？" in said
    said = await organiser.presses("属实，情节较重")
    assert "钱进，结论：失实" in said
    await organiser.says(ANSWER)
    said = await organiser.presses("确认，答复")
    assert "已办结：钱进，失实。" in said
    assert "已办结：吴迪，属实，情节较重。" in said

    assert await held(channel) == set()
    assert (await findings(channel, first), await findings(channel, second)) == (
        ["untrue"],
        ["serious"],
    )
    assert [link.finding for link in await channel.about()] == ["untrue", "serious"]
    row = await channel.row()
    assert (row.state, row.finding) == ("closed", "various")
    house, today = channel.house, day_of(channel.house.at)
    waits = {}
    for case, who in ((first, "书记丙"), (second, "书记戊")):
        card = await house.services.cases.card(house.posts[who], case, today)
        waits[case] = [step.id for step in card.progress.awaited]
    assert waits == {first: [], second: ["finding_ballot"]}

    # Each branch hears of its own case, and nothing of the other.
    async with channel.second.read() as session:
        sent = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "changed"))
        told = {(row.person_id, str(row.payload["case"])) for row in sent}
    posts = house.posts
    assert {(posts["书记丙"].person_id, first), (posts["书记戊"].person_id, second)} <= told
    assert (posts["书记丙"].person_id, second) not in told
    assert (posts["书记戊"].person_id, first) not in told

    # A further letter puts one of them right; the other finding stays as it was.
    await channel.adds(code, "吴迪那天不在，是我看错了。")
    await channel.next_batch()
    await organiser.presses_again(1, f"r:{report}")
    await organiser.presses("回复反映人")
    await organiser.presses("结论不变，只回复")
    await organiser.presses("失实")
    await organiser.says("谢谢您，两位都照常办理。")
    await organiser.presses("确认，答复")
    assert (await findings(channel, first), await findings(channel, second)) == (
        ["untrue"],
        ["untrue"],
    )
    assert (await channel.row()).finding == "untrue"


async def test_a_report_on_two_people_that_is_taken_back_frees_both(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    code = await channel.files(BOTH)
    first, second = await shared(channel, director)
    assert await held(channel) == {first, second}
    # One of them was named by mistake: that one goes on, the other is still held.
    await director.presses("还涉及别人")
    await director.presses("去掉：吴迪")
    assert await held(channel) == {first}
    await director.presses("还涉及别人")
    await director.presses("吴迪 · 第二支部")
    assert await held(channel) == {first, second}
    await channel.intake.withdraw(code, day_of(channel.house.at), channel.house.at)
    await channel.next_batch()
    assert await held(channel) == set()
    assert [link.finding for link in await channel.about()] == ["", ""]


async def test_who_has_a_part_in_one_of_the_cases_sees_nothing_of_the_other(
    channel: Channel, director: Somebody, secretary: Somebody, organiser: Somebody
) -> None:
    await channel.files(BOTH)
    first, second = await shared(channel, director)
    house, report = channel.house, (await channel.row()).id
    reports, posts = house.services.reports, house.posts
    assert posts["组织员己"].person_id in {
        one.person_id for one in await reports.organisers(posts["主任甲"], report)
    }
    # The organiser is a member of the second branch's people: no card, no list, no naming.
    await house.join(posts["委员乙"], Role.SECRETARY, "第二支部", "组织员己", 600)
    for act in (reports.card(posts["组织员己"], report), reports.outcomes(
        posts["组织员己"], report, day_of(house.at)
    )):  # fmt: skip
        with pytest.raises(NotAllowed):
            await act
    assert await reports.register_of(posts["组织员己"]) == ()
    assert await reports.organisers(posts["主任甲"], report) == ()
    with pytest.raises(NotAllowed):
        await reports.instruct(house.act(), posts["主任甲"], report, posts["组织员己"].person_id)
    # A finding for a case that the report isn't about is refused.
    await reports.link(house.act(), posts["主任甲"], report, [first], [first, second])
    await reports.instruct(house.act(), posts["主任甲"], report, posts["组织员己"].person_id)
    with pytest.raises(NotAllowed):
        await reports.decide(
            house.act(), posts["组织员己"], report, "untrue", ANSWER, {second: "untrue"}
        )
    assert await held(channel) == {first}
