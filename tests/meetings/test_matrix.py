"""Plans, meetings, random checks and moves: every method asked by every role, at its own place and
at another. Who may is written out by hand; whoever may not changes nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import pytest
from sqlalchemy import select as sql_select
from sqlmodel import select

from domain.case.facts import Answers
from domain.meetings import DAY
from domain.rulebook.schema import Body, Role
from models import InspectedRow, InspectionRow, tables
from services.core.database import Database
from services.core.errors import NotAllowed
from services.people.views import Actor
from tests.conversation.people import Somebody
from tests.meetings.town import BRANCH, COMMITTEE, DEPARTMENT, ORGANISERS, OTHER, Town

SECRETARY, OTHERS, OFFICER, HELPER, DIRECTOR = "书记丙", "书记戊", "委员乙", "介绍丁", "主任甲"
CHECKER, ORGANISER, STRANGER = ORGANISERS[0], ORGANISERS[1], "委员丑"
EVERYBODY = (SECRETARY, OTHERS, OFFICER, STRANGER, CHECKER, ORGANISER, DIRECTOR, HELPER)
STAFF = {SECRETARY, OFFICER, CHECKER, ORGANISER, DIRECTOR}
DEPARTMENTS = {CHECKER, ORGANISER, DIRECTOR}
NUMBERS: Answers = {"yes": 16, "no": 2, "conclusion": "accept", "resolution": True,
                    "results_written": True}  # fmt: skip

MAY: Mapping[str, set[str]] = {
    "plans.propose": {SECRETARY},
    "plans.line": STAFF,
    "plans.check": {CHECKER, ORGANISER},
    "meetings.candidates": {SECRETARY},
    "meetings.convene": {SECRETARY},
    "meetings.meeting": {SECRETARY},
    "meetings.preview": {SECRETARY},
    "meetings.keep": {SECRETARY},
    "meetings.begin": {SECRETARY},
    "meetings.form": {SECRETARY},
    "meetings.preview_of": {SECRETARY},
    "meetings.keep_of": {SECRETARY},
    "meetings.decide": {SECRETARY},
    "meetings.cancel": {SECRETARY},
    "meetings.adjourn": {SECRETARY},
    "inspections.draw": DEPARTMENTS,
    "inspections.newest": DEPARTMENTS,
    "inspections.card": DEPARTMENTS,
    "inspections.drawn_again": DEPARTMENTS,
    "inspections.branch": DEPARTMENTS,
    "inspections.enter": DEPARTMENTS,
    "inspections.circulate": {DIRECTOR},
    "inspections.answer": {SECRETARY},
    "responsible.charges": {DIRECTOR},
    "responsible.organisers": {DIRECTOR},
    "responsible.give": {DIRECTOR},
    "steps.record moved": {SECRETARY},
    "steps.record received": {SECRETARY},
}
"""A check that wasn't circulated is read by the department alone."""
Call = Callable[[Actor], Awaitable[object]]


