"""Every public method of every service, asked by those who may not (Q8).

Nothing here is picked by hand: the methods are read off the services, each is called with things
of a branch that the asker has no business in, and must refuse or give nothing of it, and store
nothing. A method with a parameter this file doesn't know fails it.
"""

import inspect
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from sqlmodel import SQLModel, select

from bot.app.settings import Settings
from domain.rulebook.schema import Body, Role
from domain.states import EndReason
from models import Attachment, BreachRow, EntryRow, PostRow, ReportRow
from sandbox.cast import Play
from services.attachments.formats import JPEG, CleanFile
from services.container import Services
from services.core.acts import Act
from services.core.errors import PostEnded, Refusal
from services.people.views import Actor, Post
from tests.operations.conftest import BRANCH, MONDAY, PERSON, TODAY, TOLD, Lived, live_in, opened_in
from tests.operations.test_backup import rows_of

pytestmark = pytest.mark.one_thread

HARMLESS = {
    "outgoing.take_off": "a message leaves one's own chat",
    "steps.drop_draft": "of one's own drafts",
    "preferences.set_wishes": "when one wants to be told oneself",
    "people.worked": "whether one has done anything oneself",
    "glances.guide": "the page of one's own roles, which says nothing of a case",
}
"""Methods that refuse nobody known, because what they touch is the asker's own."""

DRAFTS = ("steps.keep_draft", "meetings.keep", "meetings.keep_of")
"""Kept with the end of an update, and shown to nobody but whoever wrote them and their
successors."""


def kinds_of_services() -> dict[str, type]:
    """The class of each service, by the name it has in Services."""
    hints = get_type_hints(Services)
    kinds = {field.name: hints[field.name] for field in fields(Services)}
    made = inspect.getmembers(Services, lambda member: isinstance(member, property))
    return kinds | {name: get_type_hints(member.fget)["return"] for name, member in made}


def methods() -> Iterator[tuple[str, str]]:
    """(service, method) of everything that an actor does."""
    for service, kind in kinds_of_services().items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            asked = inspect.iscoroutinefunction(method) and not name.startswith("_")
            mine = f"{service}.{name}" in HARMLESS
            handed = inspect.signature(method).parameters
            # Half of another act, inside its transaction, is reached by that act alone.
            if asked and not mine and "actor" in handed and not {"work", "session"} & handed.keys():
                yield service, name


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[Lived]:
    async with opened_in(settings) as database:
        yield await live_in(database)


async def things(house: Lived) -> Mapping[str, Any]:
    """What each parameter is given: always something of the branch that isn't theirs."""
    async with house.services.database.read() as session:
        entry = (await session.exec(select(EntryRow).limit(1))).one()
        file = (await session.exec(select(Attachment).limit(1))).one()
        report = (await session.exec(select(ReportRow).limit(1))).one()
        held = select(PostRow).where(PostRow.person_id == house.cast.people["乌兰"].person_id)
        post = (await session.exec(held.limit(1))).one()
    case, breach = house.case, await _breach(house)
    return {
        "act": Act("stranger:1", MONDAY),
        "adding": Act("stranger:2", MONDAY),
        "opening": Act("stranger:3", MONDAY),
        "acts": lambda name: Act(f"stranger:{name}", MONDAY),
        "line": "0470-0000000 张三",
        "roster": PERSON,
        "class_id": "none",
        "treatment_id": "none",
        "result": "x",
        "committee_id": house.cast.places["林场镇党委"],
        "places": 1,
        "total": 1,
        "parts": {},
        "members": {},
        "poster": False,
        "number": 0,
        "page": 0,
        "paper": ("15", 0),
        "due": 20,
        "bot": "yinlu_staff_bot",
        "today": TODAY,
        "at": MONDAY,
        "now": MONDAY,
        "case_id": case,
        "seen": (),
        "cases": (),
        "by_case": {},
        "step_id": entry.step,
        "entry_id": entry.id,
        "attachment_id": file.id,
        "report_id": report.id,
        "organiser_id": house.cast.people["高远"].person_id,
        "person_id": house.cast.people["乌兰"].person_id,
        "organisation_id": house.cast.places[BRANCH],
        "parent_id": house.cast.places["林场镇党委"],
        "post_id": post.id,
        "invitation_id": post.invitation_id,
        "day": TODAY,
        "role": Role.SECRETARY,
        "level": "branch",
        "name": PERSON,
        "text": "",
        "channel": "letter",
        "answers": {},
        "payload": {"items": await _due(house)},
        "reason": EndReason.OTHER,
        "answer": "x",
        "finding_id": "untrue",
        "file": CleanFile(b"x", JPEG),
        "days": 1,
        "breach_id": breach.id,
        "situation_id": "1",
        "item_id": "none",
        "inspection_id": "none",
        "arrival_id": "none",
        "peer_id": "none",
        "to": "none",
        "duty_id": "none",
        "dates": "",
        "send": None,
        "told": None,
        "content": b"x",
        "proof_id": file.id,
        "meeting_id": "none",
        "per_committee": 1,
        "defects": (),
        "year": TODAY.year,
        "sent": f"姓名,党支部,申请\n{PERSON},{BRANCH},2026-01-05".encode(),
        "sheet_id": "none",
        "own": (Act("stranger:4", MONDAY),),
        "named": ((house.cast.places[BRANCH], "周某"),),
        "added": ((house.cast.places[BRANCH], Act("stranger:5", MONDAY)),),
        "case_ids": (case,),
        "body": Body.BRANCH,
    }


