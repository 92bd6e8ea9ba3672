"""The same, as it is pressed and read on both sides."""

from datetime import timedelta

import pytest

from domain.calendar.office_hours import next_open
from domain.states import Status
from services.peers.peers import Peers
from tests.cases.conftest import Lead, house, lead, procedure
from tests.conversation.conftest import committee, database_url, introducer, secretary
from tests.conversation.people import Somebody
from tests.meetings.chat import fills, told
from tests.peers.test_moves import BODY, Both, both, says

__all__ = [
    "both", "committee", "database_url", "house", "introducer", "lead", "procedure", "secretary",
]  # fmt: skip
TO_CITY = "转往其他城市"


async def other_matters(person: Somebody, case: str) -> str:
    await person.presses_again(1, f"c:{case}:s")
    return await person.presses("其他事项")


async def sends(both: Both, secretary: Somebody) -> None:
    both.north.house.restart()
    await other_matters(secretary, both.lead.case)
    assert "转往哪个城市" in await secretary.presses(TO_CITY)
    assert "哪个党组织" in await secretary.presses("南城")
    said = await secretary.says("南城一支部")
    assert "把张三转往南城，南城一支部？" in said
    assert "不发：别人的姓名" in said
    assert "已发出，还没有送达" in await secretary.presses("发出")


async def read(secretary: Somebody, case: str) -> str:
    return await secretary.presses_again(1, f"c:{case}:s")


async def test_an_activist_goes_and_is_taken_in(both: Both, secretary: Somebody) -> None:
    north, south, lead = both.north, both.south, both.lead
    await lead.to("6")
    await both.same_time()
    await sends(both, secretary)
    assert "已发往南城（南城一支部），还没有送达" in await read(secretary, lead.case)
    await north.posts()
    assert "已送达南城（南城一支部），等对方答复" in await read(secretary, lead.case)

    # One dispatcher serves both houses here: each begins anew before it is spoken to.
    south.house.restart()
    director, taker = south.house.somebody(100), south.house.somebody(300)
    await told(south.house)
    assert "张三从其他城市转来，请定一个支部" in "".join(s.text for s in director.chat.values())
    assert "张三 · 从北城转来" in await director.says("待办")
    said = await director.presses("看一看")
    assert "原党组织：第一支部" in said
    assert "身份：入党积极分子" in said
    assert "请哪个支部接收张三" in await director.presses("定一个支部")
    assert "已请第一支部答复" in await director.presses("第一支部")

    await told(south.house)
    assert "请本支部答复接不接收" in "".join(s.text for s in taker.chat.values())
    branch = south.house.places["第一支部"]
    # Before 张三 in the order of names.
    await south.house.services.cases.open(
        south.house.act(), south.house.posts["书记丙"], "丁一", branch
    )
    assert "1. 张三 · 从北城转来\n2. 丁一" in await taker.says("待办")
    await taker.presses("1. 张三 · 看一看")
    await taker.presses("接收，登记转入")
    assert "已保存：张三" in await fills(taker)
    assert await south.waiting("书记丙") == ()
    await south.posts()
    north.house.restart()
    assert "南城已接收：第一支部" in await read(secretary, lead.case)
    await told(north.house)
    text = "".join(seen.text for seen in secretary.chat.values())
    assert "张三已由南城接收（第一支部）" in text


async def test_somebody_is_given_back(both: Both, secretary: Somebody) -> None:
    north, south, lead = both.north, both.south, both.lead
    await lead.to("6")
    await both.same_time()
    await sends(both, secretary)
    await north.posts()
    south.house.restart()
    director = south.house.somebody(100)
    await director.says("待办")
    await director.presses("看一看")
    assert "为什么不接收张三" in await director.presses("不接收，退回")
    assert "已退回" in await director.says("本人不在本市。")
    assert "从北城转来" not in await director.says("待办")
    await south.posts()
    north.house.restart()
    await told(north.house)
    text = "".join(seen.text for seen in secretary.chat.values())
    assert "南城没有接收张三，这一份恢复办理" in text
    assert "说明：本人不在本市。" in text
    card = await read(secretary, lead.case)
    assert "已发往" not in card
    assert "已终止" not in card


async def test_a_city_that_was_removed_meanwhile_is_sent_nothing(
    both: Both, secretary: Somebody
) -> None:
    north, lead = both.north, both.lead
    await lead.to("6")
    await both.same_time()
    north.house.restart()
    await other_matters(secretary, lead.case)
    await secretary.presses(TO_CITY)
    await secretary.presses("南城")
    await secretary.says("南城一支部")
    await Peers(north.house.services.database).remove("南城", north.house.at)
    said = await secretary.presses("发出")
    assert "和南城已经停止往来，什么都没有发，这一份照常办理" in said
    card = await lead.card()
    assert (card.gone, card.progress.status is Status.ENDED) == (None, False)


@pytest.mark.parametrize("stage", ["16", "18", "24b"])
async def test_who_goes_on_paper_alone_is_said_before_anything_is_asked(
    both: Both, secretary: Somebody, stage: str
) -> None:
    """After the branch meeting, before the filing, as a full member."""
    await both.lead.to(stage)
    both.north.house.restart()
    await other_matters(secretary, both.lead.case)
    said = await secretary.presses(TO_CITY)
    assert "这一份不能从网上转：支部大会以后还没有批准、备案，延长过预备期，或者已经转正" in said
    assert (await both.lead.card()).progress.status is not Status.ENDED


