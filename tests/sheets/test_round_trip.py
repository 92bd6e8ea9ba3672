"""What goes out comes in again: no change here, the same next step and dates elsewhere.

So it is of every step that has a column. No column has what may happen at any time, what an answer
calls for, and what a report leads to: a case in which such a thing was entered comes with the days
of its other steps. Of a step that repeats (6a, 6c) a sheet holds the newest day, from which the
next one is counted.
"""

from datetime import date, timedelta
from random import Random

import pytest
from sqlmodel import select

from domain.case.facts import Progress
from domain.rulebook.schema import Role, Rulebook
from models import CaseFile, FigureRow, HoldRow
from papers.sheets import reading
from papers.sheets.columns import CellKind, Column, columns_of
from services.casefile.procedure import Procedure
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import today, xlsx

AFTER = {
    "1": 0, "2": 12, "3": 240, "4": 250, "5": 255, "5a": 300, "6a": 430, "6c": 500, "6": 640,
    "7": 655, "7a": 660, "8": 670, "8a": 674, "8b": 702, "9": 705, "10": 720, "11.began_on": 735,
    "11": 740, "12": 760, "13": 775, "14": 790, "14a": 797, "15": 805, "16": 820, "17": 835,
    "17a": 840, "18": 845, "19": 850, "20": 870, "21": 1060, "21a": 1165, "22": 1172, "22a": 1174,
    "22b": 1202, "22c": 1203, "22d": 1204, "23": 1215, "24": 1230, "24c": 1240, "25": 1250,
}  # fmt: skip
"""Days after the application on which each step is taken that has a column."""
CITIES = [14, *(pytest.param(city, marks=pytest.mark.slow) for city in range(4))]
"""By what they are made up; one is told of where the others would take long."""


def days_of(book: Rulebook) -> dict[str, Column]:
    """The columns of days of steps, by step; one of a training has a first day as well."""
    days = (column for column in columns_of(book) if column.kind is CellKind.DAY)
    return {one.of.removesuffix(".day"): one for one in days if one.of != "1.born_on"}


def rows(book: Rulebook, day: date, city: int, people: int = 12) -> list[tuple[object, ...]]:
    """A head, and people who stand at any step, some with gaps before it. One has all of them
    behind."""
    columns, chance = days_of(book), Random(city)
    found: list[tuple[object, ...]] = [("姓名", *(one.title for one in columns.values()))]
    for number in range(people):
        taken = list(columns)[: chance.randrange(len(columns)) + 1 if number else None]
        began = day - timedelta(days=AFTER[taken[-1]] + 1 + chance.randrange(300))
        kept = {s for s in taken if s in ("1", taken[-1]) or not number or chance.random() > 0.2}
        said = (began + timedelta(days=AFTER[s]) if s in kept else "" for s in columns)
        found.append((f"某{number}某", *said))
    return found


def test_every_step_has_a_column_or_a_reason_to_have_none(procedure: Procedure) -> None:
    book = procedure.current
    without = {step.id for step in book.steps} - {*days_of(book)}
    stays = {s.id for s in book.steps if s.anytime or s.by_report or s.called_by}
    assert without == stays
    assert {*days_of(book)} == {*AFTER}
    assert {s.id for s in book.steps if s.repeats and s.id in AFTER} == {"6a", "6c"}


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
    book = house.services.procedure.current
    said = await sheets.preview(actor, xlsx(*rows(book, day, city)), house.at)
    assert said.refused == ()
    assert said.new == 12
    await sheets.confirm(house.act(), actor, said.sheet_id)
    made = await sheets.cases(actor, day)
    assert made.rows == 13

    again = await sheets.preview(actor, made.content, house.at)
    assert (again.new, again.changed, again.same, again.refused) == (0, 0, 13, ())
    assert again.sheet_id == ""

    page = await house.services.cases.search(actor, day, text="某", size=50)
    before = {
        line.person: stands((await house.services.cases.card(actor, line.case_id, day)).progress)
        for line in page.lines
    }
    # Taken back, the house is as empty as one where the sheet comes for the first time.
    undone = await sheets.undo(house.act(), actor, said.sheet_id)
    assert (undone.undone, undone.left) == (12, 0)
    assert await figures(house) == empty
    fresh = await sheets.preview(actor, made.content, house.at)
    assert (fresh.new, fresh.changed, fresh.same, fresh.refused) == (12, 0, 1, ())
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
        actor, xlsx(*rows(services.procedure.current, day, 14, people=4)), house.at
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
