"""What goes out comes in again: no change here, the same next step and dates elsewhere."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlmodel import select

from domain.case.facts import Progress
from domain.rulebook.schema import Role
from models import CaseFile, FigureRow, HoldRow
from papers.sheets import reading
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import today, xlsx

STEPS = ("申请", "谈话", "积极分子", "备案", "指定联系人")


CITIES = [14, *(pytest.param(city, marks=pytest.mark.slow) for city in range(4))]
"""By what they are made up; one is told of where the others would take long."""


def rows(day: date, city: int) -> list[tuple[object, ...]]:
    """People who stand at any of the first steps, some with a gap before it."""
    chance, found = Random(city), list[tuple[object, ...]]()
    for number in range(20):
        days: list[object] = [day - timedelta(days=300 + chance.randrange(900))]
        for _ in range(chance.randrange(len(STEPS))):
            last = days[-1]
            assert isinstance(last, date)
            days.append(last + timedelta(days=1 + chance.randrange(25)))
        kept = [
            days[0],
            *["" if chance.random() < 0.2 else one for one in days[1:-1]],
            *days[1:][-1:],
        ]
        found.append((f"某{number}某", *kept, *[""] * (len(STEPS) - len(kept))))
    return found


def stands(progress: Progress) -> tuple[object, ...]:
    following = progress.next.step.id if progress.next else ""
    return following, [(one.step, one.limit, one.on) for one in progress.deadlines]


async def figures(house: House) -> list[tuple[str, int, dict[str, int]]]:
    """The sums of statistics, without what is nought."""
    async with house.services.database.read() as session:
        rows = [
            (row.organisation_id, row.year, {k: n for k, n in (row.cells or {}).items() if n})
            for row in await session.exec(select(FigureRow))
        ]
    return sorted((row for row in rows if row[2]), key=lambda row: row[:2])


@pytest.mark.parametrize("city", CITIES)
async def test_out_and_in_again_changes_nothing_and_leads_to_the_same_next_step(
    house: House, secretary: Somebody, committee: Somebody, city: int
) -> None:
    sheets, actor = house.services.sheets, house.posts["书记丙"]
    # One that was led in the chat, with everything entered, beside those that a sheet brings.
    roles = {Role.SECRETARY: actor, Role.COMMITTEE: house.posts["委员乙"]}
    await Lead(house, actors=roles).to("4")
    day = today(house)
    empty = await figures(house)
    said = await sheets.preview(actor, xlsx(("姓名", *STEPS), *rows(day, city)), house.at)
    assert said.new == 20
    assert said.refused == ()
    await sheets.confirm(house.act(), actor, said.sheet_id)
    made = await sheets.cases(actor, day)
    assert made.rows == 21

    again = await sheets.preview(actor, made.content, house.at)
    assert (again.new, again.changed, again.same, again.refused) == (0, 0, 21, ())
    assert again.sheet_id == ""

    page = await house.services.cases.search(actor, day, text="某", size=50)
    before = {
        line.person: stands((await house.services.cases.card(actor, line.case_id, day)).progress)
        for line in page.lines
    }
    # Taken back, the house is as empty as one where the sheet comes for the first time.
    undone = await sheets.undo(house.act(), actor, said.sheet_id)
    assert (undone.undone, undone.left) == (20, 0)
    assert await figures(house) == empty
    fresh = await sheets.preview(actor, made.content, house.at)
    assert (fresh.new, fresh.changed, fresh.same, fresh.refused) == (20, 0, 1, ())
    await sheets.confirm(house.act(), actor, fresh.sheet_id)
    page = await house.services.cases.search(actor, day, text="某", size=50)
    after = {
        line.person: stands((await house.services.cases.card(actor, line.case_id, day)).progress)
        for line in page.lines
    }
    assert after == before
    assert await house.services.database.broken_chains() == ()


async def test_nothing_of_a_report_leaves_by_a_sheet(
    house: House, secretary: Somebody, committee: Somebody
) -> None:
    services, director = house.services, house.posts["主任甲"]
    actor, day = house.posts["书记丙"], today(house)
    said = await services.sheets.preview(
        actor, xlsx(("姓名", *STEPS), *rows(day, 14)[:4]), house.at
    )
    await services.sheets.confirm(house.act(), actor, said.sheet_id)
    several = (actor, house.posts["委员乙"], director)

    async def seen() -> list[object]:
        files = [await services.sheets.cases(one, day) for one in several]
        assert [file.rows for file in files] == [4, 4, 4]
        return [(file.name, await reading.read(file.content)) for file in files]

    before = await seen()
    async with services.database.read() as session:
        cases = (await session.exec(select(CaseFile.id))).all()
    for case in cases[:2]:
        await services.reports.register(house.act(), director, "letter", "有人反映此人。", case)
    async with services.database.read() as session:
        assert len((await session.exec(select(HoldRow.id))).all()) == 2
    # Not for the director either, who may see them: a sheet goes from hand to hand.
    assert await seen() == before
