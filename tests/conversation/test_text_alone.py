"""With text alone: what is read out is answered by a letter or in words, from the application to
the archive."""

from functools import partial

import pytest

from domain.rulebook.schema import Role
from domain.states import Status
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from tests.conversation.conftest import House, make_house
from tests.conversation.counted import Tally
from tests.conversation.reader import Reader
from tests.conversation.test_whole_way import Walker, registered


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of("yakeshi")


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> House:
    return await make_house(database, procedure)


@pytest.fixture
async def walker(house: House) -> Walker:
    return await registered(house, Tally(), partial(Reader, house.line))


async def test_the_menu_is_written_in_the_middle_of_a_form_which_goes_on(walker: Walker) -> None:
    secretary = walker.people[Role.SECRETARY]
    assert isinstance(secretary, Reader)
    await secretary.says("昨天")
    assert "菜单。正在填的还开着" in await secretary.says("菜单")
    assert secretary.heard.split("\n")[2:] == [
        "回复字母选择：", "A 回到正在填的", "B 待办 · C 发展名册", "D 开始新的一件 · E 更多",
    ]  # fmt: skip
    said = await secretary.answers("A")
    assert "哪一天收到入党申请书　<b>2026年11月22日</b>" in said, "nothing was lost"
    await secretary.says("/menu")
    said = await secretary.says("1995-05-05\n汉族\n教师")
    assert "申请人的性别？" in said, "what is written answers the question below the menu too"
    await secretary.says("MENU")
    said = await secretary.answers("B")
    assert "存成草稿了" in said
    assert "张三 · 1 递交入党申请书 · 填了一半" in said
    await secretary.says("菜单")
    assert "回到正在填的" not in secretary.heard
    assert "还可以" in await secretary.presses("更多")


async def test_the_first_steps_by_letters_and_words(walker: Walker) -> None:
    """A short way, of those who enter and of those who sign."""
    taken: list[str] = []
    await walker.go(taken, until="4")
    assert taken[:2] == ["1", "2"]
    card = await walker.card()
    assert card.progress.next is not None


@pytest.mark.slow
async def test_the_whole_way_by_letters_and_words(walker: Walker) -> None:
    taken: list[str] = []
    await walker.go(taken)
    assert (await walker.card()).progress.status is Status.ARCHIVED
    assert {"8a", "14a", "15", "17a", "21a", "22c", "22d", "23", "24", "24b", "25"} <= set(taken)
