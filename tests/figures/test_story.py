"""数字: a committee officer from the picture to the people; a secretary, who sees the own branch
only; and who may see nothing."""

from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from aiogram.methods import SendDocument, SendPhoto
from aiogram.types import BufferedInputFile
from docx import Document
from sqlalchemy import text

from benchmarks.statements import statements_of
from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from handlers.staff.figures.callbacks import (
    PeopleBehindCallback,
    YearPictureCallback,
    YearSheetCallback,
)
from papers.processes.typesetting import NoFonts
from services.core.errors import NotAllowed, NotFound, RecordAltered
from services.figures.figures import Figures
from services.people.views import Actor
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


def pictures(house: House) -> list[SendPhoto]:
    return [call for call in house.line.telegram.calls if isinstance(call, SendPhoto)]


def file_in(house: House) -> tuple[str, bytes]:
    """The document that was sent last."""
    sent = [call for call in house.line.telegram.calls if isinstance(call, SendDocument)]
    file = sent[-1].document
    assert isinstance(file, BufferedInputFile)
    return file.filename or "", file.data


def parts(content: bytes) -> str:
    """All that a sheet or a Word file says."""
    with ZipFile(BytesIO(content)) as archive:
        return "".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())


async def test_a_committee_officer_goes_from_the_picture_to_the_people(
    house: House, committee: Somebody, lead: Lead
) -> None:
    await lead.to("21")
    await committee.says("更多")
    said = await committee.presses("数字")
    assert "<b>第一党委</b>" in said
    assert "预备党员1" in said
    assert "接收预备党员1人" in said
    (photo,) = pictures(house)
    assert isinstance(photo.photo, BufferedInputFile)
    assert photo.photo.data.startswith(b"\x89PNG")

    said = await committee.presses("表格")
    assert "上报前请核对" in said
    name, content = file_in(house)
    year = lead.today.year
    assert name == f"{year}_统计表_第一党委.xlsx"
    book = parts(content)
    assert all(word in book for word in ("表13 预备党员转正", "表14、15 发展党员", "第一支部"))
    assert "barChart" in book
    assert "张三" not in book

    await committee.presses("年度报告（Word）")
    name, content = file_in(house)
    assert name == f"{year}_年度发展党员工作报告_第一党委.docx"
    tables = Document(BytesIO(content)).tables
    cells = {cell.text for table in tables for row in table.rows for cell in row.cells}
    assert {"预备党员", "1", "党支部", "2", "＿＿＿＿"} <= cells

    said = await committee.presses("名单")
    assert "看哪个数字后面的人？" in said
    said = await committee.presses("预备党员，现在：1")
    assert "张三 · 第一支部" in committee.labels
    assert "<b>张三</b>" in await committee.presses("张三 · 第一支部")


async def test_a_secretary_sees_the_own_branch_and_of_all_only_what_names_nobody(
    house: House, secretary: Somebody, other_secretary: Somebody, lead: Lead
) -> None:
    await lead.to("21")
    await secretary.says("更多")
    assert "<b>第一支部</b>" in await secretary.presses("数字")
    assert "年度报告（Word）" not in secretary.labels
    await other_secretary.says("更多")
    assert "预备党员0" in await other_secretary.presses("数字")
    place = house.places["第一支部"]
    for button in (
        YearPictureCallback(organisation=place, year=2026),
        YearSheetCallback(organisation=place, year=2026),
        PeopleBehindCallback(organisation=place, year=2026, number=0),
    ):
        assert "没有找到" in await other_secretary.presses_again(1, button.pack())

    # The one who was admitted is in the other branch: a group of one.
    house.at = house.at.replace(year=lead.today.year + 1)
    year = lead.today.year - 1
    said = await other_secretary.presses_again(1, f"nw:{year}")
    assert "预备党员：—" in said
    assert "性别" not in said
    # Who sees that person anyway learns nothing by the number.
    assert "预备党员：1" in await secretary.presses_again(1, f"nw:{year}")
    assert "没有找到" in await secretary.presses_again(1, f"nw:{year + 1}")


async def test_the_figures_of_a_branch_read_no_other_organisation(
    house: House, secretary: Somebody
) -> None:
    figures, who = house.services.figures, house.posts["书记丙"]
    place, today = house.places["第一支部"], day_of(house.at)
    await figures.of(who, place, today.year, today)
    asked = statements_of(house.services.database)
    assert (await figures.of(who, place, today.year, today)).organisation == "第一支部"
    read = [one for one in asked if "FROM organisation" in one]
    assert read
    assert all("WHERE" in one for one in read)
    # Nor what is late or planned elsewhere.
    late = [one for one in asked if "FROM deadline" in one or "FROM plan_item" in one]
    assert len(late) == 2
    assert all("case_id IN (SELECT case_file.id" in one for one in late)