async def _breach(house: Lived) -> BreachRow:
    row = BreachRow(
        case_id=house.case, step="2", number=0, code="missed", rule="talk_in_time", source="N7",
        day=TODAY, body="secretary", found_on=TODAY,
    )  # fmt: skip
    async with house.services.database.write() as session:
        session.add(row)
    return row


async def _due(house: Lived) -> list[list[str]]:
    """Dates of a case whose talk is due."""
    item = {"name": PERSON, "branch": BRANCH, "at": "2", "days": 12}
    case = await Play(house.cast, item).lead()
    card = await house.services.cases.card(house.cast.people["乌兰"], case, TODAY)
    return [[case, item.step, item.limit] for item in card.progress.deadlines]


def strangers(house: Lived) -> Iterator[Actor]:
    """Nobody; every role at another place; every role at the right place but the wrong level."""
    elsewhere = {
        Role.SECRETARY: ("河湾村党支部", "branch"),
        Role.INTRODUCER: (BRANCH, "branch"),
        Role.CONTACT: (BRANCH, "branch"),
        Role.COMMITTEE: ("城区街道党工委", "committee"),
        Role.ORGANISER: ("河湾村党支部", "branch"),
        Role.DIRECTOR: ("河湾村党支部", "branch"),
    }
    person = house.cast.people["赵峰"].person_id
    yield Actor(person, "赵峰", "zh", ())
    for role, (name, level) in elsewhere.items():
        place = house.cast.places[name]
        yield Actor(person, "赵峰", "zh", (Post(role, place, name, level),))


async def hold(house: Lived, actors: Iterable[Actor]) -> None:
    """Store the posts: an act asks again whether those are held that somebody was read with."""
    async with house.services.database.write() as session:
        for actor in actors:
            for post in actor.posts:
                given = {"role": post.role.value, "organisation_id": post.organisation_id}
                session.add(PostRow(person_id=actor.person_id, since=MONDAY, **given))


async def end_posts(house: Lived, actor: Actor) -> None:
    async with house.services.database.write() as session:
        statement = select(PostRow).where(PostRow.person_id == actor.person_id)
        for post in await session.exec(statement):
            post.until = MONDAY - timedelta(days=1)
            session.add(post)


def needed_by(method: Any) -> list[str]:
    return [
        parameter.name
        for parameter in inspect.signature(method).parameters.values()
        if parameter.name != "actor" and parameter.default is inspect.Parameter.empty
    ]


async def test_whoever_may_not_is_refused_by_every_method_and_learns_nothing(
    house: Lived, settings: Settings
) -> None:
    given = await things(house)
    await hold(house, strangers(house))
    before = await rows_of(settings.staff_database, SQLModel.metadata)
    tried = refused = 0
    for service, name in methods():
        method = getattr(getattr(house.services, service), name)
        needed = needed_by(method)
        for actor in strangers(house):
            tried += 1
            called = f"{service}.{name} by {[post.role for post in actor.posts]}"
            try:
                result = await method(actor=actor, **{name: given[name] for name in needed})
            except Refusal:
                refused += 1
                continue
            assert _tells_nothing(house, result), called
            assert "act" not in needed, called
    assert tried > 150
    assert refused > 120
    assert await rows_of(settings.staff_database, SQLModel.metadata) == before


def _tells_nothing(house: Lived, result: object) -> bool:
    shown = repr(result)
    return not any(word in shown for word in (PERSON, TOLD, house.case))


async def test_those_who_may_are_not_refused(house: Lived) -> None:
    """The same calls by the secretary and the director: so the refusals above were about them."""
    given, services = await things(house), house.services
    secretary, director = house.cast.people["乌兰"], house.cast.people["苏和"]
    assert (await services.cases.card(secretary, house.case, TODAY)).person == PERSON
    assert (await services.steps.attachment(secretary, given["attachment_id"])).content
    assert await services.reports.register_of(director)
    assert await services.reminders.lines(secretary, given["payload"], TODAY)
    assert await services.people.members(secretary, house.cast.places[BRANCH])


async def test_a_post_that_ended_carries_nothing(house: Lived) -> None:
    officer = house.cast.people["陈静"]
    await end_posts(house, officer)
    left = await house.services.people.actor(officer.person_id)
    assert left.posts == ()
    with pytest.raises(Refusal):
        await house.services.cases.card(left, house.case, TODAY)


@pytest.mark.parametrize("name", ["乌兰", "陈静", "高远", "苏和"])
async def test_a_post_that_ends_between_the_look_and_the_act_does_nothing_more(
    house: Lived, settings: Settings, name: str
) -> None:
    """Who acts was read with the update; the post is ended before the transaction of the act."""
    actor = house.cast.people[name]
    assert actor.posts
    given = await things(house)
    await end_posts(house, actor)
    before = await rows_of(settings.staff_database, SQLModel.metadata)
    refused = 0
    for service, called in methods():
        method, needed = getattr(getattr(house.services, service), called), []
        if f"{service}.{called}" not in DRAFTS:
            needed = needed_by(method)
        if "act" in needed:
            # Another refusal comes first where this person may not, or there is no such thing.
            with pytest.raises(Refusal) as said:
                await method(actor=actor, **{part: given[part] for part in needed})
            refused += isinstance(said.value, PostEnded)
    assert refused >= 30, refused
    assert await rows_of(settings.staff_database, SQLModel.metadata) == before


def test_the_methods_that_refuse_nobody_are_still_there() -> None:
    kinds = kinds_of_services()
    for name in HARMLESS:
        service, _, method = name.partition(".")
        assert "actor" in inspect.signature(getattr(kinds[service], method)).parameters
