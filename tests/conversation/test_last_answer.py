"""The last answer saves with the same press, where all else stands there to be read."""

from datetime import date

from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import ballot, opened

__all__ = ["opened"]


async def test_the_last_answer_saves_once_everything_else_is_on_its_screen(
    house: House, opened: Somebody, second: Database
) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    assert not [label for label in opened.choices if "保存" in label and "稍后" not in label]
    said = await opened.presses("本人")
    assert "手写？" in said
    assert "· 年龄　<b>25</b>" in said, "the record is read whole before it is saved"
    assert "上面都对，按“是 · 保存”就存好了。" in said
    late = opened.button("是 · 保存")
    said = await opened.presses("是 · 保存")
    assert "已保存：张三 · 1 递交入党申请书" in said
    assert "接着填：2 派人谈话" in opened.choices
    services, secretary = house.services, house.posts["书记丙"]
    page = await services.cases.search(secretary, date(2026, 11, 23))
    card = await services.cases.card(secretary, page.lines[0].case_id, date(2026, 11, 23))
    assert len(card.entries) == 1
    assert card.entries[0].answers["handwritten"] is True
    await opened.presses_again(*late)
    card = await services.cases.card(secretary, card.case_id, date(2026, 11, 23))
    assert len(card.entries) == 1, "a double tap enters nothing twice"


async def test_an_answer_that_is_written_is_looked_over_first(opened: Somebody) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("本人")
    await opened.says("是")
    assert "核对后保存" in await opened.presses("跳过")


async def test_what_ends_a_case_is_looked_over_before_it_is_saved(opened: Somebody) -> None:
    await ballot(opened)
    await opened.says("有表决权20 应到20 实到20 赞成10 不赞成10")
    await opened.presses("对，就这些")
    assert "未通过" in opened.choices
    assert "未通过 · 保存" not in opened.choices
    assert "核对后保存" in await opened.presses("未通过")


async def test_what_simply_goes_on_is_saved_with_its_verdict_read(opened: Somebody) -> None:
    await ballot(opened)
    await opened.says("有表决权50，应到50 实到48 赞成46 不赞成2")
    said = await opened.presses("对，就这些")
    assert said.count("核对结果：票数够。") == 1
    assert "全部点上" not in opened.choices
    assert "已保存" in await opened.presses("通过 · 保存")
