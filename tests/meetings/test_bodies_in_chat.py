"""Every body in its own chat: who is there is counted once, then one person after the other."""

from domain.case.facts import Value
from domain.states import Status
from tests.conftest import on_both
from tests.meetings.chat import convenes, counts, fills, told, votes
from tests.meetings.town import Town


async def entered(town: Town, case: str, step: str) -> list[dict[str, Value]]:
    return [dict(e.answers) for e in (await town.card(case)).entries if e.step.id == step]


async def test_the_masses_appraise_two_people_on_one_evening(town: Town) -> None:
    first, second = [await town.led(name, "14a") for name in ("陆小满", "何秋实")]
    await convenes(town.secretary, "民主测评会", "陆小满", "何秋实")
    assert {"看：陆小满", "看：何秋实"} <= set(town.secretary.choices)
    await counts(town.secretary, "应到50 实到48")
    assert {"看：陆小满", "看：何秋实"} <= set(town.secretary.choices)
    said = await votes(town.secretary, "陆小满", "赞成46 不赞成2", "进入党内表决")
    assert "46/50" in said
    assert "下一步：<b>15 支部大会讨论表决</b>" in said
    await town.secretary.presses("表决：何秋实")
    await town.secretary.says("赞成24 不赞成24")
    assert "进入党内表决" not in town.secretary.choices
    back = "支部大会延缓召开，继续作为积极分子培养"
    await fills(town.secretary, back, "同群众来往少。")
    (kept,) = await entered(town, first, "14a")
    (lost,) = await entered(town, second, "14a")
    assert (kept["due"], kept["present"], lost["due"], lost["present"]) == (50, 48, 50, 48)
    card = await town.card(second)
    assert (card.progress.stage, card.progress.status) == ("activist", Status.RUNNING)
    assert {item.step.id for item in card.progress.called} == {"14b"}


async def test_the_committee_decides_on_admissions_and_on_full_membership_in_one_meeting(
    town: Town,
) -> None:
    new = await town.led("陆小满", "17", days=505)
    full = await town.led("何秋实", "24", days=842)
    await convenes(town.committee, "党（工）委会议", "陆小满", "何秋实")
    await counts(town.committee, "有表决权9 实到8")
    said = await votes(town.committee, "陆小满", "同意8 不同意0", "批准为预备党员")
    assert "已保存：陆小满 · 17 党委审批" in said
    said = await votes(town.committee, "何秋实", "批准转为正式党员")
    assert "已保存：何秋实 · 24 党委审批转正" in said
    (approved,) = await entered(town, new, "17")
    assert (approved["entitled"], approved["present"], approved["yes"]) == (9, 8, 8)
    (full_member,) = await entered(town, full, "24")
    assert full_member["approved_on"] == approved["approved_on"] == town.today


async def test_the_third_ballot_takes_several_people_one_by_one(town: Town) -> None:
    names = ("陆小满", "何秋实", "孟远")
    cases = [await town.led(name, "17a") for name in names]
    await convenes(town.organiser, "组织员会议", *names)
    await counts(town.organiser, "全体5 实到5")
    said = await votes(town.organiser, names[0], "同意4 不同意1", "通过，批复党（工）委")
    assert "4/5" in said
    said = await votes(town.organiser, names[1], "同意3 不同意2", "暂缓发展", "再培养一段时间。")
    assert "票数不够" in said
    lost = "未通过，取消发展资格"
    await votes(town.organiser, names[2], "同意1 不同意4", lost, "群众基础不够。")
    await town.organiser.presses("看会议")
    assert "会议开完了" in town.organiser.screen.text
    found = [(await town.card(case)).progress for case in cases]
    assert [item.status for item in found] == [Status.RUNNING, Status.PUT_OFF, Status.ENDED]
    for case, yes in zip(cases, (4, 3, 1), strict=True):
        (entry,) = await entered(town, case, "17a")
        assert (entry["all"], entry["present"], entry["yes"]) == (5, 5, yes)
    await told(town.house)
    assert "群众基础不够。" in "".join(seen.text for seen in town.secretary.chat.values())


