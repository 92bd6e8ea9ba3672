"""Lists of tasks and cases: who finds what, and that no other case is opened for it."""

import pytest

import services.todo.todo
from domain.calendar.office_hours import day_of
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


async def open_cases(house: House, names: list[str]) -> None:
    secretary, branch = house.posts["书记丙"], house.places["第一支部"]
    for name in names:
        await house.services.cases.open(house.act(), secretary, name, branch)


async def test_a_list_of_tasks_opens_only_cases_that_wait_for_the_reader(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_cases(house, ["甲一", "甲二"])
    opened: list[str] = []
    outlined_of_many = services.todo.todo.outlined_of_many

    async def counted(session, ids, *more):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN202
        opened.extend(ids)
        return await outlined_of_many(session, ids, *more)

    monkeypatch.setattr(services.todo.todo, "outlined_of_many", counted)
    today = day_of(house.at)
    mine = await house.services.todo.items(house.posts["书记丙"], today)
    assert [item.person for item in mine] == ["甲一", "甲二"]
    assert len(opened) == 2
    opened.clear()
    assert await house.services.todo.items(house.posts["委员乙"], today) == ()
    assert await house.services.todo.items(house.posts["主任甲"], today) == ()
    assert opened == []


async def test_a_page_opens_only_the_cases_it_shows(house: House, secretary: Somebody) -> None:
    await open_cases(house, [f"第{number}人" for number in range(11)])
    today, actor = day_of(house.at), house.posts["主任甲"]
    first = await house.services.cases.search(actor, today, size=4)
    last = await house.services.cases.search(actor, today, page=9, size=4)
    assert (first.total, first.pages, len(first.lines)) == (11, 3, 4)
    assert (last.number, len(last.lines)) == (2, 3)
    seen = {line.case_id for page in (first, last) for line in page.lines}
    assert len(seen) == 7
    found = await house.services.cases.search(actor, today, "第10")
    assert [line.person for line in found.lines] == ["第10人"]
