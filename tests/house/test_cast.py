"""The invented city of `make run`: whatever can be tried is one press away."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from bot.app.database import open_database
from docs.rulebook import EXAMPLES
from domain.calendar.office_hours import ZONE, day_of
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import FieldType, Role, Rulebook, Step, StepKind
from messenger.core.settings import user_id
from models import EntryRow, Signature
from models.crypto import KeyRing
from sandbox.cast import Cast, Play, gather, play
from sandbox.people import FILE, people, read
from services.cases.record import Steps
from services.cases.views import CaseCard
from services.container import Services, build_services, procedure_of
from services.core.acts import Act
from tests.databases import fresh_database
from tests.operations.test_backup import rows_of

pytestmark = pytest.mark.one_thread


@pytest.fixture
async def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database of its own, with its tables and no key yet."""
    async with fresh_database(request, tmp_path) as url:
        yield url


@pytest.fixture
async def migrated_too(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    folder = tmp_path / "too"
    folder.mkdir()
    async with fresh_database(request, folder) as url:
        yield url


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load("yakeshi")


@pytest.fixture(scope="module")
def reached(book: Rulebook) -> list[Step]:
    """The steps at which a case of the cast waits."""
    cases = tomllib.loads(FILE.read_text("utf-8"))["cases"]
    return [book.step(item["at"]) for item in cases]


def test_a_case_waits_at_every_gate(book: Rulebook, reached: list[Step]) -> None:
    gates = {step.id for step in book.steps if step.gate}
    assert gates
    assert gates <= {step.id for step in reached}


def test_every_kind_of_conversation_can_be_tried_at_once(
    book: Rulebook, reached: list[Step]
) -> None:
    assert {step.kind for step in reached} == set(StepKind)
    offered = [*reached, *(step for step in book.steps if step.anytime)]
    fields = chain.from_iterable(step.fields for step in offered)
    assert {field.type for field in fields} == set(FieldType)


def test_everybody_who_acts_has_a_step_to_enter(reached: list[Step]) -> None:
    acting = {step.actors[0] for step in reached} | {role for s in reached for role in s.signed_by}
    assert {Role.SECRETARY, Role.COMMITTEE, Role.ORGANISER, Role.INTRODUCER} <= acting


def test_nobody_of_the_cast_is_named_twice() -> None:
    cases = tomllib.loads(FILE.read_text("utf-8"))["cases"]
    names = [item["name"] for item in cases]
    assert len(names) == len(set(names)) > 20


@pytest.mark.parametrize(
    "today",
    [
        pytest.param("2026-11-25", marks=pytest.mark.slow),
        pytest.param("2026-10-09", marks=pytest.mark.slow),
        pytest.param("2027-01-31", marks=pytest.mark.slow),
        "2028-02-29",
    ],
)
async def test_whoever_has_come_farthest_has_gone_through_every_step_in_time(
    migrated: str, today: str
) -> None:
    """On whatever day it is played: month ends, a leap day, the end of a week of holidays."""
    now = datetime.combine(date.fromisoformat(today), time(10), ZONE)
    database = await open_database(migrated, KeyRing.new())
    services = build_services(database, procedure_of(), tells=False)
    city = Cast(services, {name: user_id(place) for place, name in enumerate(people())}, now)
    await city.gather()
    last = next(item for item in city.data["cases"] if item["at"] == "25")
    case = await Play(city, last).lead()
    card = await services.cases.card(city.people["苏和"], case, day_of(now))
    assert card.progress.next is not None
    assert card.progress.next.step.id == "25"
    visit = next(entry for entry in card.entries if entry.step.id == "21a")
    assert set(visit.signed_by) == {"乌兰", "巴特尔", "李秀兰"}
    checked = await services.breaches.check(city.people["苏和"], case, day_of(now))
    assert checked.findings == ()
    await database.close()


@dataclass
class Watched(Play):
    """Looks after every step what a person would hear and see of the case."""

    seen: list[int] = field(default_factory=list)

    async def _take(self, card: CaseCard, step: Step, today: date) -> CaseCard:
        card = await super()._take(card, step, today)
        services, now = self.cast.services, self.cast.now
        waiting = await services.todo.items(self.cast.people["乌兰"], day_of(now))
        self.seen.append(len(waiting) + await services.reminders.look(now))
        return card


async def test_nobody_hears_of_a_case_before_it_stands_at_its_gate(migrated: str) -> None:
    now = datetime(2026, 11, 25, 10, tzinfo=ZONE)
    database = await open_database(migrated, KeyRing.new())
    services = build_services(database, procedure_of(), tells=False)
    city = Cast(services, {name: user_id(place) for place, name in enumerate(people())}, now)
    await city.gather()
    late = next(item for item in city.data["cases"] if item["at"] == "5")
    play = Watched(city, late)
    await play.lead()
    assert len(play.seen) > 2
    assert set(play.seen) == {0}
    waiting = await services.todo.items(city.people["乌兰"], day_of(now))
    assert [item.person for item in waiting] == [late["name"]]
    assert await services.reminders.look(now) > 0
    await database.close()


def test_whoever_helps_in_the_secretarys_branch_can_be_reached() -> None:
    """Else the first thing a new user hears is that somebody hasn't joined."""
    branches = tomllib.loads(FILE.read_text("utf-8"))["branches"]
    own = next(branch for branch in branches if branch.get("person") == "secretary")
    assert len(own["introducers"]) == 2
    assert all("person" in introducer for introducer in own["introducers"])


async def test_a_city_without_a_plan_or_a_visit_is_led_on_as_well(migrated: str) -> None:
    """Who would wait for the plan, or was found wanting by a visit, goes on under its rules."""
    now = datetime(2026, 11, 25, 10, tzinfo=ZONE)
    database = await open_database(migrated, KeyRing.new())
    services = build_services(database, procedure_of("linhe", folder=EXAMPLES), tells=False)
    city = Cast(services, {name: user_id(place) for place, name in enumerate(people())}, now)
    await city.gather()
    few = ("安达", "敖特根")
    city.data["cases"] = [item for item in city.data["cases"] if item["name"] in few]
    await city.play()
    today, secretary = day_of(now), city.people["乌兰"]
    reached = {}
    for line in (await services.cases.search(secretary, today)).lines:
        card = await services.cases.card(secretary, line.case_id, today)
        assert card.progress.next is not None
        reached[card.person] = card.progress.next.step.id
    assert reached == {"安达": "20", "敖特根": "22"}
    assert not (await services.plans.view(secretary, today.year, today)).by_name
    await database.close()


async def test_a_plan_a_random_check_and_a_measure_are_under_way(migrated: str) -> None:
    now = datetime(2026, 11, 25, 10, tzinfo=ZONE)
    database = await open_database(migrated, KeyRing.new())
    services = build_services(database, procedure_of(), tells=False)
    city = Cast(services, {name: user_id(place) for place, name in enumerate(people())}, now)
    await city.gather()
    under_way = ("安达", "敖特根")
    city.data["cases"] = [item for item in city.data["cases"] if item["name"] in under_way]
    await city.play()
    today, director = day_of(now), city.people["苏和"]
    plan = await services.plans.view(director, today.year, today)
    assert [(line.person, line.state) for line in plan.lines] == [("安达", "proposed")]
    check = await services.inspections.newest(director)
    assert check is not None
    assert len(check.branches) == 2
    waiting = await services.todo.items(city.people["乌兰"], today)
    assert ("敖特根", "21c") in {(item.person, item.step.id) for item in waiting if item.step}
    await database.close()


@asynccontextmanager
async def empty_house(url: str) -> AsyncIterator[Services]:
    database = await open_database(url, KeyRing.new())
    try:
        yield build_services(database, procedure_of())
    finally:
        await database.close()


@pytest.fixture
async def house(migrated: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    """Empty, with a cast of two cases: one proposed for the plan, one that was visited."""
    whole, few = read(FILE), ("安达", "敖特根")
    cases = [item for item in whole["cases"] if item["name"] in few]
    monkeypatch.setattr("sandbox.cast.read", lambda _: {**whole, "cases": cases})
    async with empty_house(migrated) as services:
        yield services


NOW = datetime(2026, 11, 25, 10, tzinfo=ZONE)


Entered = tuple[list[tuple[int, str, date]], int]


@pytest.fixture(scope="module")
def unbroken() -> list[Entered]:
    """What is entered where nothing is broken off, once somebody has played it."""
    return []


async def entered(services: Services) -> Entered:
    """What was entered and when, and how often somebody signed."""
    async with services.database.read() as session:
        rows = (await session.exec(select(EntryRow))).all()
        signed = (await session.exec(select(Signature))).all()
    return sorted((row.number, row.step, row.done_on) for row in rows), len(signed)


async def test_a_later_run_leaves_the_city_as_it_is(
    house: Services, migrated: str, unbroken: list[Entered]
) -> None:
    await gather(house, NOW)
    await play(house, NOW)
    unbroken[:] = [await entered(house)]
    before = await rows_of(migrated, SQLModel.metadata)
    for later in (timedelta(hours=1), timedelta(days=30)):
        await gather(house, NOW + later)
        await play(house, NOW + later)
    assert await rows_of(migrated, SQLModel.metadata) == before
    assert len(before["entry"]) > 20
    assert (len(before["inspection"]), len(before["plan_item"])) == (1, 2)


@pytest.mark.parametrize(
    ("act", "times"),
    [
        pytest.param("attach", 2, marks=pytest.mark.slow),
        pytest.param("record", 1, marks=pytest.mark.slow),
        ("record", 9),
        pytest.param("sign", 1, marks=pytest.mark.slow),
    ],
)
async def test_what_one_run_began_the_next_one_ends(
    house: Services,
    monkeypatch: pytest.MonkeyPatch,
    migrated_too: str,
    unbroken: list[Entered],
    act: str,
    times: int,
) -> None:
    done, original = count(1), getattr(Steps, act)

    async def broken_off(self: Steps, *given: Any) -> Any:
        if next(done) == times:
            raise ZeroDivisionError
        return await original(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Steps, act, broken_off)
        with pytest.raises(ZeroDivisionError):
            await play(house, NOW)
    await play(house, NOW + timedelta(hours=1))
    # Before the other house brings its own keys: rows read with those would be altered ones.
    ended = await entered(house)
    if not unbroken:
        async with empty_house(migrated_too) as other:
            await play(other, NOW)
            unbroken.append(await entered(other))
    assert [ended] == unbroken


async def test_a_house_that_somebody_founded_gets_no_invented_people(
    house: Services, migrated: str
) -> None:
    await house.people.found(Act("init:found", NOW), "某市委组织部", "某人")
    await gather(house, NOW)
    await play(house, NOW)
    rows = await rows_of(migrated, SQLModel.metadata)
    assert len(rows["organisation"]) == len(rows["person"]) == 1
