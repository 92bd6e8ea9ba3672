"""The committee analyses its activists once a year, all of them at a time: entered for one, it is
entered for the others with their names before one's eyes."""

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from domain.rulebook.schema import Role
from models import EntryRow
from services.core.acts import Acts
from services.core.database import Database
from services.core.errors import NotAllowed
from tests.meetings.chat import fills
from tests.meetings.town import Town
from tests.operations.edits import by_hand, table_of

MEASURE = "加强理论学习，每人一名联系人。"
ANALYSED = {"county": True, "measure": MEASURE}


async def three_activists(town: Town) -> list[str]:
    return [await town.led(name, "6", days=300) for name in ("陆小满", "何秋实", "孟远")]


async def analysed(database: Database, cases: list[str]) -> list[tuple[str, object]]:
    of_these = select(EntryRow).where(col(EntryRow.step) == "6c", col(EntryRow.case_id).in_(cases))
    async with database.read() as session:
        return sorted((r.case_id, r.answers["measure"]) for r in await session.exec(of_these))


@pytest.mark.rule("step_6c")
async def test_entered_for_one_it_is_entered_for_all_activists(
    town: Town, second: Database
) -> None:
    cases = await three_activists(town)
    candidate = await town.led("周一鸣", "13")
    await town.committee.presses_again(1, f"f:{cases[0]}:6c")
    said = await fills(town.committee, MEASURE)
    assert "已保存：陆小满 · 6c 年度分析" in said
    shown = await town.committee.presses("另外2人一并登记")
    assert "何秋实" in shown
    assert "孟远" in shown
    assert "周一鸣" not in shown
    assert len(await analysed(second, cases)) == 1
    said = await town.committee.presses("确认，登记这2人")
    assert "已登记2人：6c 年度分析" in said
    assert await analysed(second, cases) == sorted((case, MEASURE) for case in cases)
    card = await town.card(candidate)
    assert MEASURE not in {entry.answers.get("measure") for entry in card.entries}


async def test_a_case_that_was_changed_by_hand_keeps_none_of_the_others_back(
    town: Town, second: Database
) -> None:
    cases = await three_activists(town)
    officer, services = town.actor("委员乙"), town.house.services
    answers = {"analysed_on": town.today, **ANALYSED}
    done = await services.steps.record(town.house.act(), officer, cases[0], "6c", answers)
    async with by_hand(services.database) as connection:
        forged = update(table_of(EntryRow)).where(col(EntryRow.case_id) == cases[1])
        await connection.execute(forged.values(recorded_by="somebody"))
        await connection.commit()
    acts = Acts(1, 4711, town.house.at)
    result = await services.for_all.record(acts, officer, done.entry_id, town.today)
    assert result.entered == ("孟远",)
    assert set(result.refused) <= {"何秋实"}
    assert {case for case, _ in await analysed(second, cases)} == {cases[0], cases[2]}


async def test_pressed_twice_nobody_is_entered_twice(town: Town, second: Database) -> None:
    cases = await three_activists(town)
    officer, services = town.actor("委员乙"), town.house.services
    answers = {"analysed_on": town.today, **ANALYSED}
    act = town.house.act()
    done = await services.steps.record(act, officer, cases[0], "6c", answers)
    acts = Acts(1, 4711, town.house.at)
    first = await services.for_all.record(acts, officer, done.entry_id, town.today)
    again = await services.for_all.record(acts, officer, done.entry_id, town.today)
    assert (len(first.entered), again.entered, first.refused) == (2, (), ())
    assert len(await analysed(second, cases)) == 3


async def test_who_may_not_and_what_is_not_taken_for_all(town: Town) -> None:
    cases = await three_activists(town)
    officer, services = town.actor("委员乙"), town.house.services
    answers = {"analysed_on": town.today, **ANALYSED}
    done = await services.steps.record(town.house.act(), officer, cases[0], "6c", answers)
    with pytest.raises(NotAllowed):
        await services.for_all.others(town.actor("书记丙"), done.entry_id, town.today)
    assert Role.SECRETARY not in services.procedure.current.step("6c").actors
    card = await town.card(cases[0])
    talk = next(line.entry_id for line in card.entries if line.step.id == "2")
    found = await services.for_all.others(town.actor("书记丙"), talk, town.today)
    assert found.people == ()
