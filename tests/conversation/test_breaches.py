"""核对 and 责任追究 in the chat: what was broken is seen, kept, and assigned by those above."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from benchmarks.statements import statements_of
from domain.calendar.office_hours import day_of
from domain.case.facts import Value
from domain.catalogue import LADDER, read_catalogue
from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import BreachRow
from services.casefile.breaches import Breaches
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from services.core.ports import Moot
from tests.conversation.conftest import House, make_house
from tests.conversation.people import Somebody
from tests.domain.test_date_check import CATALOGUE, HANDLED
from tests.operations.edits import by_hand, found_in
from tests.papers.test_story import files_in
from tests.sheets.test_parts import rows_in


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of()


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> AsyncIterator[House]:
    yield await make_house(database, procedure)
    async with by_hand(database) as connection:
        assert await found_in(connection) == (), "each row fits its MAC, and the head its rows"


def application(received: date) -> dict[str, Value]:
    return {
        "received_on": received,
        "born_on": date(1995, 5, 5),
        "sex": "male",
        "nation": "汉族",
        "education": "college",
        "unit": "第一村村民",
        "occupation": "farmer",
        "first_line": True,
        "handwritten": True,
    }


async def applied(house: House) -> str:
    """An application that came in 20 days ago; gives the case."""
    secretary = house.posts["书记丙"]
    card = await house.services.cases.open(house.act(), secretary, "钱进", house.places["第一支部"])
    received = house.at.date() - timedelta(days=20)
    steps = house.services.steps
    await steps.record(house.act(), secretary, card.case_id, "1", application(received))
    return card.case_id


async def test_the_check_of_dates_leads_on_whatever_it_found(
    house: House, secretary: Somebody
) -> None:
    await applied(house)
    await secretary.says("钱进")
    assert "没有发现问题" in await secretary.presses("核对日期")
    assert secretary.choices == ["看这一件", "待办"]
    house.pass_days(14)
    await secretary.says("钱进")
    assert "有1处要看" in await secretary.presses("核对日期")
    assert secretary.choices == ["更正记录", "看这一件", "待办"]
    await secretary.says("/new")
    await secretary.presses("取消")
    assert (secretary.screen.text, secretary.choices) == ("停下了，什么也没有存。", ["待办"])


@pytest.mark.rule("breaches_kept")
async def test_what_passed_its_date_is_noted_once_and_shown_to_those_above(
    house: House, secretary: Somebody, committee: Somebody, second: Database
) -> None:
    case = await applied(house)
    house.pass_days(14)
    for _ in range(3):
        await house.services.reminders.look(house.at)
        house.pass_days(1)
    async with second.read() as session:
        [row] = (await session.exec(select(BreachRow))).all()
    assert (row.case_id, row.step, row.code, row.rule) == (case, "2", "missed", "talk_in_time")
    assert row.body == "secretary"
    said = await secretary.presses_again(1, f"ck:{case}")
    assert "2 派人谈话" in said
    assert "《细则》第7条" in said
    said = await committee.presses_again(1, "g:v")
    assert "责任追究" in said
    assert "不排名" in said
    assert any("钱进" in label for label in committee.choices)
    await committee.presses("下载表格")
    head, line = rows_in(files_in(house)[-1][1])
    told = dict(zip(head, line, strict=True))
    assert (told["姓名"], told["步骤"], told["由谁办"]) == ("钱进", "2 派人谈话", "支部书记")
    # No sheet tells of a report, as a finding entered too late would.
    finding = house.services.procedure.current.reported
    assert finding is not None
    async with house.services.database.write() as session:
        session.add(BreachRow(**{**row.model_dump(exclude={"id", "mac"}), "step": finding.id}))
    officer = house.posts["委员乙"]
    assert (await house.services.breaches.page(officer)).total == 2
    assert [one.step.id for one in await house.services.breaches.listed(officer)] == ["2"]


async def test_a_page_of_many_breaches_holds_eight_and_one_beyond_the_last_the_last(
    house: House, secretary: Somebody, committee: Somebody
) -> None:
    case, officer, page = await applied(house), house.posts["委员乙"], house.services.breaches.page
    async with house.services.database.write() as session:
        for number in range(9):
            values = {"step": "2", "code": "missed", "rule": "talk_in_time", "source": "N2:7"}
            day = day_of(house.at) + timedelta(days=number)
            also = {"body": "secretary", "day": day, "found_on": day}
            session.add(BreachRow(case_id=case, number=number, **values, **also))
    asked = statements_of(house.services.database)
    first, last = await page(officer), await page(officer, 7)
    assert [len(first.lines), first.number, first.pages, first.total] == [8, 0, 2, 9]
    assert [len(last.lines), last.number, last.pages, last.total] == [1, 1, 2, 9]
    days = [line.day for line in (*first.lines, *last.lines)]
    assert days == sorted(days, reverse=True)
    # The rest isn't even read: a department has thousands.
    assert sum("FROM breach" in one and "LIMIT" in one for one in asked) == 2
    assert not any("breach.mac" in one and "LIMIT" not in one for one in asked)


async def test_what_is_late_is_said_once_and_counted_once(
    house: House, secretary: Somebody, second: Database
) -> None:
    await applied(house)
    house.pass_days(14)
    await house.services.reminders.look(house.at)
    await secretary.says("钱进")
    await secretary.presses("开始填写")
    await secretary.presses("党员甲一")
    await secretary.presses("全部点上")
    summary = await secretary.says("态度端正，家里支持。")
    saved = await secretary.presses("确认，保存")
    for said in (summary, saved):
        assert said.count("已经晚了") == 1
        assert "逾期" not in said
    async with second.read() as session:
        rows = (await session.exec(select(BreachRow))).all()
    assert sorted(row.code for row in rows) == ["missed", "too_late"]
    await secretary.says("钱进")
    assert "核对日期（1处）" in secretary.choices


async def test_a_case_whose_dates_fit_says_so(house: House, secretary: Somebody) -> None:
    case = await applied(house)
    said = await secretary.presses_again(1, f"ck:{case}")
    assert "没有发现问题" in said


@pytest.mark.rule("no_invented_situations")
async def test_an_organisation_assigns_a_situation_of_its_own_catalogue(
    house: House, secretary: Somebody, director: Somebody, second: Database
) -> None:
    await applied(house)
    house.pass_days(16)
    await house.services.reminders.look(house.at)
    said = await director.presses_again(1, "g:v")
    assert "还没有录入情形目录" in said
    catalogue = read_catalogue("ours.toml", CATALOGUE)
    known = house.services.breaches
    services = replace(
        house.services, breaches=Breaches(known.database, known.procedure, catalogue)
    )
    house.services = services
    house.restart()
    await director.presses_again(1, "g:v")
    await director.presses("钱进")
    said = await director.presses("示例情形")
    assert "甲类 · 示例情形" in said
    async with second.read() as session:
        [row] = (await session.exec(select(BreachRow))).all()
    assert row.situation == "1"


async def with_catalogue(house: House, content: str) -> str:
    """A breach that was found, and what the organisation's own catalogue says; gives its id."""
    await applied(house)
    house.pass_days(16)
    await house.services.reminders.look(house.at)
    known = house.services.breaches
    catalogue = read_catalogue("ours.toml", content)
    breaches = Breaches(known.database, known.procedure, catalogue)
    house.services = replace(house.services, breaches=breaches)
    house.restart()
    page = await breaches.page(house.posts["主任甲"])
    return page.lines[0].breach_id


