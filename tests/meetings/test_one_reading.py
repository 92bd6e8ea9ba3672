"""What follows from a candidate's case is worked out once and handed on here as well."""

from collections import Counter

from tests.conversation.test_one_reading import counted
from tests.meetings.chat import convenes, counts
from tests.meetings.town import Town

__all__ = ["counted"]


async def test_a_candidates_case_is_replayed_when_the_vote_begins_and_not_when_it_is_entered(
    town: Town, counted: Counter[str]
) -> None:
    await town.led("陆小满", "15")
    secretary = town.secretary
    await convenes(secretary, "支部大会", "陆小满")
    await secretary.says("有表决权20 应到20 实到18")
    await secretary.presses("全部点上")
    if "全部点上" in secretary.open_choices:
        await secretary.presses("全部点上")
    counted.clear()
    assert "陆小满 · 15" in await secretary.presses("保存"), (
        "the only candidate's form opens itself"
    )
    assert counted["replay"] == 1
    counted.clear()
    assert "大会作出的决议" in await secretary.says("赞成16 不赞成2")
    assert counted["replay"] == 0
    await secretary.presses("接收为预备党员")
    await secretary.presses("是")
    assert "核对后保存" in await secretary.presses("是")
    counted.clear()
    assert "已保存" in await secretary.presses("确认，保存")
    assert counted["read"] == 1
    assert counted["replay"] == 0


async def test_a_count_reads_its_agenda_once_and_no_case(town: Town, counted: Counter[str]) -> None:
    for name in ("陆小满", "何秋实"):
        await town.led(name, "15")
    secretary = town.secretary
    await convenes(secretary, "支部大会", "陆小满", "何秋实")
    await counts(secretary, "有表决权20 应到20 实到18")
    await secretary.presses("重新清点人数")
    counted.clear()
    await secretary.presses("确认，保存")
    assert "表决：陆小满" in secretary.choices
    assert counted == {"agenda": 1}
