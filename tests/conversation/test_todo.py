"""What waits for somebody, more of it than one screen holds."""

from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened

__all__ = ["opened"]


async def open_cases(house: House, count: int) -> None:
    for number in range(count):
        await house.services.cases.open(
            house.act(),
            house.posts["书记丙"],
            f"申请人{chr(0x4E00 + number)}",
            house.places["第一支部"],
        )


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
    assert "7. " in await secretary.presses_again(message, data.replace("1", "7"))


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