@pytest.mark.rule("breaches_dealt_with")
async def test_who_has_the_power_enters_treatment_and_result(
    house: House, committee: Somebody, secretary: Somebody, director: Somebody, second: Database
) -> None:
    breach = await with_catalogue(house, CATALOGUE + HANDLED)
    await director.presses_again(1, f"b1:{breach}")
    said = await director.presses("示例情形")
    assert "程序：示例程序" in said
    assert "由谁处理：上级党委" in said
    due = house.at.date() + timedelta(days=30)
    assert f"期限：{due.year}年{due.month}月{due.day}日以前" in said
    assert "写处理结果" not in director.choices
    assert "不归您管" in await director.presses_again(1, f"b3:{breach}")

    house.pass_days(30)
    await committee.presses_again(1, f"b1:{breach}")
    await committee.presses("写处理结果")
    assert "请按下面的按钮" in await committee.says("批评教育")
    await committee.presses("示例处理甲")
    for wrong in ("不够", "长" * 501):
        assert "请用文字写，4到500个字。什么都没有存。" in await committee.says(wrong)
    said = await committee.says("已经谈话，当面改正。")
    assert "处理：示例处理甲" in said
    async with second.read() as session:
        assert (await session.exec(select(BreachRow))).one().treated_on is None
    said = await committee.presses("确认，保存")
    assert "结果：已经谈话，当面改正。" in said
    assert "处理超过了期限" not in said
    async with second.read() as session:
        row = (await session.exec(select(BreachRow))).one()
        assert (row.treatment, row.result) == ("word", "已经谈话，当面改正。")
        assert (row.due_on, row.treated_on) == (due, due)
    await director.presses_again(1, f"b1:{breach}")
    assert "示例情形" not in director.choices
    for data in (f"b2:{breach}:0", f"b3:{breach}"):
        await committee.presses_again(1, data)
    await committee.presses_again(1, "br:0")
    assert any("已处理" in label for label in committee.choices)
    async with second.read() as session:
        assert (await session.exec(select(BreachRow))).one().result == "已经谈话，当面改正。"