async def test_where_no_font_is_the_numbers_are_said_and_the_sheet_offered(
    house: House, committee: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_fonts(*_: object) -> tuple[bytes, ...]:
        raise NoFonts

    monkeypatch.setattr("services.figures.files.typeset", no_fonts)
    await committee.says("更多")
    said = await committee.presses("数字")
    assert "没有中文字体" in said
    assert "接收预备党员0人" in said
    assert "表格" in committee.labels
    assert pictures(house) == []


async def test_in_english_the_words_are_english(house: House, committee: Somebody) -> None:
    await committee.says("/language")
    await committee.presses("English")
    await committee.says("More")
    said = await committee.presses("Figures")
    assert "admitted" in said
    assert "Occupations" in committee.labels


Asks = Callable[[Figures, Actor, str, date], Any]
ASKS: dict[str, Asks] = {
    "of": lambda figures, actor, place, day: figures.of(actor, place, day.year, day),
    "picture": lambda figures, actor, place, day: figures.picture(actor, place, day.year, day),
    "sheet": lambda figures, actor, place, day: figures.sheet(actor, place, day.year, day),
    "report": lambda figures, actor, place, day: figures.report(actor, place, day.year, day),
    "behind": lambda figures, actor, place, day: figures.behind(actor, place, day.year),
    "people": lambda figures, actor, place, day: figures.people(actor, place, day.year, 0, 0),
}
SEES = {
    "主任甲": {"组织部", "第一党委", "第一支部", "第二支部"},
    "组织员庚": {"组织部", "第一党委", "第一支部", "第二支部"},
    "委员乙": {"第一党委", "第一支部", "第二支部"},
    "书记丙": {"第一支部"},
    "书记戊": {"第二支部"},
    "介绍丁": set[str](),
}


async def test_each_figure_for_each_role_at_each_place(
    house: House, other_secretary: Somebody, introducer: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drawn(jobs: Sequence[object], _: object) -> tuple[bytes, ...]:
        return tuple(b"x" for _ in jobs)

    monkeypatch.setattr("services.figures.files.typeset", drawn)
    await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    assert set(house.posts) == set(SEES)
    asked = 0
    for name, actor in house.posts.items():
        for place, organisation in house.places.items():
            for what, ask in ASKS.items():
                asking = ask(house.services.figures, actor, organisation, house.at.date())
                if place in SEES[name]:
                    assert await asking is not None, (name, place, what)
                else:
                    with pytest.raises(NotAllowed):
                        await asking
                asked += 1
        found = house.services.figures.published(actor, house.at.year - 1, house.at.date())
        if SEES[name]:
            assert (await found).organisation == "组织部"
        else:
            with pytest.raises(NotAllowed):
                await found
    assert asked == len(SEES) * 4 * len(ASKS)


async def test_reports_are_counted_for_the_department_as_its_register_shows_them(
    house: House, committee: Somebody, lead: Lead
) -> None:
    await lead.to("3")
    figures, director = house.services.figures, house.posts["主任甲"]
    await house.services.reports.register(house.act(), director, "letter", "有人反映。", lead.case)
    await house.services.reports.register(house.act(), director, "phone", "另一件。", None)
    year, today = lead.today.year, lead.today
    whole = await figures.of(director, house.places["组织部"], year, today)
    assert whole.reports is not None
    assert (whole.reports.received, whole.reports.settled) == (2, 0)
    below = await figures.of(director, house.places["第一党委"], year, today)
    assert below.reports is None
    # Appointed in the branch of the case once, they have a part in it: no sum tells them.
    partial = await house.services.people.actor(house.posts["书记丙"].person_id)
    await house.join(director, Role.ORGANISER, "组织部", "组织员辛", 610)
    organiser = house.posts["组织员辛"]
    both = Actor(partial.person_id, partial.name, "zh", organiser.posts)
    seen = await figures.of(both, house.places["组织部"], year, today)
    assert seen.reports is not None
    assert seen.reports.received == 1


async def test_no_such_figure_is_not_found_and_an_altered_sum_is_not_shown(
    house: House, committee: Somebody, lead: Lead
) -> None:
    await lead.to("3")
    figures, officer = house.services.figures, house.posts["委员乙"]
    place = house.places["第一党委"]
    for number in (-1, 999):
        with pytest.raises(NotFound):
            await figures.people(officer, place, lead.today.year, number, 0)
    async with house.services.database.write() as session:
        await session.exec(text("UPDATE figure SET mac = x'00'"))  # type: ignore[call-overload]
    with pytest.raises(RecordAltered):
        await figures.of(officer, place, lead.today.year, lead.today)
