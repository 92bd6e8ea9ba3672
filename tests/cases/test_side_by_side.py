"""Acts on two cases run side by side on PostgreSQL, acts on one case one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import select

from domain.case.facts import Answers
from domain.figures.counting import NOW
from domain.states import EndReason
from models import EntryRow, FigureRow, PostRow
from sandbox.sample_answers import answers_for
from services.cases.record import Steps
from services.container import Services, build_services
from services.core.database import Database
from services.core.errors import PostEnded, StepNotOpen
from services.operations.integrity import changed_by_hand
from services.people.views import Actor
from tests.cases.conftest import Said
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


@dataclass(repr=False)
class Two:
    """A secretary in each of two branches, each with a case that has just been opened, served by
    processes of their own."""

    house: House
    elsewhere: Services
    actors: tuple[Actor, Actor]
    cases: tuple[str, str]
    answers: tuple[Answers, Answers]

    @property
    def here(self) -> Services:
        return self.house.services

    @property
    def today(self) -> date:
        return self.house.at.date()

    @asynccontextmanager
    async def inside_an_act(self) -> AsyncIterator[None]:
        """The first secretary's act has entered its step, written its line, and not committed."""
        act, steps = self.house.act(), self.here.steps
        async with self.here.database.act(act, self.actors[0], self.cases[0]) as work:
            await steps.enter(work, self.actors[0], self.cases[0], "1", self.answers[0])
            yield

    async def other_enters(self, number: int = 1) -> None:
        """The other process enters the first step of one of the cases."""
        act, steps = self.house.act(), self.elsewhere.steps
        async with asyncio.timeout(60):
            await steps.record(
                act, self.actors[number], self.cases[number], "1", self.answers[number]
            )

    async def entered(self) -> list[int]:
        """How many entries each case has, as what was committed says."""
        async with self.here.database.read() as session:
            found = [
                (await session.exec(select(EntryRow).where(EntryRow.case_id == case))).all()
                for case in self.cases
            ]
        return [len(rows) for rows in found]

    async def applicants(self) -> int:
        """How many applied in the department's sums."""
        async with self.here.database.read() as session:
            of = FigureRow.organisation_id == self.house.places["组织部"]
            rows = (await session.exec(select(FigureRow).where(of))).all()
        return sum((row.cells or {}).get("made.application", 0) for row in rows if row.year != NOW)

    async def somebody_waits(self) -> None:
        """Until PostgreSQL says that an advisory lock is waited for."""
        async with asyncio.timeout(60), self.here.database.engine.connect() as looking:
            while not (await looking.execute(WAITING)).scalar_one():
                await looking.rollback()

    async def nothing_broken(self) -> None:
        assert await self.here.database.broken_chains() == ()
        async with self.here.database.snapshot() as session:
            assert (await changed_by_hand(session))[1] == ()


@pytest.fixture
async def two(
    house: House, second: Database, secretary: Somebody, other_secretary: Somebody
) -> Two:
    actors = house.posts["书记丙"], house.posts["书记戊"]
    services, cases, answers = house.services, list[str](), list[Answers]()
    for actor, branch in zip(actors, ("第一支部", "第二支部"), strict=True):
        card = await services.cases.open(house.act(), actor, f"某{branch}", house.places[branch])
        form = await services.steps.form(actor, card.case_id, "1", house.at.date())
        cases.append(card.case_id)
        answers.append(answers_for(form, house.at.date(), Said(), {}))
    elsewhere = build_services(second, services.procedure)
    one, other = cases
    return Two(house, elsewhere, actors, (one, other), (answers[0], answers[1]))


async def test_an_act_in_another_case_commits_while_one_stands_inside_its_transaction(
    two: Two,
) -> None:
    before = await two.applicants()
    async with two.inside_an_act():
        await two.other_enters()
        assert await two.entered() == [0, 1]
        assert await two.applicants() == before + 1
    assert await two.entered() == [1, 1]
    # Both moved the same sums, and the second of them added to what the first had left.
    assert await two.applicants() == before + 2
    await two.nothing_broken()


async def test_a_second_act_in_the_same_case_waits_and_then_sees_the_first(two: Two) -> None:
    async with two.inside_an_act():
        second = asyncio.create_task(two.other_enters(0))
        await two.somebody_waits()
        assert not second.done()
    with pytest.raises(StepNotOpen):
        await second
    assert await two.entered() == [1, 0]
    await two.nothing_broken()


async def test_a_correction_and_a_signature_take_the_lock_of_the_case_of_their_entry(
    two: Two,
) -> None:
    await two.other_enters(0)
    async with two.here.database.read() as session:
        (entry,) = (await session.exec(select(EntryRow.id))).all()
    steps: Steps = two.elsewhere.steps
    corrects = partial(
        steps.correct, two.house.act(), two.actors[0], entry, two.answers[0], "写错了"
    )
    async with two.here.database.act(two.house.act(), two.actors[0], two.cases[0]) as work:
        correcting = asyncio.create_task(corrects())
        await two.somebody_waits()
        await work.done("look", chain=two.cases[0])
    assert (await correcting).entry_id != entry
    await two.nothing_broken()


async def test_who_loses_a_post_meanwhile_is_waited_for_and_then_refused(two: Two) -> None:
    """What gives rights excludes every act, as before."""
    officer, loser = two.house.posts["委员乙"], two.actors[1]
    async with two.here.database.read() as session:
        held = select(PostRow).where(PostRow.person_id == loser.person_id)
        (post,) = (await session.exec(held)).all()
    posts = two.elsewhere.posts
    async with two.inside_an_act():
        left = posts.end(two.house.act(), officer, post.id, EndReason.LEFT, two.today)
        ends = asyncio.create_task(left)
        await two.somebody_waits()
        assert not ends.done()
    await ends
    with pytest.raises(PostEnded):
        await two.other_enters()
    assert await two.entered() == [1, 0]
