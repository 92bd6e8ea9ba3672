# ruff: noqa: E501 (the rulebook's own lines)
"""培训班: asked once, entered for thirty people; where one can't be, for nobody."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from domain.calendar.calendar import WorkCalendar
from domain.rosters import NotEntered, RosterFault, class_step, matched, names_in
from domain.rulebook.reading.reader import load
from models import AuditLine, ClassPlace, ClassRow, EntryRow
from services.casefile.procedure import Procedure
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

TINY = """
id = "tiny"
version = "1"
in_force = 2026-01-01
title = { zh = "小规程", en = "Small rules" }
report_days = 7
findings = [{ id = "untrue", text = { zh = "失实", en = "Untrue" }, effect = "go_on", source = "P" }]
stages = [{ id = "apply", title = { zh = "申请", en = "Application" } }]
[[steps]]
id = "1"
title = { zh = "申请", en = "Application" }
stage = "apply"
kind = "record"
actors = ["secretary"]
source = "P"
strength = "advised"
day = "on"
fields = [{ id = "on", type = "date", label = { zh = "哪一天？", en = "On which day?" } }]
[[steps]]
id = "11"
title = { zh = "集中培训", en = "Training" }
stage = "apply"
kind = "record"
actors = ["committee"]
source = "N17"
strength = "legal"
day = "on"
after = ["1"]
in_class = true
fields = [
  { id = "on", type = "date", label = { zh = "哪一天结束？", en = "When did it end?" } },
  { id = "days", type = "number", minimum = 3, maximum = 60, label = { zh = "几天？", en = "How many days?" }, rule = { id = "training_days", source = "N17", strength = "legal", text = { zh = "不少于三天", en = "Three days or more" } } },
]
"""
THIRTY = [f"学员{one}{two}" for one in "甲乙丙" for two in "一二三四五六七八九十"]


@pytest.fixture
def procedure(tmp_path: Path) -> Procedure:
    (tmp_path / "tiny.toml").write_text(TINY, "utf-8")
    return Procedure(load("tiny", tmp_path), partial(load, folder=tmp_path), WorkCalendar())


async def opened(house: House, *names: str, applied: bool = True) -> None:
    secretary, branch = house.posts["书记丙"], house.places["第一支部"]
    for name in names:
        card = await house.services.cases.open(house.act(), secretary, name, branch)
        if applied:
            day = {"on": house.at.date() - timedelta(days=9)}
            await house.services.steps.record(house.act(), secretary, card.case_id, "1", day)


async def entered(committee: Somebody, roster: str = "", name: str = "2026年第一期") -> str:
    await committee.says("更多")
    await committee.presses("培训班")
    await committee.presses("登记一期")
    await committee.says(name)
    await (committee.says(roster) if roster else committee.presses("学员甲一、"))
    await committee.presses("今天")
    await committee.presses("3")
    return await committee.presses("确认，保存")


async def trained(second: Database) -> list[EntryRow]:
    async with second.read() as session:
        return list(await session.exec(select(EntryRow).where(EntryRow.step == "11")))


def test_names_are_read_as_they_are_pasted() -> None:
    assert names_in("1. 王 芳\n2、李秀兰\n（3）\n陆小满、孟和, 白音") == (
        "王芳", "李秀兰", "(3)", "陆小满", "孟和", "白音",
    )  # fmt: skip
    known = {"a": "王芳", "b": "李秀兰", "c": "李秀兰"}
    ids, wrong = matched(("王芳", "王 芳", "李秀兰", "某人"), known)
    assert ids == ("a",)
    assert wrong == (
        NotEntered("王 芳", RosterFault.TWICE),
        NotEntered("李秀兰", RosterFault.SEVERAL),
        NotEntered("某人", RosterFault.UNKNOWN),
    )


def test_the_national_training_is_held_in_classes() -> None:
    for name in ("yakeshi", "national_2026"):
        step = class_step(load(name))
        assert step is not None
        assert step.id == "11"


@pytest.mark.rule("classes_by_batch")
@pytest.mark.parametrize("names", [THIRTY[:6], pytest.param(THIRTY, marks=pytest.mark.slow)])
async def test_all_of_a_class_are_entered_at_once_each_in_their_case(
    house: House, secretary: Somebody, committee: Somebody, second: Database, names: list[str]
) -> None:
    await opened(house, *names)
    said = await entered(committee)
    assert f"已登记：2026年第一期（第一党委，2026年11月23日结束，{len(names)}人）" in said
    rows = await trained(second)
    assert len({row.case_id for row in rows}) == len(rows) == len(names)
    assert all(row.answers == {"on": date(2026, 11, 23), "days": 3} for row in rows)
    async with second.read() as session:
        [held] = (await session.exec(select(ClassRow))).all()
        places = (await session.exec(select(ClassPlace))).all()
        lines = (await session.exec(select(AuditLine).where(AuditLine.act == "record_step"))).all()
    assert (held.name, held.step) == ("2026年第一期", "11")
    assert {place.entry_id for place in places} == {row.id for row in rows}
    assert len(lines) == 2 * len(names)
    await committee.is_handled_again()
    assert len(await trained(second)) == len(names)
    await committee.presses_again(1, "g:z")
    assert names[-1] in await committee.presses("2026年第一期")
    assert not await house.services.classes.ready(house.posts["委员乙"], house.at.date())


@pytest.mark.rule("classes_by_batch")
async def test_who_is_not_ready_is_named_with_the_reason_and_nobody_is_entered(
    house: House, secretary: Somebody, committee: Somebody, second: Database
) -> None:
    await opened(house, "学员甲一", "学员甲二", "学员乙一", "学员乙一")
    await opened(house, "学员丙一", applied=False)
    said = await entered(committee, "学员甲一\n学员甲二\n学员甲二\n学员乙一\n学员丙一\n某人")
    assert "有4人不能登记，名单上的人都没有存：" in said
    for line in ("学员甲二：写了两次", "学员乙一：不止一个人叫这个名字", "某人：名册上没有这个人"):
        assert line in said
    assert "学员丙一：" in said
    assert "还不到这一步，先要办完第1步。（《细则》第17条）" in said
    assert await trained(second) == []
    async with second.read() as session:
        assert (await session.exec(select(ClassRow))).all() == []
    await committee.changes("哪些人结业了")
    await committee.says("学员甲一、学员甲二")
    assert "2人）" in await committee.presses("确认，保存")
    assert len(await trained(second)) == 2
    said = await entered(committee, "学员甲一")
    assert "学员甲一：" in said
    assert len(await trained(second)) == 2


async def test_too_few_days_are_refused_before_anything_and_who_may_not_sees_nothing(
    house: House, secretary: Somebody, committee: Somebody, other_secretary: Somebody
) -> None:
    await opened(house, "学员甲一")
    await committee.presses_again(1, "tn")
    await committee.says("第一期")
    await committee.says("学员甲一")
    await committee.presses("今天")
    assert "不能小于3" in await committee.says("2")
    for person in (secretary, other_secretary):
        for data in ("g:z", "tn", "tc:nothing"):
            assert "不归您管" in await person.presses_again(1, data)
