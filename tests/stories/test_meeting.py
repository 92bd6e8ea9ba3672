"""A branch meeting over HTTP: two candidates, the bot's process ended in between."""

import pytest

from tests.stories.conftest import City
from tests.stories.meeting import agenda, counted, voted


@pytest.mark.slow
async def test_one_meeting_two_candidates_and_a_restart_between_them(city: City) -> None:
    first = await city.case("15", 424)
    second = await city.case("15", 424, name="何秋实")
    secretary = await city.person("secretary")
    await secretary.says("/more")
    await secretary.sees("还可以")
    await secretary.presses("开会")
    await secretary.sees("新开：支部大会")
    await secretary.presses("新开：支部大会")
    await agenda(secretary, "陆小满", "何秋实")
    said = await counted(secretary, "有表决权20 应到20 实到18")
    assert "到会人数够，可以表决。" in said

    said = await voted(secretary, "陆小满", "同意11 不同意7", "接收为预备党员")
    assert "11/20" in said
    assert "下一步：16 党委派人谈话" in said

    await city.restart()
    await secretary.says("/meetings")
    await secretary.sees("已表决1/2人")
    await secretary.presses("接着开")
    await secretary.sees("下一步：表决何秋实")
    said = await voted(secretary, "何秋实", "同意10 不同意8", "未通过，暂缓发展", "再多参加劳动。")
    assert "国家规定和本地规定结论不同，按更严的办。" in said

    for case, conclusion in ((first, "accept"), (second, "put_off")):
        card = await city.card(case)
        entry = next(line for line in card.entries if line.step.id == "15")
        assert entry.answers["conclusion"] == conclusion
        assert (entry.answers["entitled"], entry.answers["present"]) == (20, 18)
