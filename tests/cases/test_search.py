"""A list shows a page and reads no more than that; a search opens each name once."""

from pathlib import Path

import pytest

from benchmarks.statements import statements_of
from domain.calendar.office_hours import day_of
from services.cases import search
from services.container import build_services
from services.core.acts import Act
from services.core.database import Database
from services.core.heads import KEPT
from services.people.views import Actor
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_lists import open_cases


@pytest.fixture
def asked(house: House) -> list[str]:
    """The statements that are run."""
    return statements_of(house.services.database)


async def test_a_page_of_many_takes_as_many_statements_as_one_of_few(
    house: House, secretary: Somebody, asked: list[str]
) -> None:
    today, who = day_of(house.at), house.posts["书记丙"]
    await open_cases(house, ["第0人", "第1人"])
    await house.services.cases.search(who, today)
    asked.clear()
    await house.services.cases.search(who, today)
    few = len(asked)
    await open_cases(house, [f"第{number}人" for number in range(2, 9)])
    asked.clear()
    page = await house.services.cases.search(who, today)
    assert (len(page.lines), page.total, page.pages) == (8, 9, 2)
    assert len(asked) == few


async def test_what_another_process_opens_is_found_and_what_it_takes_out_is_not(
    house: House, secretary: Somebody, other_secretary: Somebody, second: Database
) -> None:
    today, who, branch = day_of(house.at), house.posts["书记丙"], house.places["第一支部"]
    await open_cases(house, ["阿古拉", "巴特尔"])
    search = house.services.cases.search
    assert [one.person for one in (await search(who, today, "古")).lines] == ["阿古拉"]
    # One taken out and one opened: as many as before.
    elsewhere = build_services(second, house.services.procedure).cases
    gone = (await search(who, today, "巴特")).lines[0].case_id
    assert await elsewhere.undo(Act("other:1", house.at), who, gone)
    card = await elsewhere.open(Act("other:2", house.at), who, "苏古德", branch)
    found = await search(who, today, "古")
    assert {one.person for one in found.lines} == {"阿古拉", "苏古德"}
    assert (await search(who, today, "巴特")).total == 0
    meant = await house.services.cases.named_in(who, "苏古德来了", today)
    assert [one.case_id for one in meant] == [card.case_id]
    # Within reach only, also of a name that this process has opened for somebody else.
    assert (await search(house.posts["书记戊"], today, "古")).total == 0


async def test_who_was_taken_out_is_forgotten(house: House, secretary: Somebody) -> None:
    today, who, cases = day_of(house.at), house.posts["书记丙"], house.services.cases
    await open_cases(house, ["阿古拉", "巴特尔"])
    found = (await cases.search(who, today, "特")).lines[0]
    assert await cases.undo(Act("other:1", house.at), who, found.case_id)
    async with house.services.database.read() as session:
        kept = session.info[KEPT]["names"]
    assert [*kept.by_case.values()] == ["阿古拉"]
    assert [*kept.cases] == ["阿古拉"]


async def test_whoever_came_since_is_found_and_whoever_sees_less_finds_less(
    house: House, secretary: Somebody, other_secretary: Somebody, second: Database
) -> None:
    """The ids that were asked for last are another's, or of an earlier moment."""
    today, mine, all_of_them = day_of(house.at), house.posts["书记丙"], house.posts["主任甲"]
    cases, elsewhere = house.services.cases, build_services(second, house.services.procedure).cases

    async def found(who: Actor) -> list[str]:
        return sorted(line.person for line in (await cases.search(who, today, "特")).lines)

    await open_cases(house, ["阿古拉", "巴特尔"])
    assert await found(mine) == await found(mine) == ["巴特尔"]
    branch = house.places["第一支部"]
    card = await elsewhere.open(Act("other:2", house.at), mine, "孟特", branch)
    assert await found(mine) == await found(all_of_them) == ["孟特", "巴特尔"]
    assert await found(house.posts["书记戊"]) == []
    assert await elsewhere.undo(Act("other:3", house.at), mine, card.case_id)
    assert await found(all_of_them) == await found(mine) == ["巴特尔"]


async def test_who_sees_few_looks_through_no_other_names(
    house: House, secretary: Somebody, other_secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, all_of_them, nobodys = day_of(house.at), house.posts["主任甲"], house.posts["书记戊"]
    await open_cases(house, ["阿古拉", "巴特尔"])
    assert (await house.services.cases.search(all_of_them, today, "特")).total == 1
    looked = []
    monkeypatch.setattr(search, "_containing", lambda _: looked.append)
    await house.services.cases.search(nobodys, today, "特")
    assert looked == []
    await house.services.cases.search(all_of_them, today, "特")
    assert sorted(looked) == ["巴特尔", "阿古拉"]


async def test_what_waits_for_the_department_is_found_without_asking_each_case(
    house: House, secretary: Somebody, asked: list[str]
) -> None:
    await open_cases(house, ["阿古拉"])
    for who, waits, by_case in (("主任甲", 0, False), ("书记丙", 1, True)):
        asked.clear()
        items = await house.services.todo.items(house.posts[who], day_of(house.at))
        assert sum(item.person == "阿古拉" for item in items) == waits
        [found] = [one for one in asked if "case_waiting.role" in one]
        # Of those of a branch, each is: all that wait for any secretary are more.
        assert ("case_file.id IN (SELECT case_waiting" not in found) == by_case


def test_no_act_gives_a_case_another_name() -> None:
    """The names that a process keeps are never asked for again."""
    written = {
        path.name
        for path in Path("services").rglob("*.py")
        if ".person = " in path.read_text("utf-8") and "CaseFile" in path.read_text("utf-8")
    }
    # Somebody from another city is a new case.
    assert written == {"arrivals.py", "cases.py", "hotlines.py"}
