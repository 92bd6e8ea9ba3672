"""Every button of a case, pressed by people who may not: the same answer as if there were none."""

from datetime import date

import pytest

from services.container import build_services
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened

__all__ = ["opened"]

BUTTONS = (
    "c:{case}:s",
    "k:{case}:2",
    "f:{case}:2",
    "e:{case}",
    "v:{case}:",
    "x:{entry}",
    "s:{entry}",
)


@pytest.mark.parametrize("button", BUTTONS)
async def test_another_branch_finds_nothing(
    house: House,
    opened: Somebody,
    other_secretary: Somebody,
    introducer: Somebody,
    second: Database,
    button: str,
) -> None:
    await first_step(opened)
    actor, today = house.posts["书记丙"], date(2026, 11, 23)
    case = (await house.services.cases.search(actor, today)).lines[0].case_id
    card = await house.services.cases.card(actor, case, today)
    data = button.format(case=case, entry=card.entries[0].entry_id)
    for person in (other_secretary, introducer):
        said = await person.presses_again(1, data)
        assert "没有找到，或者不归您管" in said
        assert "张三" not in said
    other = build_services(second, house.services.procedure)
    assert await other.cases.card(actor, case, today) == card


async def test_a_stranger_presses_in_vain(
    house: House, opened: Somebody, stranger: Somebody
) -> None:
    message, data = opened.button("开始填写")
    await stranger.presses_again(message, data)
    assert "要一条邀请" in house.line.telegram.answers[-1]
    assert not stranger.chat


async def test_the_committee_sees_the_case_but_does_not_fill_the_step(
    house: House, opened: Somebody, committee: Somebody
) -> None:
    await committee.says("/cases")
    said = await committee.presses("张三 · 递交入党申请书")
    assert "下一步" in said
    assert "开始填写" not in committee.choices
    case = committee.button("这一步怎么办")[1].split(":")[1]
    assert "没有找到，或者不归您管" in await committee.presses_again(1, f"f:{case}:1")


async def test_only_a_secretary_opens_a_case(committee: Somebody, introducer: Somebody) -> None:
    for person in (committee, introducer):
        assert "由支部书记办" in await person.says("开始新的一件")
