"""Every outcome of the report, led in chat by the body that may decide it:

| outcome | body | step |
|---|---|---|
| back to activist | the masses, then the branch | 14a (test_bodies_in_chat) |
| put off | branch meeting | 15 (test_branch_meeting) |
| put off | committee, organisers | 17, 17a (test_bodies_in_chat) |
| struck out | branch meeting, organisers | 15, 17a (test_bodies_in_chat) |
| not admitted | committee | 17 |
| appraised again, or an extension discussed | the masses | 22c |
| on time | branch meeting, committee | 23, 24 (test_bodies_in_chat) |
| extended once by 6 to 12 months, cancelled | branch meeting, committee | 23, 24 |
"""

import pytest

from domain.case.dates import add_months
from domain.states import Status
from tests.meetings.chat import convenes, counts, fills, votes
from tests.meetings.town import Town

BRANCH_LOST = ("有表决权20 应到20 实到18", "同意6 不同意12")
COMMITTEE = "有表决权9 实到8"
MEETING = "支部大会，报上级党委审批"
DECIDED = {
    "15 struck out": (
        "15", 440, "支部大会", BRANCH_LOST[0],
        (BRANCH_LOST[1], "未通过，取消发展资格", "群众基础不够。"), Status.ENDED, "struck_out",
    ),
    "17 not admitted": (
        "17", 505, "党（工）委会议", COMMITTEE,
        ("同意2 不同意6", "不批准", "动机不端正。"), Status.ENDED, "not_admitted",
    ),
    "17 later": (
        "17", 505, "党（工）委会议", COMMITTEE,
        ("同意5 不同意3", "情况特殊，延后审批（不超过六个月）", "正在外地学习。"),
        Status.PUT_OFF, "",
    ),
    "22c again": (
        "22c", 780, "民主测评会", "48",
        ("赞成20 不赞成28", "未过半，整改后重新测评", "同群众来往少。"), Status.PUT_OFF, "",
    ),
    "22c extend": (
        "22c", 780, "民主测评会", "48",
        ("赞成20 不赞成28", "未过半，提交大会讨论延长预备期", "同群众来往少。"), Status.RUNNING, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", DECIDED)
async def test_what_a_body_decides_is_how_the_case_stands(town: Town, which: str) -> None:
    step, days, body, numbers, vote, status, outcome = DECIDED[which]
    case = await town.led("陆小满", step, days=days)
    who = town.committee if body == "党（工）委会议" else town.secretary
    await convenes(who, body, "陆小满")
    await counts(who, numbers)
    said = await votes(who, "陆小满", *vote)
    assert f"已保存：陆小满 · {step}" in said
    assert vote[1] in said
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (status, outcome)
    told = {item.step.id for item in card.progress.called}
    assert told == {"15": {"14b"}, "22c": {"23a"}}.get(step, set())


async def test_the_rule_that_a_result_breaks_is_named(town: Town) -> None:
    """The entry keeps only that it was broken."""
    await town.led("陆小满", "17", days=505)
    await convenes(town.committee, "党（工）委会议", "陆小满")
    await counts(town.committee, COMMITTEE)
    said = await votes(town.committee, "陆小满", "同意7 不同意1", "批准为预备党员", "否", "否")
    noted = said[said.index("照实登记，并注明：") :].splitlines()[1:4]
    assert "党（工）委票决的结果记入会议记录和入党志愿书" in noted.pop(0)
    assert noted[0].endswith("不符合规定：预备期起止日期写进入党志愿书。（《细则》第24条）")
    assert noted[1].endswith("期限是2026年11月13日，已经晚了。（《细则》第25条）")


async def resolved(town: Town, conclusion: str, *more: str) -> str:
    case = await town.led("陆小满", "23", days=792)
    await convenes(town.secretary, "支部大会", "陆小满")
    await counts(town.secretary, BRANCH_LOST[0])
    await votes(town.secretary, "陆小满", conclusion, "同意12 不同意6", conclusion, MEETING, *more)
    assert (await town.card(case)).progress.status is Status.RUNNING
    await convenes(town.committee, "党（工）委会议", "陆小满")
    await counts(town.committee, COMMITTEE)
    return case


async def test_cancelled_by_the_branch_meeting_and_the_committee(town: Town) -> None:
    case = await resolved(town, "取消预备党员资格", "不履行义务。")
    await town.committee.presses("表决：陆小满")
    assert "批准转为正式党员" not in town.committee.choices
    await fills(town.committee, "批准取消预备党员资格")
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.ENDED, "cancelled")


async def test_extended_once_and_the_end_moves(town: Town) -> None:
    case = await resolved(town, "延长预备期", "6", "还要看一段。")
    before = [d.on for d in (await town.card(case)).progress.landmarks]
    said = await votes(town.committee, "陆小满", "批准延长预备期", "6")
    assert "已保存：陆小满 · 24 党委审批转正" in said
    card = await town.card(case)
    after = [d.on for d in card.progress.landmarks]
    assert before
    assert after[0] == add_months(before[0], 6)
    assert {"24a", "23a"} <= {item.step.id for item in card.progress.called}
    assert "23" not in {entry.step for entry in card.progress.done}
