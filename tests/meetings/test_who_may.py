"""Who may convene, count, vote on somebody, and who may not."""

import pytest
from sqlmodel import select

from domain.case.facts import Answers
from domain.meetings import DAY
from domain.rulebook.schema import Body, Role
from models import AgendaRow, EntryRow, MeetingRow
from services.core.database import Database
from services.core.errors import AnswersRefused, NotAllowed, StepNotOpen
from services.meetings.views import MeetingView
from tests.conversation.people import Somebody
from tests.meetings.town import BRANCH, COMMITTEE, DEPARTMENT, ORGANISERS, OTHER, Town

ACTORS = {
    Body.MASSES: {"书记丙"},
    Body.BRANCH: {"书记丙"},
    Body.COMMITTEE: {"委员乙"},
    Body.ORGANISERS: set(ORGANISERS),
}
PLACES = {
    Body.MASSES: BRANCH,
    Body.BRANCH: BRANCH,
    Body.COMMITTEE: COMMITTEE,
    Body.ORGANISERS: DEPARTMENT,
}
OPENING: Answers = {"entitled": 20, "due": 20, "present": 18, "written": 0}
NUMBERS: Answers = {"yes": 16, "no": 2, "conclusion": "accept", "resolution": True,
                    "results_written": True}  # fmt: skip


def opening(town: Town, view: MeetingView, **changes: int) -> Answers:
    lists = {
        f.id: tuple(o.id for o in f.options)
        for f in view.opening.fields
        if f.options and not f.fewer
    }
    return {DAY: town.today, **lists, **OPENING, **changes}


async def begun(town: Town, *cases: str) -> MeetingView:
    meetings = town.house.services.meetings
    view = await town.convened("书记丙", Body.BRANCH, BRANCH, *cases)
    secretary = town.actor("书记丙")
    return await meetings.begin(town.house.act(), secretary, view.meeting_id, opening(town, view))


async def steps(second: Database) -> list[str]:
    async with second.read() as session:
        return list((await session.exec(select(EntryRow.step))).all())


@pytest.mark.parametrize("body", Body)
@pytest.mark.parametrize("place", [BRANCH, OTHER, COMMITTEE, DEPARTMENT])
async def test_every_body_is_convened_by_its_own_people_at_its_own_place(
    town: Town, other_secretary: Somebody, body: Body, place: str
) -> None:
    meetings, asked = town.house.services.meetings, 0
    for name, actor in town.house.posts.items():
        own = name in ACTORS[body] and place == PLACES[body]
        own |= name == "书记戊" and place == OTHER and body in (Body.MASSES, Body.BRANCH)
        asked += 1
        if own:
            assert await meetings.candidates(actor, body, town.place(place), town.today) == ()
            continue
        with pytest.raises(NotAllowed):
            await meetings.candidates(actor, body, town.place(place), town.today)
        with pytest.raises(NotAllowed):
            await meetings.convene(town.house.act(), actor, body, town.place(place), ())
    assert asked > 8


async def test_another_branch_neither_sees_nor_votes(
    town: Town, other_secretary: Somebody, second: Database
) -> None:
    case = await town.led("陆小满", "15")
    view = await begun(town, case)
    meetings, item = town.house.services.meetings, view.lines[0].item_id
    for name in ("书记戊", "委员乙", "介绍丁", "主任甲", ORGANISERS[0]):
        actor, act = town.actor(name), town.house.act()
        for refused in (
            meetings.meeting(actor, view.meeting_id),
            meetings.keep(act, actor, view.meeting_id, {}),
            meetings.begin(act, actor, view.meeting_id, opening(town, view)),
            meetings.cancel(act, actor, view.meeting_id),
            meetings.form(actor, item, town.today),
            meetings.preview_of(actor, item, {}, town.today),
            meetings.keep_of(act, actor, item, {}),
            meetings.decide(act, actor, item, NUMBERS),
        ):
            with pytest.raises(NotAllowed):
                await refused
        assert await meetings.mine(actor) == ()
    assert "15" not in await steps(second)


async def test_somebody_else_of_the_branch_goes_on_with_the_minutes(town: Town) -> None:
    await town.house.join(town.actor("委员乙"), Role.SECRETARY, BRANCH, "书记辛", 310)
    case = await town.led("陆小满", "15")
    view = await begun(town, case)
    meetings = town.house.services.meetings
    result = await meetings.decide(
        town.house.act(), town.actor("书记辛"), view.lines[0].item_id, NUMBERS
    )
    assert result.following is None


