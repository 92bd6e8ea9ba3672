"""What moves a case on stands before what only comes again some day, one's own before others'."""

from datetime import timedelta

from sqlmodel import select

from domain.case.facts import DateKind
from models import DeadlineRow
from services.casefile.follows import next_look
from tests.cases.conftest import Lead
from tests.conversation.people import Somebody


def _open(said: str) -> list[str]:
    """The lines of 待办 about the time of observation."""
    return [line for line in said.splitlines() if " · 5a" in line or " · 6" in line]


async def test_the_next_step_stands_before_a_review_that_is_due_next_year(
    lead: Lead, secretary: Somebody
) -> None:
    await lead.to("5a")
    said = await secretary.says("待办")
    lines = _open(said)
    assert [line.split(" · ")[1][:2] for line in lines] == ["5a", "6a"]
    assert lines[0].startswith("1. ")
    assert "还有" in lines[1]
    (review,) = [item for item in (await lead.card()).progress.open if item.step.id == "6a"]
    lead.wait(review.deadlines[0].on)
    said = await secretary.says("待办")
    assert [line.split(" · ")[1][:2] for line in _open(said)] == [
        "6a",
        "5a",
    ]


async def test_what_comes_again_counts_neither_as_done_nor_as_a_step(
    lead: Lead, secretary: Somebody
) -> None:
    def head(said: str) -> str:
        return next(line for line in said.splitlines() if "已办" in line and "步" in line)

    await lead.to("7")
    before = head(await secretary.says("张三"))
    again = next(i for i in (await lead.card()).progress.open if i.step.repeats)
    lead.wait(again.deadlines[0].on)
    await lead.take(again.step)
    progress = (await lead.card()).progress
    assert any(entry.step == again.step.id for entry in progress.done)
    assert head(await secretary.says("张三")) == before
    left = [item.step for item in progress.open if not item.step.repeats] + list(progress.later)
    assert f"已办{progress.total - len(left)}/{progress.total}步" in before


async def test_each_row_opens_its_own_form_and_one_done_meanwhile_shows_the_card(
    lead: Lead, secretary: Somebody
) -> None:
    """The card begins with the step that is next, which needn't be the one of the row."""
    await lead.to("5a")
    await secretary.says("待办")
    labels = [label for label in secretary.choices if "张三" in label]
    assert labels == ["1. 张三 · 填写", "2. 张三 · 填写"]
    second = await secretary.presses("2. 张三 · 填写")
    assert "张三 · 6a 半年考察 · 1/" in second
    await secretary.says("待办")
    assert "张三 · 5a" in await secretary.presses("1. 张三 · 填写")
    await secretary.says("待办")
    first = await lead.card()
    await lead.take(next(item.step for item in first.progress.open if item.step.id == "5a"))
    said = await secretary.presses("1. 张三 · 填写")
    assert "已经办过" in said
    assert "下一步" in said


async def test_the_year_of_observation_is_announced_five_days_before_it_is_over(lead: Lead) -> None:
    await lead.to("6")
    async with lead.house.services.database.read() as session:
        rows = await session.exec(select(DeadlineRow).where(DeadlineRow.limit_id == "one_year"))
        (row,) = rows
    day, before = row.due_on, row.due_on - timedelta(days=30)
    told = next_look(day, row.kind, row.ladder, before)
    assert told == day - timedelta(days=5)
    assert next_look(day, row.kind, row.ladder, told) == day
    assert next_look(day, row.kind, (), before) == day


async def test_ones_own_stands_before_what_others_are_late_with(
    lead: Lead, secretary: Somebody
) -> None:
    await lead.to("4")
    async with lead.house.services.database.read() as session:
        rows = (await session.exec(select(DeadlineRow).where(DeadlineRow.kind != "earliest"))).all()
    theirs, own = sorted(rows, key=lambda row: row.step)
    assert (theirs.step, own.step, theirs.due_on) == ("4", "5", own.due_on)
    items = [[row.case_id, row.step, row.limit_id] for row in (theirs, own)]
    late = own.due_on + timedelta(days=1)
    me, reminders = lead.house.posts["书记丙"], lead.house.services.reminders
    lines = await reminders.lines(me, {"items": items}, late)
    assert [(line.step.id, line.mine) for line in lines] == [("5", True), ("4", False)]


async def test_a_step_that_should_wait_says_from_when_and_can_be_entered_all_the_same(
    lead: Lead, secretary: Somebody
) -> None:
    """Nine months of probation are advised before the visit (P): the next step must not send
    anybody there in the first week."""
    await lead.to("21a")
    visit = next(item for item in (await lead.card()).progress.open if item.step.id == "21a")
    first = min(d.on for d in visit.deadlines if d.kind is DateKind.EARLIEST)
    assert visit.possible

    lead.wait(first - timedelta(days=1))
    assert f"{first.month}月{first.day}日起办为好，最迟" in await secretary.says("张三")

    lead.wait(first)
    assert "起办为好" not in await secretary.says("张三")
