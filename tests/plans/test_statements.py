"""How often the database is asked: once for a list of names, not once for each of them."""

from collections.abc import Sequence

from benchmarks.statements import statements_of
from domain.case.facts import Answers
from domain.meetings import DAY
from domain.rulebook.schema import Body
from tests.meetings.town import BRANCH, COMMITTEE, Town
from tests.plans.test_report_year import copied

MOST_FOR_A_VOTE = 18
"""Statements of one act that enters what the committee made of one name."""


async def acts(town: Town, cases: Sequence[str]) -> dict[str, int]:
    """Statements of each act with which names come to the committee's vote, and of that vote."""
    services, found = town.house.services, {}
    plans, meetings, secretary = services.plans, services.meetings, town.actor("书记丙")
    said = statements_of(services.database)
    await plans.propose(town.house.act(), secretary, 2026, tuple(cases))
    found["propose"] = len(said)
    await plans.view(secretary, 2026, town.today)
    found["view"] = len(said) - sum(found.values())
    view = await town.convened("委员乙", Body.COMMITTEE, COMMITTEE, *cases)
    found["convene"] = len(said) - sum(found.values())
    opening: Answers = {DAY: town.today, "assessed": True, "entitled": 9, "present": 8}
    actor = town.actor("委员乙")
    view = await meetings.begin(town.house.act(), actor, view.meeting_id, opening)
    found["begin"] = len(said) - sum(found.values())
    answers: Answers = {"yes": 8, "no": 0, "conclusion": "forward"}
    await meetings.decide(town.house.act(), actor, view.lines[0].item_id, answers)
    found["decide"] = len(said) - sum(found.values())
    return found


async def test_a_longer_list_asks_no_more(town: Town) -> None:
    original = await town.led("陆小满", "7a", days=400)
    # As at a start: what is made once isn't counted.
    await town.house.services.database.check_keys()
    await town.house.services.cases.search(town.actor("书记丙"), town.today)
    few = await acts(town, await copied(town, original, BRANCH, 3))
    many = await acts(town, await copied(town, original, BRANCH, 15))
    assert min(few.values()) > 0
    assert many == few
    assert few["decide"] <= MOST_FOR_A_VOTE