async def test_an_old_button_of_who_has_gone_asks_nothing(both: Both, secretary: Somebody) -> None:
    await both.lead.to("6")
    await both.same_time()
    await sends(both, secretary)
    said = await secretary.presses_again(1, f"ly:{both.lead.case}")
    assert "哪个城市" not in said
    assert "已发往南城" in said


async def test_who_is_overtaken_reads_how_it_stands(both: Both, secretary: Somebody) -> None:
    """Another director was quicker, then another secretary."""
    north, south, lead = both.north, both.south, both.lead
    await lead.to("2")
    await both.same_time()
    await sends(both, secretary)
    await north.posts()
    south.house.restart()
    director, taker = south.house.somebody(100), south.house.somebody(300)
    await director.says("待办")
    await director.presses("看一看")
    await director.presses("定一个支部")
    arrival = await both.comes()
    said = await director.presses("第二支部")
    assert "已请第一支部答复" in said
    assert "定一个支部" not in director.choices

    await taker.says("待办")
    await taker.presses("1. 张三 · 看一看")
    house = south.house
    await house.services.arrivals.accept(house.act(), house.posts["书记丙"], arrival.arrival_id)
    said = await taker.presses("接收，登记转入")
    assert "第一支部已接收" in said
    assert "先不要接收" not in said
    assert "接收，登记转入" not in taker.choices


async def test_who_gives_back_who_was_given_back_is_told(both: Both, secretary: Somebody) -> None:
    north, south = both.north, both.south
    await both.lead.to("2")
    await both.same_time()
    await sends(both, secretary)
    await north.posts()
    house = south.house
    house.restart()
    director = house.somebody(100)
    await director.says("待办")
    await director.presses("看一看")
    await director.presses("不接收，退回")
    [arrival] = await south.waiting("主任甲")
    await house.services.arrivals.refuse(
        house.act(), house.posts["主任甲"], arrival.arrival_id, "不在本市。"
    )
    assert "已经退回，不用再答复" in await director.says("本人不在本市。")


async def test_as_what_our_rules_do_not_know_is_said_and_asked(both: Both) -> None:
    await both.same_time()
    assert await says(both, "move", {**BODY, "standing": "somebody"}) == 1
    await both.comes()
    both.south.house.restart()
    taker = both.south.house.somebody(300)
    await taker.says("待办")
    said = await taker.presses("看一看")
    assert "身份：本市的规则里没有，请按纸质材料核对" in said
    said = await taker.presses("接收，登记转入")
    assert "没有找到" not in said
    assert "已接收" not in said


async def test_where_no_city_is_known_nothing_is_offered(
    house: object, lead: Lead, secretary: Somebody
) -> None:
    await lead.to("6")
    await other_matters(secretary, lead.case)
    assert TO_CITY not in secretary.choices


@pytest.mark.parametrize("who", ["introducer", "committee"])
async def test_who_may_not_is_told_that_there_is_nothing(
    both: Both, who: str, introducer: Somebody, committee: Somebody
) -> None:
    await both.lead.to("21")
    both.north.house.restart()
    person = introducer if who == "introducer" else committee
    assert "没有找到，或者不归您管" in await person.presses_again(1, f"ly:{both.lead.case}")


async def test_who_does_not_answer_is_asked_again_once_a_week(
    both: Both, secretary: Somebody
) -> None:
    north, house = both.north, both.south.house
    await both.lead.to("6")
    await both.same_time()
    await sends(both, secretary)
    await north.posts()
    house.restart()
    director, taker, arrivals = house.somebody(100), house.somebody(300), house.services.arrivals
    await told(house)
    first = asked_of(director, "张三从其他城市转来，请定一个支部")

    async def a_week_later(somebody: Somebody, said: str) -> int:
        house.at += timedelta(days=6)
        assert await arrivals.remind(house.at) == 0
        house.at = next_open(house.at + timedelta(days=1), house.services.steps.procedure.calendar)
        assert await arrivals.remind(house.at) == 1
        assert await arrivals.remind(house.at) == 0
        await told(house)
        return asked_of(somebody, said)

    # Sent anew, and not edited: an edit makes no sound.
    assert await a_week_later(director, "张三从其他城市转来，请定一个支部") > first
    await director.presses("看一看")
    await director.presses("定一个支部")
    assert "已请第一支部答复" in await director.presses("第一支部")
    await told(house)
    first = asked_of(taker, "请本支部答复接不接收")
    assert await a_week_later(taker, "请本支部答复接不接收") > first
    await taker.says("待办")
    await taker.presses("1. 张三 · 看一看")
    await taker.presses("接收，登记转入")
    assert "已保存：张三" in await fills(taker)
    house.at += timedelta(days=7)
    assert await arrivals.remind(house.at) == 0


def asked_of(somebody: Somebody, said: str) -> int:
    """The one message that asks it, by its number."""
    [number] = [number for number, seen in somebody.chat.items() if said in seen.text]
    return number
