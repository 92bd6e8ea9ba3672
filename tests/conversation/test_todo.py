"""What waits for somebody, more of it than one screen holds."""

from sandbox.sample_answers import answers_for
from tests.cases.conftest import Said
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened

__all__ = ["opened"]


def name(number: int) -> str:
    return f"申请人{chr(0x4E00 + number)}"


async def open_cases(house: House, count: int, first: int = 0) -> list[str]:
    """Their ids."""
    secretary, branch = house.posts["书记丙"], house.places["第一支部"]
    return [
        (await house.services.cases.open(house.act(), secretary, name(number), branch)).case_id
        for number in range(first, first + count)
    ]


async def talks_due(house: House, count: int, first: int = 0) -> None:
    """Cases whose application was entered today: the talk has a month from then."""
    secretary, steps, today = house.posts["书记丙"], house.services.steps, house.at.date()
    for case in await open_cases(house, count, first):
        form = await steps.form(secretary, case, "1", today)
        answers = answers_for(form, today, Said(), {})
        await steps.record(house.act(), secretary, case, "1", answers)


async def test_the_second_page_goes_on_counting(house: House, secretary: Somebody) -> None:
    await open_cases(house, 8)
    said = await secretary.says("待办")
    assert "待办8项" in said
    assert "6. " in said
    assert "7. " not in said
    said = await secretary.presses("下一页 ›")
    assert "7. " in said
    assert "可以办了" in said
    assert "6. " not in said
    assert "1. " in (await secretary.presses("‹ 上一页")).splitlines()[3]


async def test_what_waits_for_nothing_else_stands_before_what_has_time(
    house: House, opened: Somebody
) -> None:
    await first_step(opened)
    await open_cases(house, 1)
    said = (await opened.says("待办")).split("\n\n")
    assert said[1:] == [
        "<b>可以办了</b>\n1. 申请人一 · 1 递交入党申请书",
        "<b>以后</b>\n2. 张三 · 2 派人谈话 · 12月22日，还有29天",
    ]


async def test_turning_and_looking_again_take_one_row(house: House, secretary: Somebody) -> None:
    """Every row of buttons pushes the most urgent line further up, out of a phone's sight."""
    await open_cases(house, 13)
    await secretary.says("待办")
    assert [button.text for button in secretary.screen.rows[-1]] == ["下一页 ›", "刷新"]
    assert len(secretary.screen.rows) == 4
    await secretary.presses("下一页 ›")
    assert [button.text for button in secretary.screen.rows[-1]] == ["‹ 上一页", "下一页 ›", "刷新"]


async def test_a_page_that_is_gone_meanwhile_shows_the_last_one(
    house: House, secretary: Somebody
) -> None:
    await open_cases(house, 7)
    await secretary.says("待办")
    message, data = secretary.button("下一页 ›")
    assert "7. " in await secretary.presses_again(message, data.replace("6", "12"))


async def test_what_is_new_is_found_behind_many_overdue(house: House, secretary: Somebody) -> None:
    """13 talks are overdue, two people have just applied, and one talk is due in a few days."""
    await talks_due(house, 13)
    house.pass_days(25)
    await talks_due(house, 1, first=13)
    house.pass_days(25)
    await open_cases(house, 2, first=14)
    said = await secretary.says("待办")
    assert said.splitlines()[0] == "待办16项 · 已逾期13项 · 7天内1项 · 可以办了2项"
    assert "7天内</b>" not in said
    jumps, turning = secretary.screen.rows[-2:]
    assert [button.text for button in jumps] == ["7天内1项", "可以办了2项"]
    assert [button.text for button in turning] == ["下一页 ›", "刷新"]

    said = await secretary.presses("可以办了2项")
    assert said.split("\n\n")[1:] == [
        f"<b>可以办了</b>\n15. {name(14)} · 1 递交入党申请书\n16. {name(15)} · 1 递交入党申请书"
    ]
    assert {f"15. {name(14)} · 填写", "已逾期13项", "7天内1项", "‹ 上一页"} <= set(
        secretary.choices
    )
    assert "下一页 ›" not in secretary.choices
    said = await secretary.presses("7天内1项")
    line = f"14. {name(13)} · 2 派人谈话 · 1月18日，还有6天"
    assert said.splitlines()[2:4] == ["<b>7天内</b>", line]
    assert "可以办了2项" not in secretary.choices, "they are in sight"

    numbers = []
    while "‹ 上一页" in secretary.choices:
        said = await secretary.presses("‹ 上一页")
        numbers.append(said.splitlines()[3].split(". ")[0])
    assert numbers == ["8", "2", "1"]


async def test_one_page_has_nothing_to_turn(house: House, secretary: Somebody) -> None:
    await open_cases(house, 2)
    await secretary.says("待办")
    assert not {"下一页 ›", "‹ 上一页"} & set(secretary.choices)
    assert "刷新" in secretary.choices


async def test_who_opens_no_cases_is_not_told_to_open_one(
    secretary: Somebody, introducer: Somebody
) -> None:
    assert "开始新的一件" in await secretary.says("待办")
    assert await introducer.says("待办") == "现在没有要您办的事。"
    await introducer.says("/start")
    assert introducer.screen.menu == ["待办", "发展名册", "更多"]
    await secretary.says("/start")
    assert "开始新的一件" in secretary.screen.menu