async def test_admission_and_full_membership_stand_on_one_agenda(town: Town) -> None:
    new, full = await town.led("陆小满", "15"), await town.led("何秋实", "23", days=792)
    await convenes(town.secretary, "支部大会", "陆小满", "何秋实")
    await counts(town.secretary, "有表决权20 应到20 实到18")
    said = await votes(town.secretary, "陆小满", "同意16 不同意2", "接收为预备党员")
    assert "16/20" in said
    said = await votes(town.secretary, "何秋实", "按期转正", "同意17 不同意1", "按期转正")
    assert "17/20" in said
    assert "17/18" in said
    (admitted,), (confirmed,) = [
        await entered(town, case, step) for case, step in ((new, "15"), (full, "23"))
    ]
    shared = ("entitled", "present", "held_on")
    assert [admitted[name] for name in shared] == [confirmed[name] for name in shared]


@on_both
async def test_when_people_leave_the_rest_is_for_another_day(town: Town) -> None:
    first, second = [await town.led(name, "15") for name in ("陆小满", "何秋实")]
    await convenes(town.secretary, "支部大会", "陆小满", "何秋实")
    await counts(town.secretary, "有表决权20 应到20 实到12")
    await votes(town.secretary, "陆小满", "同意12 不同意0", "接收为预备党员")
    await town.secretary.presses("看会议")
    await town.secretary.presses("重新清点人数")
    await town.secretary.changes("实到会多少人")
    await town.secretary.says("10")
    said = town.secretary.screen.text
    assert "到会人数不够，不能表决。" in said
    assert "确认，保存" not in town.secretary.choices
    await town.secretary.says("/meetings")
    await town.secretary.presses("接着开")
    said = await town.secretary.presses("结束会议，其余下次再议")
    assert "何秋实这次不表决" in said
    assert "会议结束" in await town.secretary.presses("确定结束")
    assert [e["present"] for e in await entered(town, first, "15")] == [12]
    assert await entered(town, second, "15") == []
    said = await town.secretary.says("/meetings")
    assert "没有开到一半的会" in said
    await convenes(town.secretary, "支部大会", "何秋实")
    await counts(town.secretary, "有表决权20 应到20 实到15")
    await votes(town.secretary, "何秋实", "同意15 不同意0", "接收为预备党员")
    assert [e["present"] for e in await entered(town, second, "15")] == [15]


async def test_a_count_that_was_begun_again_and_left_changes_nothing(town: Town) -> None:
    first, second = [await town.led(name, "15") for name in ("陆小满", "何秋实")]
    await convenes(town.secretary, "支部大会", "陆小满", "何秋实")
    await counts(town.secretary, "有表决权20 应到20 实到14")
    await votes(town.secretary, "陆小满", "同意14 不同意0", "接收为预备党员")
    await town.secretary.presses("看会议")
    await town.secretary.presses("重新清点人数")
    await town.secretary.changes("实到会多少人")
    await town.secretary.says("12")
    assert "取消" not in town.secretary.choices
    said = await town.secretary.presses("保存，稍后再填")
    assert "没有重新清点。原来清点的人数照旧算数，接着表决。" in said
    await votes(town.secretary, "何秋实", "同意14 不同意0", "接收为预备党员")
    assert [(await entered(town, case, "15"))[0]["present"] for case in (first, second)] == [14, 14]


async def test_somebody_leaves_and_the_quorum_still_holds(town: Town) -> None:
    first, second = [await town.led(name, "15") for name in ("陆小满", "何秋实")]
    await convenes(town.secretary, "支部大会", "陆小满", "何秋实")
    await counts(town.secretary, "有表决权20 应到20 实到14")
    await votes(town.secretary, "陆小满", "同意14 不同意0", "接收为预备党员")
    await town.secretary.presses("看会议")
    await town.secretary.presses("重新清点人数")
    await town.secretary.changes("实到会多少人")
    await town.secretary.says("12")
    await town.secretary.presses("确认，保存")
    said = await votes(town.secretary, "何秋实", "同意12 不同意0", "接收为预备党员")
    assert "12/20" in said
    assert [(await entered(town, case, "15"))[0]["present"] for case in (first, second)] == [14, 12]
