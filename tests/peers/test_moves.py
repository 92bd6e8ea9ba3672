"""Somebody goes from one city to another, is taken in there or given back, over real HTTP."""

from asyncio import gather
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.pipeline.peers import PeerDoor, PeerPoster
from domain.rulebook.schema import Role
from domain.states import Status
from models import ArrivalRow, CaseFile, DepartureRow, OutgoingRow, PeerMessage
from models.peers import Relation
from services.cases.views import CaseCard
from services.city_moves.views import Arrival
from services.core.errors import NotAllowed
from services.peers.peers import Peer, Peers
from services.peers.sending import send
from services.people.views import Actor
from tests.cases.conftest import Lead, house, lead, procedure
from tests.conftest import on_both, opened
from tests.conversation.conftest import (
    House,
    committee,
    database_url,
    introducer,
    make_house,
    secretary,
)
from tests.databases import fresh_database

__all__ = [
    "committee", "database_url", "house", "introducer", "lead", "procedure", "secretary",
]  # fmt: skip
MINUTE = timedelta(minutes=1)


@dataclass(repr=False)
class Town:
    """A city with its house and its door. `peers`: by name."""

    name: str
    house: House
    peers: dict[str, Peer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.door = PeerDoor(self.house.services.from_peers, self.house.now)
        self.poster = PeerPoster(self.house.services.to_peers, self.house.now)

    async def knows(self, other: "Town") -> None:
        keys = await Peers(other.house.services.database).keys(other.house.at)
        card = keys.card(other.name, f"http://127.0.0.1:{other.door.port}")
        peers = Peers(self.house.services.database)
        self.peers[other.name] = await peers.add(card, Relation.BESIDE, self.house.at)

    async def posts(self) -> int:
        arrived = 0
        while now := await self.poster.round():
            arrived += now
        return arrived

    def actor(self, name: str) -> Actor:
        return self.house.posts[name]

    async def waiting(self, name: str) -> tuple[Arrival, ...]:
        return await self.house.services.arrivals.waiting(self.actor(name))

    async def card(self, name: str, case: str) -> CaseCard:
        today = self.house.at.date()
        return await self.house.services.cases.card(self.actor(name), case, today)

    async def told(self, kind: str) -> list[str]:
        """Who is told, by name."""
        names = {actor.person_id: name for name, actor in self.house.posts.items()}
        async with self.house.services.database.read() as session:
            rows = await session.exec(select(OutgoingRow).where(OutgoingRow.kind == kind))
            return sorted(names[row.person_id] for row in rows)


@dataclass(repr=False)
class Both:
    north: Town
    south: Town
    lead: Lead

    async def leaves(self, to: str = "南城一支部") -> None:
        services, house = self.north.house.services, self.north.house
        peer = self.north.peers["南城"].id
        await services.departures.leave(
            house.act(), house.posts["书记丙"], self.lead.case, peer, to
        )

    async def goes_at(self, step: str) -> None:
        """Somebody at this step leaves, and is posted."""
        await self.lead.to(step)
        await self.same_time()
        await self.leaves()
        await self.north.posts()

    async def begins(self, arrival: Arrival) -> None:
        """The branch of the south takes its first step with them."""
        card = await self.south.card("书记丙", arrival.case_id)
        assert card.progress.next is not None
        house = self.south.house
        lead = Lead(house, case=arrival.case_id, actors={Role.SECRETARY: house.posts["书记丙"]})
        await lead.take(card.progress.next.step)

    async def same_time(self) -> None:
        self.south.house.at = self.north.house.at

    async def comes(self) -> Arrival:
        """To the first branch of the south."""
        house = self.south.house
        [arrival] = await self.south.waiting("主任甲")
        await house.services.arrivals.place(
            house.act(), house.posts["主任甲"], arrival.arrival_id, house.places["第一支部"]
        )
        [arrival] = await self.south.waiting("书记丙")
        return arrival


@asynccontextmanager
async def south_of(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[House]:
    folder.mkdir()
    async with fresh_database(request, folder, threads=False) as url:
        database = opened(url)
        made = await make_house(database, request.getfixturevalue("procedure"))
        await made.join(made.posts["主任甲"], Role.COMMITTEE, "第一党委", "委员乙", 200)
        await made.join(made.posts["委员乙"], Role.SECRETARY, "第一支部", "书记丙", 300)
        await made.join(made.posts["委员乙"], Role.SECRETARY, "第二支部", "书记戊", 500)
        for name in ("党员甲一", "党员甲二"):
            await made.services.people.add_member(
                made.act(), made.posts["书记丙"], made.places["第一支部"], name
            )
        yield made
        await database.close()


@pytest.fixture
async def both(request: pytest.FixtureRequest, lead: Lead, tmp_path: Path) -> AsyncIterator[Both]:
    async with south_of(request, tmp_path / "south") as other:
        north, south = Town("北城", lead.house), Town("南城", other)
        async with north.door.open(0), south.door.open(0):
            await north.knows(south)
            await south.knows(north)
            yield Both(north, south, lead)


async def takes_in(both: Both, arrival: Arrival) -> None:
    """By the form for whoever comes from outside, as far as it is filled in already."""
    house = both.south.house
    actor, today = house.posts["书记丙"], house.at.date()
    steps = house.services.steps
    form = await steps.form(actor, arrival.case_id, arrival.step, today)
    [member, *_] = await house.services.people.members(actor, house.places["第一支部"])
    asked = {
        "received_on": today,
        "papers": ("letter", "records", "dates"),
        "contacts": (member.person_id,),
        "helpers": (member.person_id,),
    }
    known = {field.id for field in form.step.fields}
    answers = {**form.answers, **{k: v for k, v in asked.items() if k in known}}
    standing = answers["standing"]
    answers.pop("helpers" if standing != "probation" else "contacts", None)
    if standing == "activist":
        answers.pop("contacts", None)
    await steps.record(house.act(), actor, arrival.case_id, arrival.step, answers)


@pytest.mark.parametrize("stage", ["6", "12", "21"])
async def test_who_goes_is_taken_in_and_the_time_counts_on(both: Both, stage: str) -> None:
    north, south, lead = both.north, both.south, both.lead
    await lead.to(stage)
    before = await lead.card()
    days = {entry.step: entry.done_on for entry in before.progress.done}
    await both.same_time()
    await both.leaves()
    card = await lead.card()
    assert (card.progress.status, card.progress.outcome) == (Status.ENDED, "moved_away")
    assert card.gone is not None
    assert (card.gone.peer, card.gone.to, card.gone.arrived) == ("南城", "南城一支部", None)
    assert await south.waiting("主任甲") == ()
    assert await north.posts() == 1
    gone = (await lead.card()).gone
    assert gone is not None
    assert gone.arrived == north.house.at
    assert await south.told("city_arrival") == ["主任甲"]

    arrival = await both.comes()
    assert (arrival.person, arrival.peer, arrival.left) == ("张三", "北城", "第一支部")
    assert set(await south.told("city_arrival")) == {"主任甲", "书记丙"}
    assert await south.waiting("书记戊") == ()
    await takes_in(both, arrival)
    here = await south.card("书记丙", arrival.case_id)
    there = {entry.step: entry.done_on for entry in here.progress.done}
    if stage == "6":
        assert there["3"] == days["3"]
        assert here.progress.next is not None
    if stage == "12":
        # Determined anew here, after the education that counts.
        assert there["4"] == days["3"]
        assert "7" not in there
    if stage == "21":
        assert there["15"] == days["15"]
        ends = {one.limit: one.on for one in before.progress.landmarks}
        assert {one.limit: one.on for one in here.progress.landmarks} == ends
        assert [one.day for one in arrival.landmarks] == [*ends.values()]
        assert "put_off_move" in {step.id for step in here.anytime}
    assert await south.waiting("书记丙") == ()

    assert await south.posts() == 1
    gone = (await lead.card()).gone
    assert gone is not None
    assert (gone.answered, gone.answer) == (north.house.at, "第一支部")
    assert await north.told("city_answered") == ["书记丙"]
    assert (await lead.card()).progress.status is Status.ENDED


async def test_an_applicant_is_taken_in_without_anything_that_counts(both: Both) -> None:
    await both.goes_at("2")
    arrival = await both.comes()
    assert arrival.standing is None
    house = both.south.house
    case = await house.services.arrivals.accept(
        house.act(), house.posts["书记丙"], arrival.arrival_id
    )
    card = await both.south.card("书记丙", case)
    assert [entry.step for entry in card.progress.done] == ["1"]
    assert await both.south.posts() == 1
    gone = (await both.lead.card()).gone
    assert gone is not None
    assert gone.answered is not None


@on_both
@pytest.mark.parametrize("by", ["书记丙", "主任甲"])
async def test_who_is_not_taken_in_is_here_again_as_if_they_had_never_gone(
    both: Both, by: str
) -> None:
    north, south, lead = both.north, both.south, both.lead
    await lead.to("12")
    before = await lead.card()
    await both.same_time()
    await both.leaves()
    await north.posts()
    [arrival] = await south.waiting("主任甲")
    if by == "书记丙":
        arrival = await both.comes()
    house = south.house
    said = await house.services.arrivals.refuse(
        house.act(), house.posts[by], arrival.arrival_id, "本人不在本市工作。"
    )
    assert said
    async with house.services.database.read() as session:
        assert (await session.exec(select(CaseFile))).all() == []
        [row] = await session.exec(select(ArrivalRow))
        assert row.content_sealed == b""
    with pytest.raises(NotAllowed):
        await house.services.arrivals.one(house.posts[by], arrival.arrival_id)
    assert await south.waiting("主任甲") == ()
    assert await south.posts() == 1
    after = await lead.card()
    assert after.gone is None
    assert after.progress == before.progress
    assert after.helpers == before.helpers
    assert await north.told("city_answered") == ["书记丙"]
    for town in (north, south):
        assert await town.house.services.database.broken_chains() == ()
    # And may go again.
    await both.leaves("南城二支部")
    assert await north.posts() == 1
    [again] = await south.waiting("主任甲")
    assert again.to == "南城二支部"


async def test_what_leaves_names_nobody_else_and_tells_of_no_report(both: Both) -> None:
    lead, house = both.lead, both.north.house
    await lead.to("21")
    registered = await house.services.reports.register(
        house.act(), house.posts["主任甲"], "letter", "来信说他打人", lead.case
    )
    assert registered
    await both.same_time()
    await both.leaves()
    await both.north.posts()
    async with both.south.house.services.database.read() as session:
        [row] = await session.exec(select(ArrivalRow))
        said = str({name: value for name, value in row.content.items() if name != "applied"})
        asked = set(row.content["applied"])
    assert "张三" in said
    people = set(house.posts) | {"党员甲一", "党员甲二"}
    ids = {actor.person_id for actor in house.posts.values()}
    assert not [name for name in (*people, *ids) if name in said]
    assert {"born_on", "sex", "education"} <= asked
    assert not [name for name in asked if "photo" in name or "proof" in name]
    for word in ("来信", "打人", "反映", "report", "finding", "情况属实，表现良好"):
        assert word not in said, word
    async with house.services.database.read() as session:
        [message] = await session.exec(select(PeerMessage))
        assert message.body_sealed == b""


async def test_a_branch_that_has_begun_gives_nobody_back(both: Both) -> None:
    await both.goes_at("2")
    arrival = await both.comes()
    house = both.south.house
    actor, steps = house.posts["书记丙"], house.services.steps
    await both.begins(arrival)
    refused = await house.services.arrivals.refuse(
        house.act(), actor, arrival.arrival_id, "不在本市。"
    )
    assert not refused
    assert await both.south.posts() == 0
    assert steps.tells


@on_both
async def test_two_who_act_at_the_same_moment_give_one_answer(both: Both) -> None:
    """Two directors name two branches; then the branch takes somebody in and gives them back."""
    south = both.south
    await both.goes_at("2")
    house = south.house
    director, arrivals = house.posts["主任甲"], house.services.arrivals
    [arrival] = await south.waiting("主任甲")
    who = arrival.arrival_id
    placed = [
        arrivals.place(house.act(), director, who, house.places[name])
        for name in ("第一支部", "第二支部")
    ]
    said = await gather(*placed, return_exceptions=True)
    assert sorted(map(type, said), key=str) == [type(None), NotAllowed]
    async with house.services.database.read() as session:
        [case] = await session.exec(select(CaseFile))
    names = {house.places["第一支部"]: "书记丙", house.places["第二支部"]: "书记戊"}
    actor = house.posts[names[case.organisation_id]]
    answered = [
        arrivals.accept(house.act(), actor, who),
        arrivals.refuse(house.act(), actor, who, "不在本市。"),
    ]
    outcome = await gather(*answered, return_exceptions=True)
    assert [type(one) for one in outcome].count(NotAllowed) == 1
    assert await south.posts() == 1
    taken = outcome[0] == case.id
    assert ((await both.lead.card()).progress.status is Status.ENDED) == taken
    assert await house.services.database.broken_chains() == ()


async def test_what_was_half_written_stays_where_nobody_is_given_back(both: Both) -> None:
    await both.goes_at("6")
    arrival = await both.comes()
    house = both.south.house
    actor, services = house.posts["书记丙"], house.services
    today = house.at.date()
    filled = (await services.steps.form(actor, arrival.case_id, arrival.step, today)).answers
    assert filled["standing"] == "activist"
    await both.begins(arrival)
    refused = await services.arrivals.refuse(house.act(), actor, arrival.arrival_id, "不在本市。")
    assert not refused
    form = await services.steps.form(actor, arrival.case_id, arrival.step, house.at.date())
    assert form.answers == filled


async def test_who_ends_the_case_of_somebody_who_came_has_taken_them_in(both: Both) -> None:
    """They have withdrawn before the branch answered: nobody waits for ever."""
    north, south = both.north, both.south
    await both.goes_at("6")
    arrival = await both.comes()
    house = south.house
    answers = {"happened_on": house.at.date(), "conclusion": "withdrawn"}
    await house.services.steps.record(
        house.act(), house.posts["书记丙"], arrival.case_id, "ends", answers
    )
    assert await south.waiting("书记丙") == ()
    assert (await house.services.arrivals.one(house.posts["主任甲"], arrival.arrival_id)).taken
    assert await south.posts() == 1
    gone = (await both.lead.card()).gone
    assert gone is not None
    assert (gone.answered, gone.answer) == (north.house.at, "第一支部")


@pytest.mark.parametrize("taken", [True, False])
async def test_a_branch_answers_also_while_the_other_city_is_no_peer(
    both: Both, taken: bool
) -> None:
    """Removed until its new card is there; the answer waits for that."""
    north, south = both.north, both.south
    await both.goes_at("2")
    arrival = await both.comes()
    house = south.house
    actor, arrivals = house.posts["书记丙"], house.services.arrivals
    await Peers(house.services.database).remove("北城", house.at)
    if taken:
        await arrivals.accept(house.act(), actor, arrival.arrival_id)
    else:
        assert await arrivals.refuse(house.act(), actor, arrival.arrival_id, "不在本市。")
    assert await south.waiting("书记丙") == ()
    assert await south.posts() == 0
    assert (await both.lead.card()).progress.status is Status.ENDED
    await south.knows(north)
    assert await south.posts() == 1
    card = await both.lead.card()
    assert (card.progress.status is Status.ENDED) == taken


async def test_who_may_not(both: Both) -> None:
    north, south, lead = both.north, both.south, both.lead
    await lead.to("6")
    await both.same_time()
    services = north.house.services
    for name in ("委员乙", "主任甲", "介绍丁"):
        with pytest.raises(NotAllowed):
            await services.departures.leave(
                north.house.act(), north.actor(name), lead.case, north.peers["南城"].id, "南城"
            )
    await both.leaves()
    with pytest.raises(NotAllowed):
        await services.arrivals.one(north.actor("主任甲"), "nothing")
    await north.posts()
    [arrival] = await south.waiting("主任甲")
    house, arrivals = south.house, south.house.services.arrivals
    place = house.places
    for name in ("委员乙", "书记丙"):
        assert await south.waiting(name) == ()
        with pytest.raises(NotAllowed):
            await arrivals.one(south.actor(name), arrival.arrival_id)
        with pytest.raises(NotAllowed):
            await arrivals.place(
                house.act(), south.actor(name), arrival.arrival_id, place["第一支部"]
            )
        with pytest.raises(NotAllowed):
            await arrivals.refuse(house.act(), south.actor(name), arrival.arrival_id, "不收")
    with pytest.raises(NotAllowed):
        await arrivals.place(
            house.act(), south.actor("主任甲"), arrival.arrival_id, place["第一党委"]
        )
    arrival = await both.comes()
    for name in ("书记戊", "主任甲"):
        with pytest.raises(NotAllowed):
            await arrivals.refuse(house.act(), south.actor(name), arrival.arrival_id, "不收")
    with pytest.raises(NotAllowed):
        await arrivals.accept(house.act(), south.actor("书记丙"), arrival.arrival_id)


BODY: dict[str, Any] = {
    "reference": "r1",
    "person": "李四",
    "from": "远城支部",
    "to": "南城一支部",
    "applied": {"received_on": date(2026, 3, 2), "sex": "unheard of", "education": "college"},
    "standing": "activist",
    "days": {"activist_since": date(2026, 5, 6)},
    "landmarks": (),
    "record": ({"day": date(2026, 5, 6), "zh": "确定", "en": "determined"},),
}


async def says(both: Both, kind: str, body: dict[str, Any]) -> int:
    """Whatever another city may send; how many arrived."""
    town, at = both.north, both.north.house.at
    async with town.house.services.database.write() as session:
        await send(session, town.peers["南城"].id, kind, body, at)
    return await town.posts()


@pytest.mark.parametrize(
    "wrong",
    [
        {"person": ""}, {"person": "\u200b"}, {"person": "长" * 41}, {"person": 7},
        {"reference": "x" * 17}, {"applied": ()}, {"days": {"activist_since": "2026"}},
        {"record": ({"day": 1},)}, {"record": None}, {"landmarks": "x"}, {"to": "x" * 121},
    ],
    ids=str,
)  # fmt: skip
async def test_what_no_city_would_send_is_not_taken(both: Both, wrong: dict[str, Any]) -> None:
    await both.same_time()
    assert await says(both, "move", {**BODY, **wrong}) == 0
    assert await both.south.waiting("主任甲") == ()
    assert both.south.house.services.from_peers.refused == {"unacceptable": 1}


async def test_what_is_not_known_here_is_left_out(both: Both) -> None:
    """The other city asks for something else, and has other options."""
    await both.same_time()
    assert await says(both, "move", {**BODY, "standing": "somebody"}) == 1
    arrival = await both.comes()
    card = await both.south.card("书记丙", arrival.case_id)
    [entry] = card.entries
    assert entry.answers == {"received_on": date(2026, 3, 2), "education": "college"}
    # As what they come has to be said by the branch: they aren't taken in as an applicant.
    assert (arrival.standing, arrival.counts) == (None, True)
    house = both.south.house
    with pytest.raises(NotAllowed):
        await house.services.arrivals.accept(house.act(), house.posts["书记丙"], arrival.arrival_id)


async def test_what_a_branch_has_entered_of_who_came_without_it_stays(both: Both) -> None:
    await both.same_time()
    assert await says(both, "move", {**BODY, "applied": {}, "standing": ""}) == 1
    arrival = await both.comes()
    house = both.south.house
    actor = house.posts["书记丙"]
    card = await both.south.card("书记丙", arrival.case_id)
    assert card.entries == ()
    assert card.progress.next is not None
    south = Lead(house, case=arrival.case_id, actors={Role.SECRETARY: actor})
    await south.take(card.progress.next.step)
    refused = await house.services.arrivals.refuse(
        house.act(), actor, arrival.arrival_id, "不在本市。"
    )
    assert not refused
    assert len((await both.south.card("书记丙", arrival.case_id)).entries) == 1


async def test_another_city_answers_for_nobody_it_was_not_sent(both: Both) -> None:
    await both.goes_at("6")
    async with both.north.house.services.database.read() as session:
        [row] = await session.exec(select(DepartureRow))
    answer = {"reference": row.id, "taken": False, "said": "不收"}
    # South was sent it, and north can't say so to itself: here the roles are turned round.
    assert await says(both, "move_answer", answer) == 0
    assert both.south.house.services.from_peers.refused == {"unacceptable": 1}
    assert (await both.lead.card()).gone is not None
