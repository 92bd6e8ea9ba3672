"""What somebody means who writes where nothing was asked, or a search where a name was."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from domain.case.facts import DateKind, Deadline
from domain.rulebook.schema import Text
from handlers.meant_texts import Asked, asked, greets
from handlers.staff.cases import texts
from models import CaseFile
from services.core.database import Database
from services.core.i18n import use
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


async def entered(secretary: Somebody, *names: str) -> None:
    for name in names:
        await secretary.says("/new")
        await secretary.says(name)
        await secretary.presses("登记")


async def people(second: Database) -> list[str]:
    async with second.read() as session:
        return sorted(str(row.person) for row in await session.exec(select(CaseFile)))


@pytest.mark.parametrize("said", ["你好", "您好！", "在吗？", "Hello", " 早上好。"])
async def test_a_greeting_brings_the_menu_with_what_comes_first(
    secretary: Somebody, said: str
) -> None:
    assert "现在没有要您办的事" in await secretary.says(said)
    await entered(secretary, "王小明")
    shown = await secretary.says(said)
    assert shown.startswith("书记丙，您好。先办这一项：")
    assert "王小明 · 1 " in shown


def test_a_greeting_with_more_behind_it_is_none() -> None:
    assert not greets("你好王小明")
    assert not greets("王小明")
    assert greets("你好")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("王小明什么时候转正", Asked.FULL_MEMBERSHIP),
        ("王小明什么时候到期？", Asked.DUE),
        ("王小明哪天办", Asked.DUE),
        ("王小明下一步怎么办", Asked.NEXT),
        ("王小明", None),
    ],
)
def test_what_is_asked_of_somebody_is_read_from_a_few_patterns(
    said: str, what: Asked | None
) -> None:
    assert asked(said) is what


async def test_a_sentence_opens_the_case_of_whom_it_names_and_answers_first(
    house: House, secretary: Somebody, other_secretary: Somebody
) -> None:
    await entered(secretary, "王小明", "孙 立")
    said = await secretary.says("王小明什么时候转正？")
    assert said.startswith("<b>王小明还没有接收为预备党员")
    assert "<b>王小明</b> · 第一支部" in said
    assert (await secretary.says("孙立下一步办什么")).startswith("<b>孙立：下一步：1 ")
    said = await secretary.says("王小明和孙立什么时候到期")
    assert "要看哪一位？" in said
    assert {label.split(" · ")[0] for label in secretary.choices} >= {"王小明", "孙立"}
    assert await secretary.says("赵没有什么时候转正") == (
        "没有找到“赵没有什么时候转正”。\n请输入姓名再找。"
    )
    # Whoever may not see the case gets the answer that they get for nobody at all.
    assert await other_secretary.says("王小明什么时候转正") == (
        "没有找到“王小明什么时候转正”。\n请输入姓名再找。"
    )

    card = (await house.services.cases.search(house.posts["书记丙"], date(2026, 12, 1))).lines[0]
    shown = await house.services.cases.card(house.posts["书记丙"], card.case_id, date(2026, 12, 1))
    end = Deadline("15", "end", DateKind.ACTUAL, date(2027, 6, 1), "N31", Text("预备期满", "End"))
    probation = replace(shown, progress=replace(shown.progress, landmarks=(end,)))
    with use("zh"):
        first = texts.answered(probation, Asked.FULL_MEMBERSHIP, date(2026, 12, 1))[0]
    assert "，预备期满：2027年6月1日。下一步：1 " in first


async def test_a_search_while_the_name_is_asked_opens_and_enters_nobody(
    secretary: Somebody, other_secretary: Somebody, second: Database
) -> None:
    await entered(secretary, "王小明")
    await secretary.says("/new")
    assert "什么都没有存" in await secretary.says("你好")
    assert "要打开哪一份？" in await secretary.says("小明")
    assert secretary.choices[:2] == ["打开：王小明 · 第一支部", "都不是，登记小明"]
    await secretary.presses("打开：王小明 · 第一支部")
    said = await secretary.presses("打开")
    assert "没有登记新的" in said
    assert "<b>王小明</b> · 第一支部" in said
    assert await people(second) == ["王小明"]

    await secretary.says("/new")
    await secretary.says("王小明什么时候转正？")
    assert "打开：王小明 · 第一支部" in secretary.choices
    assert not [label for label in secretary.choices if label.startswith("都不是")]
    await secretary.says("/new")
    await secretary.says("小明")
    await secretary.presses("都不是，登记小明")
    await secretary.presses("登记")
    assert await people(second) == ["小明", "王小明"]

    # Another branch's people are nobody here: the name is simply a new one.
    await other_secretary.says("/new")
    assert "为小明登记一份入党申请？" in await other_secretary.says("小明")
