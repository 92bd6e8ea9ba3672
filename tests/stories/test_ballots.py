"""(b)-(d), (f) Ballots: what the numbers allow, by which rule, and what follows."""

import pytest

from domain.states import Status
from tests.conftest import on_postgresql
from tests.stories.conftest import City
from tests.stories.walker import Walker

NOT_ENOUGH = "票数不够"


@pytest.mark.slow
async def test_a_lost_civic_ballot_leads_back_to_activist(city: City) -> None:
    case = await city.case("14a", 428)
    walker = Walker(city, case, "陆小满")
    said = await walker.take(
        "14a", due="20", present="20", yes="9", no="11", opinions="多同群众谈心。"
    )
    assert "已保存" in said
    card = await city.card(case)
    assert card.progress.stage == "activist"
    assert card.progress.status is Status.RUNNING
    assert card.progress.next is not None
    assert "15" not in {item.step.id for item in card.progress.open}
    entry = next(line for line in card.entries if line.step.id == "14a")
    assert (entry.answers["yes"], entry.answers["conclusion"]) == (9, "back")


@on_postgresql
async def test_one_half_passes_in_the_city_and_fails_nationally(city: City) -> None:
    case = await city.case("15", 424)
    walker = Walker(city, case, "陆小满")
    said = await walker.take(
        "15", entitled="20", due="20", present="20", yes="10", no="10", opinions="再培养一段。"
    )
    assert "已保存" in said
    secretary = await city.person("secretary")
    shown = "\n".join(message["text"] for message in await secretary.screen())
    assert "国家" in shown
    assert "本地" in shown
    assert "10/20" in shown
    assert "国家规定和本地规定结论不同，按更严的办。" in shown
    assert NOT_ENOUGH in shown
    card = await city.card(case)
    entry = next(line for line in card.entries if line.step.id == "15")
    assert entry.answers["conclusion"] == "put_off"
    assert "16" not in {item.step.id for item in card.progress.open}


@pytest.mark.slow
@pytest.mark.parametrize(("yes", "conclusion"), [("3", "put_off"), ("4", "passed")])
async def test_organisers_need_two_thirds_of_all(city: City, yes: str, conclusion: str) -> None:
    case = await city.case("17a", 440)
    walker = Walker(city, case, "陆小满")
    said = await walker.take(
        "17a", all="5", present="5", yes=yes, no=str(5 - int(yes)), reason="票数不够。"
    )
    assert "已保存" in said
    card = await city.card(case)
    entry = next(line for line in card.entries if line.step.id == "17a")
    assert entry.answers["conclusion"] == conclusion
    following = {item.step.id for item in card.progress.open}
    assert ("18" in following) is (conclusion == "passed")


@pytest.mark.slow
async def test_full_membership_fails_by_the_national_base_and_is_extended(city: City) -> None:
    case = await city.case("23", 792)
    walker = Walker(city, case, "陆小满")
    said = await walker.take(
        "23",
        entitled="20",
        present="11",
        yes="6",
        no="5",
        conclusion="未通过，另行表决",
        opinions="还要多参加组织生活。",
    )
    assert "已保存" in said
    secretary = await city.person("secretary")
    shown = "\n".join(message["text"] for message in await secretary.screen())
    assert "6/20" in shown
    assert "6/11" in shown
    assert (await city.card(case)).progress.status is Status.PUT_OFF
    await walker.take("23", matter="延长预备期", conclusion="延长预备期", extension_months="6")
    await walker.take("24", conclusion="批准延长预备期", extension_months="6")
    card = await city.card(case)
    assert card.progress.status is Status.RUNNING
    ends = [d for d in card.progress.deadlines if d.limit == "review_in_probation"]
    meeting = next(line for line in card.entries if line.step.id == "15").done_on
    assert ends[0].on.month == (meeting.month + 5) % 12 + 1
    assert (ends[0].on - meeting).days > 540
