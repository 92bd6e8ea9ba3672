"""Somebody's sheet is taken over: previewed, confirmed, entered, undone."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

import services.core.database as services_database
import services.sheets.sheets as services_sheets
from domain.rulebook.schema import Role
from domain.states import SheetKind
from models import AuditLine, CaseFile, EntryRow, FigureRow, OutgoingRow, Person, SheetRow
from papers.sheets.cells import CellFault
from services.core.acts import Act
from services.core.errors import NotAllowed
from services.sheet_lines.sheet_acts import SheetCache
from services.sheets.views import RefusedCell
from tests.cases.conftest import Lead
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import TITLES, today, xlsx


def code(one: RefusedCell) -> str:
    return one.why if isinstance(one.why, CellFault) else one.why.code


@on_both
async def test_cases_half_way_come_with_the_days_they_had(
    house: House, secretary: Somebody
) -> None:
    services, actor = house.services, house.posts["书记丙"]
    begun = today(house) - timedelta(days=500)
    rows = (
        ("李远", "女", "1990.05", "本科", "村民", date(2024, 3, 5), 45_370, "2024年5月10日",
         "20240520", "党员甲一、党员甲二", ""),
        ("王晓", "男", "1991-01-02", "高中", "村民", begun, "", "", "", "", ""),
        ("赵早", "男", "", "", "", date(2024, 3, 5), date(2024, 3, 1), "", "", "", ""),
        ("钱无", "男", "", "", "", "", "", "", "", "", ""),
        ("孙联", "", "", "", "", date(2024, 3, 5), "", "", "", "外人", ""),
    )  # fmt: skip
    said = await services.sheets.preview(actor, xlsx(("发展党员情况",), TITLES, *rows), house.at)
    assert (said.new, said.changed, said.same) == (2, 0, 0)
    assert [(one.row, one.column, code(one)) for one in said.refused] == [
        (5, "谈话时间", "day_before_condition"),
        (6, "申请书时间", CellFault.NO_APPLICATION),
        (7, "培养联系人", CellFault.NO_MEMBER),
    ]  # fmt: skip
    async with services.database.read() as session:
        assert (await session.exec(select(CaseFile.id))).all() == []

    taken = await services.sheets.confirm(house.act(), actor, said.sheet_id)
    assert (taken.entered, taken.left) == (2, ())
    async with services.database.read() as session:
        cases = {row.person: row for row in await session.exec(select(CaseFile))}
        of_li = select(EntryRow).where(EntryRow.case_id == cases["李远"].id)
        entries = sorted(await session.exec(of_li), key=lambda row: row.number)
        waiting = (await session.exec(select(OutgoingRow))).all()
    assert [(row.step, row.done_on) for row in entries] == [
        ("1", date(2024, 3, 5)), ("2", date(2024, 3, 19)), ("3", date(2024, 5, 10)),
        ("4", date(2024, 5, 20)),
    ]  # fmt: skip
    assert all("2014" in row.rulebook for row in entries)
    assert waiting == []
    card = await services.cases.card(actor, cases["李远"].id, today(house))
    assert card.progress.next is not None
    assert card.progress.next.step.id == "5"
    assert [name for _, name in card.helpers] == ["党员甲一", "党员甲二"]

    again = await services.sheets.confirm(house.act(), actor, said.sheet_id)
    assert again == taken
    async with services.database.read() as session:
        assert len((await session.exec(select(CaseFile.id))).all()) == 2

    undone = await services.sheets.undo(house.act(), actor, said.sheet_id)
    assert (undone.undone, undone.left) == (2, 0)
    async with services.database.read() as session:
        assert (await session.exec(select(CaseFile.id))).all() == []
        assert (await session.exec(select(EntryRow.id))).all() == []
    assert await services.database.broken_chains() == ()


async def test_a_visit_that_a_sheet_brought_asks_nobody_to_sign(
    house: House, secretary: Somebody
) -> None:
    services, actor, day = house.services, house.posts["书记丙"], today(house)
    visited = day - timedelta(days=5)
    async with services.database.write() as session:
        sheet = SheetRow(
            person_id=actor.person_id, kind=SheetKind.CASES, staged_at=house.at, lines=1
        )
        session.add(sheet)
    entries = [
        {"number": 1, "step": "1", "day": visited, "answers": {"received_on": visited}},
        {"number": 2, "step": "21a", "day": visited, "answers": {"visited_on": visited}},
    ]
    line = {
        "row": 2, "case": "", "place": house.places["第一支部"], "name": "王芳", "beside": [],
        "helpers": [], "entries": entries,
    }  # fmt: skip
    act, brought, seen = Act(f"sheet:{sheet.id}:2", house.at), services.sheets.brought, SheetCache()
    following = brought.rules(house.at).follows(line)
    assert following is not None
    assert all(await brought.open([act], actor, sheet.id, [(line, following)], seen))
    async with services.database.read() as session:
        case = (await session.exec(select(CaseFile.id))).one()
    visit = (await services.cases.card(actor, case, day)).entries[1]
    assert (visit.step.id, visit.mine, visit.waits_for) == ("21a", False, frozenset())
    with pytest.raises(NotAllowed):
        await services.steps.sign(house.act(), actor, visit.entry_id)
    taken = Act(f"{act.key}:undo", house.at)
    assert await brought.take_back([taken], actor, sheet.id, [line], [act], seen) == [True]
    async with services.database.read() as session:
        assert (await session.exec(select(CaseFile.id))).all() == []


async def test_a_commit_brings_a_few_lines_or_takes_them_back_and_each_line_once(
    house: House, secretary: Somebody, committee: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, actor = house.services, house.posts["书记丙"]
    begun = [today(house) - timedelta(days=400 - number) for number in range(40)]
    rows = [
        (f"某{number:02}某", one, one + timedelta(days=20), one + timedelta(days=250))
        for number, one in enumerate(begun)
    ]
    head = ("姓名", "申请", "谈话", "积极分子")
    said = await services.sheets.preview(actor, xlsx(head, *rows), house.at)
    assert (said.new, said.refused) == (40, ())
    path, stored = services.database.engine.url.database or "", [0]

    def look(point: str) -> None:
        if point == "act.after":
            with closing(sqlite3.connect(path)) as second:
                stored.append(second.execute("SELECT count(*) FROM entry").fetchone()[0])

    monkeypatch.setattr(services_database, "failpoint", look)
    monkeypatch.setattr(services_sheets, "ENTRIES", (40, 40, 40))
    taken = await services.sheets.confirm(house.act(), actor, said.sheet_id)
    assert taken.entered == 40
    # Nobody's act waits for more than what one commit brings; the first one says that it counts.
    brought = [after - before for before, after in pairwise(stored)]
    assert brought == [0, 39, 39, 39, 3]
    async with services.database.read() as session:
        keys = select(AuditLine.act_key).where(AuditLine.act == "bring_case")
        lines = [key for key in await session.exec(keys) if said.sheet_id in key]
    assert len(set(lines)) == len(lines) == 40
    # What somebody has entered since stays, and what has a photo.
    async with services.database.read() as session:
        cases = {row.person: row.id for row in await session.exec(select(CaseFile))}
    actors = {Role.SECRETARY: actor, Role.COMMITTEE: house.posts["委员乙"]}
    entered, shown = (
        Lead(house, name, cases[name], actors=actors) for name in ("某00某", "某20某")
    )
    following = (await entered.card()).progress.next
    assert following is not None
    await entered.take(following.step)
    await shown.photo(actor)
    stored[:] = stored[-1:]
    undone = await services.sheets.undo(house.act(), actor, said.sheet_id)
    assert (undone.undone, undone.left) == (38, 2)
    assert [before - after for before, after in pairwise(stored)] == [0, 36, 36, 39, 3]
    assert await services.sheets.undo(house.act(), actor, said.sheet_id) == undone
    async with services.database.read() as session:
        assert {*await session.exec(select(CaseFile.id))} == {entered.case, shown.case}
        figures = [row.cells for row in await session.exec(select(FigureRow))]
    # Nobody else is counted any more.
    assert max(number for cells in figures for number in cells.values()) == 2
    assert await services.database.broken_chains() == ()


async def test_a_roster_comes_and_goes_a_few_members_a_commit(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, actor = house.services, house.posts["书记丙"]
    sheets, path = services.sheets, services.database.engine.url.database or ""
    names = [f"员{number:03}" for number in range(90)]
    roster = xlsx(("党支部", "姓名"), *(("第一支部", name) for name in names))
    said = await sheets.preview(actor, roster, house.at)
    assert (said.kind, said.new, said.refused) == (SheetKind.MEMBERS, 90, ())

    def members() -> int:
        with closing(sqlite3.connect(path)) as second:
            return int(second.execute("SELECT count(*) FROM person").fetchone()[0])

    stored = [members()]

    def look(point: str) -> None:
        if point == "act.after":
            stored.append(members())

    monkeypatch.setattr(services_database, "failpoint", look)
    assert (await sheets.confirm(house.act(), actor, said.sheet_id)).entered == 90
    assert [after - before for before, after in pairwise(stored)] == [0, 40, 40, 10]
    # Pressed again, nobody comes twice.
    assert (await sheets.confirm(house.act(), actor, said.sheet_id)).entered == 90
    assert members() == stored[0] + 90
    # Somebody who was named for something since stays.
    async with services.database.read() as session:
        [person] = [row for row in await session.exec(select(Person)) if row.name == names[0]]
    await services.people.invite(house.act(), house.posts["主任甲"], Role.SECRETARY,
                                 person.organisation_id, person_id=person.id)  # fmt: skip
    stored[:] = [members()]
    undone = await sheets.undo(house.act(), actor, said.sheet_id)
    assert (undone.undone, undone.left) == (89, 1)
    assert [before - after for before, after in pairwise(stored)] == [0, 39, 40, 10]
    async with services.database.read() as session:
        left = {row.name for row in await session.exec(select(Person))} & {*names}
    assert left == {names[0]}
    assert await services.database.broken_chains() == ()
