"""A case that is kept in memory is handed out only while it is as the database has it."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlmodel import select

from benchmarks.statements import statements_of
from domain.permissions import Permission
from models import AuditHead, CaseHelper, Person
from models.macs import HOUSE
from services.casefile.case_cache import CaseCache
from services.casefile.load import CaseInHand
from services.container import build_services
from services.core.errors import NotAllowed, RecordAltered
from services.people.views import Actor
from tests.cases.conftest import Lead
from tests.conftest import on_both

Look = Callable[[], Awaitable[CaseInHand]]


@pytest.fixture
def cache() -> CaseCache:
    return CaseCache()


@pytest.fixture
async def look(lead: Lead, cache: CaseCache) -> Look:
    await lead.to("6")
    services = lead.house.services

    async def looked(name: str = "书记丙") -> CaseInHand:
        async with services.database.read() as session:
            actor = lead.house.posts[name]
            see = Permission.SEE_CASE
            return await cache.look(session, actor, lead.case, services.procedure, see)

    return looked


@pytest.fixture
def read(lead: Lead, cache: CaseCache) -> Look:
    """As an act reads its case, under its lock."""
    services = lead.house.services

    async def reading() -> CaseInHand:
        async with services.database.write() as session:
            actor = lead.house.posts["书记丙"]
            return await cache.read(session, actor, lead.case, services.procedure)

    return reading


@pytest.fixture
def asked(lead: Lead) -> list[str]:
    """The statements that are run."""
    return statements_of(lead.house.services.database)


@on_both
async def test_unchanged_it_is_not_read_again(look: Look, asked: list[str]) -> None:
    first = await look()
    asked.clear()
    again = await look()
    assert again.loaded is first.loaded
    assert again.place == first.place
    assert ["audit_head" in one for one in asked if "SELECT" in one] == [True]


@on_both
async def test_an_act_in_another_case_has_it_not_read_again(
    lead: Lead, look: Look, asked: list[str]
) -> None:
    first, services = await look(), lead.house.services
    actor, branch = lead.house.posts["书记丙"], lead.house.places["第一支部"]
    before = await _house(lead)
    await services.cases.open(lead.house.act(), actor, "李四", branch)
    # Counted in the sums of the branch, which stand in the chain of the house.
    assert await _house(lead) != before
    asked.clear()
    assert (await look()).loaded is first.loaded
    assert ["audit_head" in one for one in asked if "SELECT" in one] == [True]


async def _house(lead: Lead) -> bytes:
    async with lead.house.services.database.read() as session:
        return (await session.get_one(AuditHead, HOUSE)).newest_sealed


@on_both
async def test_what_another_process_enters_counts_at_once(lead: Lead, look: Look) -> None:
    before = await look()
    services = lead.house.services
    lead.house.services = build_services(services.database, services.procedure)
    await lead.take(services.procedure.current.step("6"))
    lead.house.services = services
    after = await look()
    assert [row.step for row in after.loaded.rows] == [
        *(row.step for row in before.loaded.rows),
        "6",
    ]


async def test_who_helps_and_what_they_are_called_is_as_it_is_now(lead: Lead, look: Look) -> None:
    (helper, person), *_ = (await look()).loaded.helpers
    async with lead.house.services.database.write() as session:
        (await session.get_one(Person, person.id)).name = "改名者"
    assert tuple(one.name for one in _named(await look(), helper.id)) == ("改名者",)
    async with lead.house.services.database.write() as session:
        (await session.get_one(CaseHelper, helper.id)).until = lead.house.at
    assert not _named(await look(), helper.id)


def _named(hand: CaseInHand, helper_id: str) -> list[Person]:
    return [person for row, person in hand.loaded.helpers if row.id == helper_id]


async def test_what_was_opened_stays_open_and_replayed_where_the_rest_changed(
    lead: Lead, look: Look
) -> None:
    before = (await look()).loaded
    async with lead.house.services.database.write() as session:
        person = (await session.exec(select(Person))).first()
        assert person is not None
        person.name = "改名者"
    after = (await look()).loaded
    assert after is not before
    assert after.facts is before.facts


@on_both
async def test_an_act_does_not_check_entries_again_that_are_the_same(
    lead: Lead, look: Look, read: Look
) -> None:
    before = (await look()).loaded
    assert (await read()).loaded.rows is before.rows
    await lead.take(lead.house.services.procedure.current.step("6"))
    after = (await read()).loaded
    assert [row.step for row in after.rows] == [*(row.step for row in before.rows), "6"]


@on_both
@pytest.mark.parametrize(
    "change", ["done_on = '2001-01-01'", "step = '7'", "replaced_by = 'nothing'", "number = 99"]
)
async def test_an_act_finds_an_entry_that_was_changed_by_hand_while_it_was_kept(
    lead: Lead, look: Look, read: Look, change: str
) -> None:
    last = (await look()).loaded.rows[-1]
    async with lead.house.services.database.write() as session:
        changing = text(f"UPDATE entry SET {change} WHERE id = :id")
        await session.exec(changing, params={"id": last.id})  # type: ignore[call-overload]
    with pytest.raises(RecordAltered):
        await read()


async def test_an_act_that_is_rolled_back_leaves_nothing(
    lead: Lead, look: Look, cache: CaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await look()).loaded
    steps = lead.house.services.steps
    monkeypatch.setattr(steps, "kept", cache)
    left = cache.left

    def broken(loaded: object) -> None:
        left(loaded)  # type: ignore[arg-type]
        raise OSError("the disk is full")

    monkeypatch.setattr(cache, "left", broken)
    with pytest.raises(OSError, match="disk"):
        await lead.take(lead.house.services.procedure.current.step("6"))
    after = (await look()).loaded
    assert [row.id for row in after.rows] == [row.id for row in before.rows]
    assert len(after.facts.entries) == len(before.rows)


async def test_whoever_may_not_see_it_gets_nothing_of_what_is_kept(
    look: Callable[[str], Awaitable[CaseInHand]], other_secretary: Actor
) -> None:
    await look("书记丙")
    with pytest.raises(NotAllowed):
        await look("书记戊")


async def test_the_one_that_was_not_asked_for_longest_is_dropped(lead: Lead) -> None:
    await lead.to("2")
    services, cache = lead.house.services, CaseCache(most=1)
    actor = lead.house.posts["书记丙"]
    other = await services.cases.open(
        lead.house.act(), actor, "李四", lead.house.places["第一支部"]
    )

    async def looked(case: str) -> CaseInHand:
        async with services.database.read() as session:
            return await cache.look(session, actor, case, services.procedure)

    first = await looked(lead.case)
    assert (await looked(lead.case)).loaded is first.loaded
    await looked(other.case_id)
    assert (await looked(lead.case)).loaded is not first.loaded
