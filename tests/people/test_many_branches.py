"""Many branches under one post: no statement takes an argument for each of them, since PostgreSQL
refuses more than 32,767."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.schema import Role
from models import CaseFile, Organisation, Person, PostRow
from models.in_values import FEW
from models.macs import Guarded, rows_by_hand
from services.container import Services, build_services, procedure_of
from services.core.database import Database
from services.core.errors import NotAllowed
from services.core.guard import HAND
from services.people.scope import CLIMBS, branches_below, committee_of_each
from services.people.views import Actor, Post
from tests.conftest import BOTH

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ABOVE = Actor(
    "above", "主任甲", "zh",
    (Post(Role.DIRECTOR, "top", "组织部", "department"),
     Post(Role.COMMITTEE, "committee", "第一党委", "committee")),
)  # fmt: skip
MANY = 2 * FEW
TOO_MANY = 40_000


def _named(row: Organisation, name: str) -> Organisation:
    row.name = name
    return row


def _case(number: int) -> CaseFile:
    case = CaseFile(
        id=f"case{number}", organisation_id=f"b{number}", rulebook="yakeshi", opened_on=TODAY
    )
    case.person = f"某{number}"
    return case


async def _tree(database: Database, branches: int, cases: int) -> Services:
    """A committee with `branches`, and a case in each of the first `cases` of them."""
    async with database.write() as session:
        session.add(_named(Organisation(id="top", level="department"), "组织部"))
        await session.flush()
        top = Organisation(id="committee", level="committee", parent_id="top")
        session.add(_named(top, "第一党委"))
        session.add(Person(id="above", organisation_id="top"))
        await session.flush()
        posts = [
            PostRow(
                person_id="above",
                organisation_id=post.organisation_id,
                role=post.role.value,
                since=NOW,
            )
            for post in ABOVE.posts
        ]
        session.add_all(posts)
        below = [
            _named(Organisation(id=f"b{n}", level="branch", parent_id="committee"), "支部")
            for n in range(branches)
        ]
        await _put(session, Organisation, below)
        await _put(session, CaseFile, [_case(number) for number in range(cases)])
    return build_services(database, procedure_of(), tells=False)


async def _put(session: AsyncSession, table: type[Guarded], rows: list[Guarded]) -> None:
    values = rows_by_hand(session.sync_session, rows)
    await session.exec(insert(table), params=values, execution_options=HAND)


@pytest.fixture
def most(database: Database) -> list[int]:
    """The arguments of each statement."""
    found = [0]

    def run(_c: object, _u: object, _s: str, given: object, _x: object, many: bool) -> None:
        if not many:
            found.append(len(given))  # type: ignore[arg-type]

    event.listen(database.engine.sync_engine, "before_cursor_execute", run)
    return found


def _readers(services: Services) -> tuple[Callable[[], Awaitable[object]], ...]:
    return (
        lambda: services.cases.search(ABOVE, TODAY),
        lambda: services.cases.search(ABOVE, TODAY, "某1"),
        lambda: services.cases.named_in(ABOVE, "某1", TODAY),
        lambda: services.todo.items(ABOVE, TODAY),
        lambda: services.breaches.page(ABOVE),
        lambda: services.classes.newest(ABOVE),
        lambda: services.classes.ready(ABOVE, TODAY),
        lambda: services.plans.view(ABOVE, 2027, TODAY),
        lambda: services.quotas.lines(ABOVE, 2026),
        lambda: services.quotas.key_activists(ABOVE),
        lambda: services.posts.overview(ABOVE, NOW),
        lambda: services.people.organisations(ABOVE),
        lambda: services.sheets.places(ABOVE),
        lambda: services.sheets.places(ABOVE, "committee", 3),
        lambda: services.sheets.helpers(ABOVE, "committee"),
        lambda: services.sheets.named(ABOVE, "b7"),
        lambda: services.meetings.mine(ABOVE),
    )


async def test_no_statement_has_an_argument_for_each_branch(
    database: Database, most: list[int]
) -> None:
    services = await _tree(database, MANY, MANY)
    most.clear()
    for read in _readers(services):
        with suppress(NotAllowed):
            await read()
    assert max(most) <= max(FEW, CLIMBS) + 10
    page = await services.cases.search(ABOVE, TODAY, "某1")
    assert page.total == len([n for n in range(MANY) if "1" in str(n)[:1]])
    assert (await services.cases.search(ABOVE, TODAY)).total == MANY


@pytest.mark.parametrize("database_url", BOTH, indirect=True)
async def test_both_databases_find_the_same(database: Database) -> None:
    services = await _tree(database, MANY, 20)
    page = await services.cases.search(ABOVE, TODAY, size=30)
    assert {line.case_id for line in page.lines} == {f"case{number}" for number in range(20)}
    assert page.total == 20


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_forty_thousand_branches_lie_under_one_post(database: Database) -> None:
    services = await _tree(database, TOO_MANY, 20)
    for read in _readers(services):
        with suppress(NotAllowed):
            await read()
    assert (await services.cases.search(ABOVE, TODAY)).total == 20


async def test_a_branch_of_another_process_counts_and_one_altered_by_hand_does_not(
    database: Database, second: Database
) -> None:
    await _tree(database, 3, 3)
    async with database.read() as session:
        assert set(await branches_below(session, "committee")) == {"committee", "b0", "b1", "b2"}
    async with second.write() as session:
        added = Organisation(id="b9", level="branch", parent_id="committee")
        session.add(_named(added, "支部"))
        await session.flush()
        assert "b9" in await branches_below(session, "committee")
    async with database.read() as session:
        assert "b9" in await branches_below(session, "top")
        assert (await committee_of_each(session))["b9"] == "committee"
        assert "top" not in await committee_of_each(session)
    connection = await second.engine.connect()
    await connection.exec_driver_sql("UPDATE organisation SET parent_id = 'top' WHERE id = 'b9'")
    await connection.commit()
    await connection.close()
    # Another process, which has nothing in memory: what doesn't fit its MAC lies nowhere.
    async with Database(second.engine).read() as session:
        assert set(await branches_below(session, "top")) == {"top", "committee", "b0", "b1", "b2"}
        assert (await session.exec(select(CaseFile))).all()
