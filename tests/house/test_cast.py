"""The invented city of `make run`: whatever can be tried is one press away."""

import tomllib
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path

import pytest

from bot.cast import FILE, Cast, Play
from bot.database import open_database, sqlite_url
from bot.run import people
from domain.hours import ZONE, day_of
from domain.loader import load
from domain.schema import FieldType, Role, Rulebook, Step, StepKind
from messenger.settings import user_id
from models.crypto import KeyRing
from services.house import build_services, procedure_of


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


@pytest.mark.parametrize("today", ["2026-11-25", "2026-10-09", "2027-01-31", "2028-02-29"])
async def test_whoever_has_come_farthest_has_gone_through_every_step_in_time(
    tmp_path: Path, today: str
) -> None:
    """On whatever day it is played: month ends, a leap day, the end of a week of holidays."""
    now = datetime.combine(date.fromisoformat(today), time(10), ZONE)
    database = await open_database(sqlite_url(tmp_path / "cast.sqlite3"), KeyRing.new())
    services = build_services(database, procedure_of(), tells=False)
    city = Cast(services, {name: user_id(place) for place, name in enumerate(people())}, now)
    await city.gather()
    last = next(item for item in city.data["cases"] if item["at"] == "25")
    case = await Play(city, last).lead()
    card = await services.cases.card(city.people["苏和"], case, day_of(now))
    assert card.progress.next is not None
    assert card.progress.next.step.id == "25"
    visit = next(entry for entry in card.entries if entry.step.id == "21a")
    assert set(visit.signed_by) == {"乌兰", "巴特尔"}
    checked = await services.breaches.check(city.people["苏和"], case, day_of(now))
    assert checked.findings == ()
    await database.close()
