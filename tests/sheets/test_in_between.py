"""What happens between two lines of a sheet, or between preview and confirmation: a power cut, no
database, somebody else. What is said then is true, and each line counts once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import EditMessageText, SendMessage
from sqlalchemy import text
from sqlmodel import select

import services.core.database
import services.sheets.sheets
from domain.rulebook.schema import Role
from handlers.staff.common import progress
from models import CaseFile, EntryRow, Person
from services.sheets import parallel_judging
from services.sheets.views import TakenOver
from tests.cases.conftest import Lead
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import comma, today, xlsx

ROWS = 12
PRESSED = SendMessage(chat_id=1, text="x")


class PowerCut:
    """Breaks off at some passing of a commit of an act: before it, nothing of the line is stored;
    after it, all is and nobody hears of it."""

    def __init__(self, point: str, left: int) -> None:
        self.point, self.left = point, left

    def __call__(self, point: str) -> None:
        self.left -= point == self.point
        if point == self.point and self.left == 0:
            raise OSError("no space left")


async def people(house: House) -> list[str]:
    async with house.services.database.read() as session:
        return sorted(str(row.person) for row in await session.exec(select(CaseFile)))


def twelve(house: House) -> bytes:
    applied = today(house) - timedelta(days=30)
    return xlsx(("姓名", "申请", "谈话"), *((f"某{n:02}某", applied, "") for n in range(ROWS)))


def talked(house: House) -> bytes:
    """The same twelve, and on which day each was talked to."""
    day = today(house)
    applied = day - timedelta(days=100)
    rows = ((f"某{n:02}某", applied, applied + timedelta(days=n)) for n in range(ROWS))
    return xlsx(("姓名", "申请", "谈话"), *rows)


@pytest.mark.parametrize("point", ["act.before", "act.after"])
async def test_broken_off_it_goes_on_where_it_was_and_says_the_whole_number(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    names = [f"某{n:02}某" for n in range(ROWS)]
    await secretary.shows_document(twelve(house), name="a.xlsx")
    confirm = secretary.button("确认接入")
    # Two lines a commit, so that there are some to break off between.
    monkeypatch.setattr(services.sheets.sheets, "ENTRIES", (2, 2, 2))
    with monkeypatch.context() as fault:
        fault.setattr(services.core.database, "failpoint", PowerCut(point, 4))
        with pytest.raises(OSError, match="no space"):
            await secretary.presses_again(*confirm)
    entered = await people(house)
    assert 0 < len(entered) < ROWS
    # Fed again as the worker does, or pressed again by whoever heard nothing: the same.
    assert f"接入了{ROWS}人" in await secretary.is_handled_again()
    assert await people(house) == names
    await secretary.presses_again(*confirm)
    assert await people(house) == names
    assert f"接入了{ROWS}人" in secretary.screen.text

    undo = secretary.button("撤销接入")
    with monkeypatch.context() as fault:
        fault.setattr(services.core.database, "failpoint", PowerCut(point, 6))
        with pytest.raises(OSError, match="no space"):
            await secretary.presses_again(*undo)
    assert 0 < len(await people(house)) < ROWS
    # Half of it is undone: it can't be taken over any more, and undoing goes on.
    assert "这次接入已经撤销" in await secretary.presses_again(*confirm)
    assert f"撤销了{ROWS}人" in await secretary.presses_again(*undo)
    assert "保留" not in secretary.screen.text
    assert await people(house) == []
    await secretary.presses_again(*undo)
    assert f"撤销了{ROWS}人" in "".join(seen.text for seen in secretary.chat.values())
    assert await house.services.database.broken_chains() == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("known", [False, True])
async def test_an_update_goes_before_the_next_commit_of_a_sheet(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    services_of, actor, done = house.services, house.posts["书记丙"], list[str]()
    sheets, database = services_of.sheets, services_of.database
    if known:
        first = await sheets.preview(actor, twelve(house), house.at)
        await sheets.confirm(house.act(), actor, first.sheet_id)
    sent = talked(house) if known else twelve(house)
    said = await sheets.preview(actor, sent, house.at)
    assert (said.changed if known else said.new) == ROWS
    monkeypatch.setattr(services.sheets.sheets, "ENTRIES", (4, 4, 4))
    # As long as it takes: the order is asked for, not the time.
    monkeypatch.setattr(services.core.database, "YOUNG", 3600.0)
    monkeypatch.setattr(services.core.database, "PATIENCE", 3600.0)
    updates = list[asyncio.Task[None]]()

    async def update() -> None:
        for step in ("stored", "entered", "ended"):
            # More than once: each time the sheet could go on.
            for _ in range(5):
                await asyncio.sleep(0)
            await database.at_once("update", lambda _: None)
            done.append(step)
        database.in_hand.end("update")

    async def told(_done: int, _of: int) -> None:
        done.append("lines")
        # It comes in while the second commit is over and the third isn't begun.
        if done.count("lines") == 2:
            database.in_hand.begin("update")
            updates.append(asyncio.create_task(update()))

    taken = await sheets.confirm(house.act(), actor, said.sheet_id, told)
    await asyncio.gather(*updates)
    assert taken.entered == ROWS
    assert done[:6] == ["lines", "lines", "stored", "entered", "ended", "lines"]

    # Of one that doesn't end the sheet waits no longer than it has patience, and of an old one not.
    done.clear()
    monkeypatch.setattr(services.core.database, "PATIENCE", 0.0)
    database.in_hand.begin("endless")
    undone = await sheets.undo(house.act(), actor, said.sheet_id)
    assert undone.undone == ROWS


async def test_what_takes_long_says_how_far_it_is(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(parallel_judging, "PART", 5)
    monkeypatch.setattr(services.sheets.sheets, "ENTRIES", (5, 5, 5))
    await secretary.shows_document(twelve(house), name="a.xlsx")
    await secretary.presses("确认接入")
    await secretary.presses("撤销接入")
    words = [call.text for call in house.line.telegram.calls
             if isinstance(call, SendMessage | EditMessageText)]  # fmt: skip
    for what in ("已读", "已接入", "已撤销"):
        for part in ("5 / 12", "10 / 12"):
            assert any(f"{what} {part}" in word for word in words), (what, part, words)
    # The word goes when it is done.
    assert not any(" / 12" in seen.text for seen in secretary.chat.values())


@pytest.mark.parametrize(
    "failure",
    [
        TelegramNetworkError(PRESSED, "connection reset"),
        TelegramForbiddenError(PRESSED, "bot was blocked by the user"),
        TelegramRetryAfter(PRESSED, "flood control", 30),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_word_on_progress_that_fails_ends_no_taking_over(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    await secretary.shows_document(twelve(house), name="a.xlsx")
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    house.line.telegram.failures = [failure]
    assert f"接入了{ROWS}人" in await secretary.presses("确认接入")
    assert house.line.telegram.failures == []
    assert len(await people(house)) == ROWS


async def test_a_day_later_it_is_said_why_nothing_can_be_undone(
    house: House, secretary: Somebody, committee: Somebody
) -> None:
    await secretary.shows_document(twelve(house), name="a.xlsx")
    confirm = secretary.button("确认接入")
    await secretary.presses("确认接入")
    undo = secretary.button("撤销接入")
    # Whoever sent nothing is told no more than if there were nothing.
    assert "不是您发的" in await committee.presses_again(0, confirm[1])
    said = await committee.presses_again(0, undo[1])
    assert "撤销了" not in said
    assert "超过一天" not in said
    assert len(await people(house)) == ROWS

    house.pass_days(2)
    assert "接入超过一天，不能撤销了" in await secretary.presses_again(*undo)
    # Another sheet deletes the lines of what can't be undone; then nought would be said.
    applied = today(house) - timedelta(days=30)
    await secretary.shows_document(xlsx(("姓名", "申请"), ("新来", applied)), name="b.xlsx")
    said = await secretary.presses_again(*confirm)
    assert "早已接入" in said
    assert "接入了0人" not in said
    staged = secretary.button("确认接入")
    await secretary.shows_document(xlsx(("姓名", "申请"), ("后来", applied)), name="c.xlsx")
    assert "您又发过别的" in await secretary.presses_again(*staged)
    assert len(await people(house)) == ROWS


async def test_lines_changed_by_hand_are_not_passed_over_in_silence(
    house: House, secretary: Somebody
) -> None:
    await secretary.shows_document(twelve(house), name="a.xlsx")
    harm = text("UPDATE sheet_part SET number = number + 9")
    mend = text("UPDATE sheet_part SET number = number - 9")
    confirm = secretary.button("确认接入")
    async with house.services.database.engine.begin() as connection:
        await connection.execute(harm)
    # They would be missing, and it would be said that the sheet was entered long ago.
    assert "在程序之外被改过" in await secretary.presses_again(*confirm)
    assert await people(house) == []
    async with house.services.database.engine.begin() as connection:
        await connection.execute(mend)
    assert f"接入了{ROWS}人" in await secretary.presses_again(*confirm)
    undo = secretary.button("撤销接入")
    async with house.services.database.engine.begin() as connection:
        await connection.execute(harm)
    assert "在程序之外被改过" in await secretary.presses_again(*undo)
    assert len(await people(house)) == ROWS


async def test_one_list_that_two_people_send_is_entered_once(
    house: House, secretary: Somebody, committee: Somebody
) -> None:
    rows = [("第一支部", f"某{n}某", today(house) - timedelta(days=30 + n)) for n in range(3)]
    sent = xlsx(("党支部", "姓名", "申请"), *rows)
    for one in (secretary, committee):
        assert "新3" in await one.shows_document(sent, name="a.xlsx")
    assert "接入了3人" in await secretary.presses("确认接入")
    said = await committee.presses("确认接入")
    assert "接入了0人" in said
    assert "第2、3、4行没有接入" in said
    assert "撤销" not in said
    assert "撤销接入" not in committee.labels
    assert len(await people(house)) == 3

    roster = comma(("党支部", "姓名"), ("第一支部", "周一"), ("第一支部", "周二"))
    for one in (secretary, committee):
        assert "新2" in await one.shows_document(roster, name="a.csv")
    assert "接入了2人" in await secretary.presses("确认接入")
    assert "接入了0人" in await committee.presses("确认接入")
    async with house.services.database.read() as session:
        names = [str(row.name) for row in await session.exec(select(Person))]
    assert names.count("周一") == 1


async def test_two_of_one_name_in_one_sheet_are_two_people_also_after_a_power_cut(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied = today(house) - timedelta(days=30)
    rows = [("王芳", applied, "1990-01-02"), ("王 芳", applied, "1991-01-02")]
    await secretary.shows_document(xlsx(("姓名", "申请", "出生日期"), *rows), name="a.xlsx")
    monkeypatch.setattr(services.sheets.sheets, "ENTRIES", (1, 1, 1))
    with monkeypatch.context() as fault:
        fault.setattr(services.core.database, "failpoint", PowerCut("act.after", 2))
        with pytest.raises(OSError, match="no space"):
            await secretary.presses("确认接入")
    assert "接入了2人" in await secretary.is_handled_again()
    assert await people(house) == ["王芳", "王芳"]


async def standing(house: House) -> list[tuple[str, date, bool]]:
    """Entries that count: step, day, whether a sheet brought them."""
    async with house.services.database.read() as session:
        rows = [row for row in await session.exec(select(EntryRow)) if row.replaced_by is None]
    return sorted((row.step, row.done_on, bool(row.sheet_id)) for row in rows)


@on_both
async def test_a_changed_case_is_entered_as_a_whole_or_not_and_undone_to_what_it_was(
    house: House, secretary: Somebody
) -> None:
    sheets, actor = house.services.sheets, house.posts["书记丙"]
    applied, talked = (today(house) - timedelta(days=days) for days in (60, 50))
    head = ("姓名", "申请", "谈话", "积极分子")

    async def staged(*row: object) -> str:
        said = await sheets.preview(actor, xlsx(head, row), house.at)
        assert (said.refused, len(said.sheet_id) > 0) == ((), True)
        return said.sheet_id

    async def entered(sheet: str) -> TakenOver:
        return await sheets.confirm(house.act(), actor, sheet)

    await entered(await staged("李远", applied, talked, ""))
    first = await standing(house)
    later = talked + timedelta(days=3)
    changed = await staged("李远", applied, later, later + timedelta(days=9))
    assert (await entered(changed)).entered == 1
    assert [(step, day) for step, day, _ in await standing(house)] == [
        ("1", applied), ("2", later), ("3", later + timedelta(days=9))
    ]  # fmt: skip
    undone = await sheets.undo(house.act(), actor, changed)
    assert (undone.undone, undone.left) == (1, 0)
    assert await standing(house) == first
    assert await house.services.database.broken_chains() == ()

    # Between preview and confirmation the third step is entered in the chat.
    changed = await staged("李远", applied, later, later + timedelta(days=9))
    async with house.services.database.read() as session:
        case = (await session.exec(select(CaseFile.id))).one()
    lead = Lead(house, "李远", case, actors={Role.SECRETARY: actor})
    step = (await lead.card()).progress.next
    assert step is not None
    await lead.take(step.step)
    before = await standing(house)
    taken = await entered(changed)
    assert (taken.entered, taken.left) == (0, (2,))
    assert await standing(house) == before
    undone = await sheets.undo(house.act(), actor, changed)
    assert (undone.undone, undone.left) == (0, 0)
    assert await standing(house) == before


async def test_a_branch_that_was_taken_away_keeps_out_its_lines_and_no_others(
    house: House, secretary: Somebody
) -> None:
    sheets, actor = house.services.sheets, house.posts["书记丙"]
    said = await sheets.preview(actor, twelve(house), house.at)
    taken = await sheets.confirm(house.act(), replace(actor, posts=()), said.sheet_id)
    assert (taken.entered, len(taken.left)) == (0, ROWS)
    assert await people(house) == []
    assert (await sheets.confirm(house.act(), actor, said.sheet_id)).entered == ROWS
    undone = await sheets.undo(house.act(), replace(actor, posts=()), said.sheet_id)
    assert (undone.undone, undone.left) == (0, ROWS)
    assert len(await people(house)) == ROWS
