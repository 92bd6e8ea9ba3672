"""书记的一周: one picture of the branch on the first working day, with that morning's reminders."""

from collections.abc import Sequence
from datetime import date, datetime, time

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessage, SendPhoto
from aiogram.types import BufferedInputFile
from sqlmodel import select

from domain.calendar.office_hours import ZONE
from models import OutgoingRow, Preference
from papers.glance import Point, Stretch, Walker, way, week
from papers.processes.typesetting import Job, NoFonts, typeset
from scheduler.jobs import Jobs
from services.core.database import Database
from services.reminders import digests
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_notifier import deliver_all

MONDAYS = (date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7))
DRAWN = "services.papers.glances.typeset"


async def morning(house: House, jobs: Jobs, day: date) -> list[SendPhoto | SendMessage]:
    """What is said on a morning at 8:31, and five hours later."""
    before = len(house.line.telegram.calls)
    for at in (time(8, 31), time(13, 31)):
        house.at = datetime.combine(day, at, ZONE)
        await jobs.look()
        await deliver_all(house)
    calls = house.line.telegram.calls[before:]
    return [call for call in calls if isinstance(call, SendPhoto | SendMessage)]


@pytest.fixture
def jobs(house: House) -> Jobs:
    return Jobs(house.services, house.now, lambda: None)


async def test_one_message_with_a_picture_on_monday_and_none_once_it_is_switched_off(
    house: House, lead: Lead, secretary: Somebody, jobs: Jobs, second: Database
) -> None:
    await lead.to("2")
    said = await morning(house, jobs, MONDAYS[0])
    (shown,) = [call for call in said if call.chat_id == secretary.chat_id]
    assert isinstance(shown, SendPhoto)
    assert isinstance(shown.photo, BufferedInputFile)
    assert shown.photo.data.startswith(b"\x89PNG")
    assert "这一周 · 第一支部" in secretary.screen.text
    assert "正在办1人。" in secretary.screen.text
    assert await morning(house, jobs, date(2026, 11, 24)) == []
    assert "不再发" in await secretary.presses("不再每周发")
    async with second.read() as session:
        assert [row.weekly for row in await session.exec(select(Preference))] == [False]
    said = await morning(house, jobs, MONDAYS[1])
    assert [call for call in said if isinstance(call, SendPhoto)] == []
    assert "每周一8:30" in await secretary.presses("每周一的支部图：发")
    (shown,) = [one for one in await morning(house, jobs, MONDAYS[2]) if isinstance(one, SendPhoto)]
    assert shown.chat_id == secretary.chat_id


async def missed(lead: Lead) -> tuple[date, date]:
    """The day of a step that nobody takes, and the Monday after it."""
    await lead.to("2")
    limit = (await lead.card()).progress.next
    assert limit is not None
    due = limit.deadlines[0].on
    return due, next(day for day in mondays_from(due) if day > due)


async def test_the_reminders_of_that_morning_stand_below_the_picture(
    house: House,
    lead: Lead,
    secretary: Somebody,
    jobs: Jobs,
    second: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is said twice in a day, and nothing is lost where there is no picture."""
    drawn: list[Job] = []

    async def noted(asked: Sequence[Job], fonts: object) -> tuple[bytes, ...]:
        drawn.extend(asked)
        return (b"\x89PNG",) if len(drawn) == 1 else await no_fonts()

    async def no_fonts() -> tuple[bytes, ...]:
        raise NoFonts

    monkeypatch.setattr(DRAWN, noted)
    due, monday = await missed(lead)
    refused = TelegramBadRequest(SendMessage(chat_id=1, text="x"), "Bad Request: PHOTO_INVALID")
    house.line.telegram.failures.append(refused)
    said = [one for one in await morning(house, jobs, monday) if one.chat_id == secretary.chat_id]
    assert [type(one) for one in said] == [SendPhoto, SendMessage], "refused, the words go alone"
    text = secretary.screen.text
    line = f"张三 · 派人谈话 · 已过{(monday - due).days}天"
    assert "这一周" in text
    assert text.count(line) == 1
    assert len(line) <= 20
    assert secretary.labels[-3:] == ["过几天再说", "待办", "不再每周发"]
    [walker] = drawn[0].data["walkers"]
    assert (walker["person"], walker["stage"], walker["urgency"]) == ("张三", 0, "overdue")
    async with second.read() as session:
        rows = (await session.exec(select(OutgoingRow))).all()
    assert [(row.kind, row.state) for row in rows if row.person_id == _id(house)] == [
        ("week", "sent")
    ]


async def test_what_no_longer_fits_into_the_row_of_the_week_goes_out_in_its_message(
    house: House,
    lead: Lead,
    secretary: Somebody,
    jobs: Jobs,
    second: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(digests, "LONG", 1)
    due, monday = await missed(lead)
    said = [one for one in await morning(house, jobs, monday) if one.chat_id == secretary.chat_id]
    assert [type(one) for one in said] == [SendPhoto]
    assert f"张三 · 派人谈话 · 已过{(monday - due).days}天" in secretary.screen.text
    async with second.read() as session:
        rows = (await session.exec(select(OutgoingRow))).all()
    mine = sorted((row.kind, row.state, row.merged) for row in rows if row.person_id == _id(house))
    # The next digest takes the place of the last one, never of the picture.
    assert mine == [("digest", "sent", True), ("week", "sent", False)]


async def test_who_leads_the_branch_no_more_still_gets_the_reminders(
    house: House, lead: Lead, secretary: Somebody, jobs: Jobs
) -> None:
    """Queued at half past eight; that somebody else leads the branch is known a moment later."""
    due, monday = await missed(lead)
    house.at = datetime.combine(monday, time(8, 31), ZONE)
    await jobs.look()
    async with house.services.database.write() as session:
        [row] = (await session.exec(select(OutgoingRow).where(OutgoingRow.kind == "week"))).all()
        row.payload = {**row.payload, "organisation": house.places["第二支部"]}
    await deliver_all(house)
    assert "这一周" not in secretary.screen.text
    assert f"张三 · 派人谈话 · 已过{(monday - due).days}天" in secretary.screen.text


def _id(house: House) -> str:
    return house.posts["书记丙"].person_id


def mondays_from(day: date) -> list[date]:
    first = day.toordinal() - day.weekday()
    return [date.fromordinal(first + 7 * number) for number in range(4)]


async def test_both_pictures_are_set() -> None:
    """The real typesetter, once for both."""
    points = tuple(Point("1", "步", state, "等书记") for state in ("done", "next", "open", "later"))
    made = date(2026, 11, 30)
    files = await typeset(
        [
            way("张三", "第一支部", [Stretch("申请入党", points), Stretch("转正", ())], made),
            week("第一支部", ["一", "二"], [Walker("张三", 1, "步", "还有3天", "week")], 3, made),
            week("第一支部", ["一", "二"], [], 0, made),
        ]
    )
    assert all(file.startswith(b"\x89PNG") for file in files)
