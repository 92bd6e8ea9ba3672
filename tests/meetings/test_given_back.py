"""The committee gives a case back: only the approval is open again, both sides hear why and what
was put right. What a visit left open is seen before anybody votes."""

from datetime import date

import pytest

from domain.case.facts import Value
from domain.rulebook.schema import Role
from models import CaseFile
from services.core.database import Database
from tests.cases.conftest import signed_on_paper
from tests.meetings.chat import convenes, counts, fills, told, votes
from tests.meetings.town import Town

WHY, RIGHT = "志愿书缺一页。", "补了志愿书第三页。"
BACK = "材料不齐，退回支部补正后再报"


@pytest.mark.parametrize(
    ("step", "days", "numbers", "passed"),
    [
        ("17", 505, ("同意8 不同意0",), "批准为预备党员"),
        ("24", 842, (), "批准转为正式党员"),
    ],
)
async def test_given_back_put_right_and_approved(
    town: Town, second: Database, step: str, days: int, numbers: tuple[str, ...], passed: str
) -> None:
    case = await town.led("陆小满", step, days=days)
    done = {entry.step for entry in (await town.card(case)).progress.done}
    await convenes(town.committee, "党（工）委会议", "陆小满")
    await counts(town.committee, "有表决权9 实到8")
    await votes(town.committee, "陆小满", *numbers, BACK, WHY)
    await told(town.house)
    said = town.secretary.screen.text
    assert "轮到您了：<b>陆小满</b>" in said
    assert f"结论：{BACK}。" in said
    assert f"说明：{WHY}" in said
    assert "补正后再报党委" in said
    assert {entry.step for entry in (await town.card(case)).progress.done} - {step} == done

    assert "陆小满" not in await town.committee.says("待办")
    await town.committee.says("/meetings")
    said = await town.committee.presses("新开：党（工）委会议")
    assert "先要办完resubmit" not in said
    assert "补正后再报党委" in said

    assert "陆小满 · 补正后再报党委" in await town.secretary.says("待办")
    await town.secretary.presses_again(1, f"f:{case}:resubmit")
    assert "已保存：陆小满 · 补正后再报党委" in await fills(town.secretary, RIGHT)
    await told(town.house)
    assert f"说明：{RIGHT}" in town.committee.screen.text
    assert "陆小满" in await town.committee.says("待办")
    await convenes(town.committee, "党（工）委会议", "陆小满")
    await counts(town.committee, "有表决权9 实到9")
    said = await votes(town.committee, "陆小满", *numbers, passed)
    assert f"已保存：陆小满 · {step}" in said
    async with second.read() as session:
        row = await session.get_one(CaseFile, case)
        assert row.status == "running"


async def visited(town: Town, **found: Value) -> str:
    """A case before its branch meeting on full membership, with a visit that found something."""
    case = await town.led("贺兰", "21a", days=758)
    steps, secretary = town.house.services.steps, town.actor("书记丙")
    good: dict[str, Value] = {
        "visited_on": town.today, "ways": ("masses",), "heard": 5, "thinking": "fair",
        "thinking_note": "有波动", "work": "fair", "leads": False, "work_note": "一般",
        "masses": "fair", "masses_note": "一般", "example": "fair", "example_note": "一般",
    }  # fmt: skip
    done = await steps.record(town.house.act(), secretary, case, "21a", {**good, **found})
    for role in done.waits_for:
        who = "介绍丁" if role is Role.INTRODUCER else "书记丙"
        await steps.sign(town.house.act(), town.actor(who), done.entry_id)
    await signed_on_paper(town.house, case, town.today)
    return case


async def onward(town: Town, case: str) -> None:
    """As far as the meeting on full membership."""
    for step in ("22", "22a", "22b", "22c", "22d"):
        card = await town.card(case)
        item = next(i for i in card.progress.open if i.step.id == step)
        until = [b.until for b in item.blockers if b.until]
        town.house.pass_days(max((max(until) - town.today).days, 0) if until else 0)
        await town.enter(case, step)


async def test_help_that_goes_on_is_seen_before_the_meeting_and_holds_nothing(town: Town) -> None:
    member = (await town.house.services.people.members(
        town.actor("书记丙"), town.place("第一支部")
    ))[0]  # fmt: skip
    case = await visited(
        town, thinking="slipped", finding="slipped", measures=("help",), helper=member.person_id,
        help_until=date(2027, 9, 1),
    )  # fmt: skip
    await onward(town, case)
    await town.secretary.says("/meetings")
    said = await town.secretary.presses("新开：支部大会")
    assert "还没有结果，会上要说明：" in said
    assert "贺兰 · 21c 帮扶结果" in said
    await town.secretary.ticks("贺兰")
    await town.secretary.presses("定下1人上会")
    await counts(town.secretary, "有表决权20 应到20 实到18")
    said = await votes(town.secretary, "贺兰", "按期转正", "同意16 不同意2", "按期转正")
    assert "已保存：贺兰 · 23 支部大会讨论转正" in said


async def test_a_proposal_goes_on_the_agenda_before_the_meeting_concludes(town: Town) -> None:
    case = await visited(town, masses="bad", finding="breach", measures=("extension",))
    await onward(town, case)
    await town.secretary.says("/meetings")
    said = await town.secretary.presses("新开：支部大会")
    assert "贺兰 · 23 支部大会讨论转正：先要办完21e 把处理建议提交支部大会" in said
    await town.secretary.presses_again(1, f"f:{case}:21e")
    await fills(town.secretary)
    await convenes(town.secretary, "支部大会", "贺兰")
    await counts(town.secretary, "有表决权20 应到20 实到18")
    await votes(
        town.secretary, "贺兰", "延长预备期", "同意12 不同意6", "延长预备期",
        "支部大会，报上级党委审批", "6", "还要看一段。",
    )  # fmt: skip
    card = await town.card(case)
    assert card.progress.next is not None
    assert "24" in {item.step.id for item in card.progress.open}