@pytest.mark.rule("breaches_dealt_with")
async def test_what_the_catalogue_leaves_out_is_said_and_the_day_after_is_late(
    house: House, committee: Somebody, secretary: Somebody, director: Somebody
) -> None:
    breach = await with_catalogue(house, CATALOGUE + "days = 30\n")
    await director.presses_again(1, f"b1:{breach}")
    said = await director.presses("示例情形")
    assert "程序：目录里没有写" in said
    assert "由谁处理：目录里没有写" in said
    house.pass_days(31)
    await director.presses("写处理结果")
    await director.says("已经按规定处理。")
    said = await director.presses("确认，保存")
    assert "处理：目录里没有写" in said
    assert "处理超过了期限" in said


@pytest.mark.rule("breaches_reminded", "breaches_dealt_with")
async def test_whoever_has_the_power_is_reminded_and_in_the_end_the_level_above(
    house: House, committee: Somebody, secretary: Somebody, director: Somebody
) -> None:
    organiser = await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600)
    breach = await with_catalogue(house, CATALOGUE + HANDLED)
    await director.presses_again(1, f"b1:{breach}")
    await director.presses("示例情形")
    due, told = house.at.date() + timedelta(days=30), list[tuple[int, list[bool]]]()
    everybody = (committee, organiser, director, secretary)
    await delivered(house)
    # Day by day, and twice a day: what was said isn't said again.
    while (due - house.at.date()).days > -60:
        house.pass_days(1)
        before = [set(person.chat) for person in everybody]
        for _ in range(2):
            await house.services.assigned.remind(house.at)
        await delivered(house)
        heard = [set(p.chat) != b for p, b in zip(everybody, before, strict=True)]
        if any(heard):
            told.append(((due - house.at.date()).days, heard))
    alone, above = [True, False, False, False], [True, True, False, False]
    assert [heard for _, heard in told] == [alone] * 5 + [above]
    # A rung that falls on a day of rest is told on the next working day.
    assert [days <= rung for (days, _), rung in zip(told, LADDER, strict=True)] == [True] * 6
    assert [days for days, _ in told][:2] == [7, 1]
    assert "已过" in committee.screen.text
    assert "请按目录处理，把结果写下来" in committee.screen.text
    assert "还没有处理，由上级党委办，请督促" in organiser.screen.text
    await committee.presses("打开")
    await committee.presses("写处理结果")
    await committee.presses("示例处理甲")
    await committee.says("已经谈话，当面改正。")
    await committee.presses("确认，保存")
    house.pass_days(400)
    assert await house.services.assigned.remind(house.at) == 0


async def test_nothing_is_said_of_what_was_dealt_with_before_it_went_out(
    house: House, committee: Somebody, secretary: Somebody, director: Somebody
) -> None:
    """And before its first day nobody is reminded."""
    breach = await with_catalogue(house, CATALOGUE + HANDLED)
    await director.presses_again(1, f"b1:{breach}")
    await director.presses("示例情形")
    house.pass_days(20)
    assert await house.services.assigned.remind(house.at) == 0
    house.pass_days(6)
    assert await house.services.assigned.remind(house.at) == 1
    act, actor = house.act(), house.posts["委员乙"]
    await house.services.breaches.treat(act, actor, breach, "word", "已经谈话，当面改正。")
    before = set(committee.chat)
    await delivered(house)
    assert set(committee.chat) == before


async def delivered(house: House) -> None:
    """What waits goes out, or turns out to be settled."""
    notifier = Notifier(house.line.bot, house.services, house.now)
    for message in await house.services.outgoing.claim(house.now(), "w"):
        with suppress(Moot):
            await notifier.deliver(message)
        await house.services.outgoing.moot(message.ids)


async def test_a_branch_neither_sees_the_list_nor_assigns(
    house: House, secretary: Somebody, other_secretary: Somebody, second: Database
) -> None:
    case = await applied(house)
    house.pass_days(16)
    await house.services.reminders.look(house.at)
    async with second.read() as session:
        [row] = (await session.exec(select(BreachRow))).all()
    for person in (secretary, other_secretary):
        for data in ("g:v", "br:0", f"b1:{row.id}", f"b2:{row.id}:0", f"b3:{row.id}"):
            said = await person.presses_again(1, data)
            assert "不归您管" in said
    assert "钱进" not in await other_secretary.presses_again(1, f"ck:{case}")
    async with second.read() as session:
        assert (await session.exec(select(BreachRow))).one().situation == ""