async def test_no_vote_before_the_quorum_was_counted_and_none_twice(
    town: Town, second: Database
) -> None:
    case = await town.led("陆小满", "15")
    meetings, secretary = town.house.services.meetings, town.actor("书记丙")
    view = await town.convened("书记丙", Body.BRANCH, BRANCH, case)
    item = view.lines[0].item_id
    for refused in (
        meetings.form(secretary, item, town.today),
        meetings.decide(town.house.act(), secretary, item, NUMBERS),
    ):
        with pytest.raises(StepNotOpen) as said:
            await refused
        assert [problem.code for problem in said.value.problems] == ["quorum_first"]
    with pytest.raises(AnswersRefused) as none:
        few = opening(town, view, present=10)
        await meetings.begin(town.house.act(), secretary, view.meeting_id, few)
    assert [problem.code for problem in none.value.problems] == ["too_few_present"]
    await meetings.begin(town.house.act(), secretary, view.meeting_id, opening(town, view))
    await meetings.decide(town.house.act(), secretary, item, NUMBERS)
    with pytest.raises(StepNotOpen):
        await meetings.decide(town.house.act(), secretary, item, NUMBERS)
    assert (await steps(second)).count("15") == 1


async def test_the_same_act_twice_is_one_vote_and_says_the_same(
    town: Town, second: Database
) -> None:
    case = await town.led("陆小满", "15")
    view = await begun(town, case)
    meetings, act = town.house.services.meetings, town.house.act()
    first, again = [
        await meetings.decide(act, town.actor("书记丙"), view.lines[0].item_id, NUMBERS)
        for _ in range(2)
    ]
    assert first.recorded is not None
    assert again.recorded is not None
    assert first.recorded.entry_id == again.recorded.entry_id
    assert (await steps(second)).count("15") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"yes": 17}, "totals_contradict"),
        ({"yes": 10, "no": 8}, "verdict_fails"),
        ({"issued": 18, "returned": 19}, "totals_contradict"),
        ({"valid": 17}, "totals_contradict"),
        ({"voter": "甲"}, "unknown_field"),
    ],
)
async def test_numbers_that_cannot_be_are_refused_and_nothing_is_stored(
    town: Town, second: Database, changes: dict[str, int], code: str
) -> None:
    case = await town.led("陆小满", "15")
    view = await begun(town, case)
    with pytest.raises(AnswersRefused) as said:
        await town.house.services.meetings.decide(
            town.house.act(), town.actor("书记丙"), view.lines[0].item_id, {**NUMBERS, **changes}
        )
    assert said.value.problems[0].code == code
    assert "15" not in await steps(second)
    async with second.read() as session:
        assert (await session.exec(select(AgendaRow.decided))).all() == [False]


async def test_who_is_not_at_the_step_is_refused_with_all_others(
    town: Town, second: Database
) -> None:
    ready = await town.led("陆小满", "15")
    early = await town.led("孟远", "14")
    with pytest.raises(StepNotOpen) as said:
        await town.convened("书记丙", Body.BRANCH, BRANCH, ready, early)
    problem = said.value.problems[0]
    assert (problem.code, (problem.values or {})["missing"]) == ("step_not_open", ("14",))
    async with second.read() as session:
        assert not (await session.exec(select(MeetingRow))).all()


async def test_a_held_case_is_kept_off_and_refused_when_the_hold_comes_in_between(
    town: Town, second: Database
) -> None:
    case = await town.led("陆小满", "15")
    view = await begun(town, case)
    director = town.actor("主任甲")
    reports = town.house.services.reports
    await reports.register(town.house.act(), director, "letter", "反映的内容。", case)
    with pytest.raises(StepNotOpen) as said:
        await town.house.services.meetings.decide(
            town.house.act(), town.actor("书记丙"), view.lines[0].item_id, NUMBERS
        )
    assert [problem.code for problem in said.value.problems] == ["hold_open"]
    found = await town.house.services.meetings.candidates(
        town.actor("书记丙"), Body.BRANCH, town.place(BRANCH), town.today
    )
    assert [item.why[0].kind for item in found] == ["hold"]
    assert "15" not in await steps(second)