@dataclass
class Things:
    """What every call is about: a name, a meeting with one candidate, a drawn branch, a case."""

    town: Town
    case: str
    name: str
    meeting: str
    item: str
    check: str
    branch: str

    def calls(self) -> Mapping[str, Call]:
        town, house = self.town, self.town.house
        services, today, act = house.services, town.today, house.act
        plans, meetings, checks = services.plans, services.meetings, services.inspections
        answers: Answers = {DAY: today}
        moved: Answers = {"moved_on": today, "to": town.place(OTHER)}
        here, above = town.place(BRANCH), town.place(COMMITTEE)
        who = town.actor(ORGANISER).person_id
        return {
            "plans.propose": lambda a: plans.propose(act(), a, 2026, (self.case,)),
            "plans.line": lambda a: plans.line(a, self.name),
            "plans.check": lambda a: plans.check(act(), a, self.name),
            "meetings.candidates": lambda a: meetings.candidates(a, Body.BRANCH, here, today),
            "meetings.convene": lambda a: meetings.convene(act(), a, Body.BRANCH, here, ()),
            "meetings.meeting": lambda a: meetings.meeting(a, self.meeting),
            "meetings.preview": lambda a: meetings.preview(a, self.meeting, today, answers),
            "meetings.keep": lambda a: meetings.keep(act(), a, self.meeting, answers),
            "meetings.begin": lambda a: meetings.begin(act(), a, self.meeting, answers),
            "meetings.form": lambda a: meetings.form(a, self.item, today),
            "meetings.preview_of": lambda a: meetings.preview_of(a, self.item, {}, today),
            "meetings.keep_of": lambda a: meetings.keep_of(act(), a, self.item, NUMBERS),
            "meetings.decide": lambda a: meetings.decide(act(), a, self.item, NUMBERS),
            "meetings.cancel": lambda a: meetings.cancel(act(), a, self.meeting),
            "meetings.adjourn": lambda a: meetings.adjourn(act(), a, self.meeting),
            "inspections.draw": lambda a: checks.draw(act(), a, 1),
            "inspections.newest": lambda a: checks.newest(a),
            "inspections.card": lambda a: checks.card(a, self.check),
            "inspections.drawn_again": lambda a: checks.drawn_again(a, self.check),
            "inspections.branch": lambda a: checks.branch(a, self.branch, today),
            "inspections.enter": lambda a: checks.enter(act(), a, self.branch, ["vague"], ""),
            "inspections.circulate": lambda a: checks.circulate(act(), a, self.check),
            "inspections.answer": lambda a: checks.answer(act(), a, self.branch, "已经改正。"),
            "responsible.charges": lambda a: services.responsible.charges(a),
            "responsible.organisers": lambda a: services.responsible.organisers(a),
            "responsible.give": lambda a: services.responsible.give(act(), a, above, who),
            "steps.record moved": lambda a: services.steps.record(
                act(), a, self.case, "moved", moved
            ),
            "steps.record received": lambda a: services.steps.record(
                act(), a, self.case, "received", {"received_on": today}
            ),
        }


@pytest.fixture
async def things(town: Town, other_secretary: Somebody) -> Things:
    house, director = town.house, town.actor(DIRECTOR)
    house.places["第二党委"] = await house.services.people.add_organisation(
        house.act(), director, town.place(DEPARTMENT), "committee", "第二党委"
    )
    await house.join(director, Role.COMMITTEE, "第二党委", STRANGER, 950)
    planned = await town.led("陆小满", "7a", days=400)
    await house.services.plans.propose(house.act(), town.actor(SECRETARY), 2026, (planned,))
    view = await house.services.plans.view(director, 2026, town.today)
    case = await town.led("何秋实", "15")
    meeting = await town.convened(SECRETARY, Body.BRANCH, BRANCH, case)
    check = await house.services.inspections.draw(house.act(), director, 2)
    async with house.services.database.read() as session:
        statement = select(InspectedRow.id).where(
            InspectedRow.organisation_id == town.place(BRANCH)
        )
        branch = (await session.exec(statement)).one()
        assert (await session.exec(select(InspectionRow.id))).one() == check.inspection_id
    return Things(
        town, case, view.lines[0].item_id, meeting.meeting_id, meeting.lines[0].item_id,
        check.inspection_id, branch,
    )  # fmt: skip


async def every_row(database: Database) -> dict[str, list[str]]:
    """Of the staff side's own tables: the public side's stand in another database."""
    kinds = [getattr(tables, name) for name in tables.__all__]
    async with database.engine.connect() as connection:
        return {
            kind.__tablename__: sorted(
                map(repr, (await connection.execute(sql_select(kind.__table__))).all())
            )
            for kind in kinds
        }


async def test_whoever_may_not_is_refused_and_nothing_changes(
    things: Things, second: Database
) -> None:
    before, refused = await every_row(second), 0
    calls = things.calls()
    assert calls.keys() == MAY.keys()
    for name, call in calls.items():
        for who in EVERYBODY:
            if who in MAY[name]:
                continue
            with pytest.raises(NotAllowed):
                await call(things.town.actor(who))
            refused += 1
    assert refused > 150
    assert sum(map(len, before.values())) > 50
    assert await every_row(second) == before


READS = [name for name in MAY if name.rpartition(".")[2] in (
    "line", "candidates", "meeting", "preview", "preview_of", "newest", "card", "drawn_again",
    "branch", "charges", "organisers",
)]  # fmt: skip


async def test_whoever_may_read_does(things: Things) -> None:
    """So that the refusals above were about who asks."""
    calls, read = things.calls(), 0
    for name in READS:
        for who in MAY[name]:
            assert await calls[name](things.town.actor(who)) is not None, (name, who)
            read += 1
    assert read > 20
