"""One week from the day of receipt: reminders, escalation, and what a finding does
(docs/promises.md P4)."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import SendMessage
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.pipeline.deliverer import Deliverer
from domain.calendar.office_hours import ZONE, day_of
from domain.rulebook.schema import Role
from domain.states import Status
from handlers.staff.messages.notifier import Notifier
from models import EntryRow, HoldRow, ReportRow
from services.core.database import Database
from services.reports.exchange import Received
from services.reports.schedule import ReportClock
from tests.conversation.people import Somebody
from tests.operations.process import HANGS
from tests.reports.conftest import SAID, Channel

RUNGS = (6, 4, 2, 1, 0)


async def letter(channel: Channel, organiser: str = "组织员己", case: str | None = None) -> str:
    """A letter about nobody's case, entered and given to an organiser."""
    reports, posts = channel.house.services.reports, channel.house.posts
    act = channel.house.act
    entered = await reports.register(act(), posts["主任甲"], "letter", SAID, case)
    named = posts[organiser].person_id
    await reports.instruct(act(), posts["主任甲"], entered, named)
    return entered


async def days_told(channel: Channel, received: datetime, days: int) -> list[tuple[int, str, str]]:
    """Looks each morning; which day after receipt which rung was said to whom."""
    names = {actor.person_id: name for name, actor in channel.house.posts.items()}
    known = {row.id for row in await channel.told()}
    told = []
    for day in range(1, days + 1):
        channel.house.at = received + timedelta(days=day)
        await channel.house.services.report_clock.remind(channel.house.at)
        fresh = [row for row in await channel.told() if row.id not in known]
        told += [(day, row.slot, names[row.person_id]) for row in fresh]
        known |= {row.id for row in fresh}
    return told


async def test_a_handler_hears_of_it_on_days_1_3_5_and_6_and_the_director_on_7(
    channel: Channel, organiser: Somebody
) -> None:
    """Two receipts, because no week is without a weekend: on Monday, and on Wednesday."""
    monday = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
    channel.house.at = monday
    first = await letter(channel)
    told = await days_told(channel, monday, 4)
    assert told == [(1, "6", "组织员己"), (3, "4", "组织员己")]
    actor = channel.house.posts["组织员己"]
    await channel.house.services.reports.decide(
        channel.house.act(), actor, first, "untrue", "已经核实，不属实。"
    )
    wednesday = datetime(2026, 12, 2, 10, 0, tzinfo=ZONE)
    channel.house.at = wednesday
    await letter(channel)
    assert await days_told(channel, wednesday, 12) == [
        (1, "6", "组织员己"),
        (5, "2", "组织员己"),
        (6, "1", "组织员己"),
        (7, "0", "组织员己"),
        (7, "0", "主任甲"),
        (8, "late", "组织员己"),
        (8, "late", "主任甲"),
    ]


@dataclass
class Year:
    """What should be said, by a model of its own: (report, rung, person)."""

    expected: set[tuple[str, str, str]]
    closed: dict[str, date]


def rung(left: int) -> str:
    """The nearest one that was reached."""
    return "late" if left < 0 else str(min(r for r in RUNGS if r >= left))


@pytest.mark.parametrize("reports", [100, pytest.param(600, marks=pytest.mark.slow)])
async def test_a_year_with_outages_loses_no_reminder_and_repeats_none(
    channel: Channel, organiser: Somebody, reports: int
) -> None:
    """Over a year, in which the process is away for up to nine days at a time."""
    random, first = Random(20261125), date(2026, 1, 5)
    who = channel.house.posts["组织员己"].person_id
    above = channel.house.posts["主任甲"].person_id
    year = Year(set(), {})
    async with channel.house.services.database.write() as session:
        rows = []
        for _ in range(reports):
            day = first + timedelta(days=random.randrange(350))
            rows.append(
                ReportRow(
                    channel="letter",
                    received_on=day,
                    answer_by=day + timedelta(days=7),
                    state="checking",
                    organiser_id=who,
                )
            )
        session.add_all(rows)
    closing = {row.id: row.received_on + timedelta(days=random.randrange(1, 13)) for row in rows}
    clock: ReportClock = channel.house.services.report_clock
    day, away, looked = first, 0, 0
    while day < date(2027, 1, 8):
        await closes(channel, [row for row in rows if closing[row.id] == day], day)
        year.closed |= {row.id: day for row in rows if closing[row.id] == day}
        away = random.randrange(1, 10) if not away and random.random() < 0.05 else max(0, away - 1)
        if not away and clock.procedure.calendar.is_working(day):
            looked += 1
            await clock.remind(datetime(day.year, day.month, day.day, 9, 0, tzinfo=ZONE))
            for row in rows:
                left = (row.answer_by - day).days
                if row.received_on < day and row.id not in year.closed and left <= RUNGS[0]:
                    year.expected.add((row.id, rung(left), who))
                    if left <= 0:
                        year.expected.add((row.id, rung(left), above))
        day += timedelta(days=1)
    told = [(str(row.payload["report"]), row.slot, row.person_id) for row in await channel.told()]
    assert len(told) == len(set(told))
    assert set(told) == year.expected
    assert looked > 150
    assert len(told) > reports * 2.3


async def closes(channel: Channel, rows: list[ReportRow], day: date) -> None:
    async with channel.house.services.database.write() as session:
        for row in rows:
            known = await session.get_one(ReportRow, row.id)
            known.state, known.closed_on = "closed", day


async def test_one_who_has_stopped_the_bot_stops_nobody_else(
    channel: Channel, organiser: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = channel.house.posts
    other = await channel.house.join(posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 700)
    await letter(channel)
    await letter(channel, "组织员庚")
    real = type(channel.house.line.telegram)._SendMessage

    def refused(self: object, method: SendMessage) -> object:
        if int(method.chat_id) == organiser.chat_id:
            raise TelegramForbiddenError(method=method, message="bot was blocked by the user")
        return real(self, method)  # type: ignore[arg-type]

    monkeypatch.setattr(type(channel.house.line.telegram), "_SendMessage", refused)
    notifier = Notifier(channel.house.line.bot, channel.house.services, channel.now)
    outbox = channel.house.services.outgoing
    deliverer = Deliverer(outbox, notifier, channel.now, "w1")
    assert await deliverer.begin() >= 2
    for task in list(deliverer._sending.values()):
        await task
    assert "有一件群众反映要办" in other.screen.text
    assert not organiser.chat
    states = {row.person_id: row.state for row in await channel.told()}
    assert states[posts["组织员己"].person_id] == "unreachable"
    assert states[posts["组织员庚"].person_id] == "sent"


BALLOT = "finding_ballot"
WAITS = "“{}”有结果以前不过下一关，别的照常办。\n下一步："


@pytest.mark.parametrize(
    ("finding", "awaited"),
    [
        ("light", BALLOT), ("serious", BALLOT), ("grave", BALLOT),
        ("untrue", ""), ("unclear", "resumed"),
    ],
)  # fmt: skip
async def test_each_of_the_five_findings_leads_where_the_rule_says(
    channel: Channel, secretary: Somebody, organiser: Somebody, finding: str, awaited: str
) -> None:
    case, _ = await channel.hang()
    cases, posts = channel.house.services.cases, channel.house.posts
    entered = await letter(channel, case=case)

    async def progress() -> tuple[Status, list[str], set[str]]:
        """How the case stands, what it waits for, and for what else it is held."""
        found = (await cases.card(posts["书记丙"], case, day_of(channel.house.at))).progress
        async with channel.second.read() as session:
            holds = await session.exec(select(HoldRow).where(HoldRow.case_id == case))
            held = {h.reason for h in holds if h.released_on is None}
        return found.status, [step.id for step in found.awaited], held

    assert await progress() == (Status.RUNNING, [], {"report"})
    act = channel.house.act()
    for _ in range(2):
        await channel.house.services.reports.decide(
            act, posts["组织员己"], entered, finding, "已经核实，处理结果已定。"
        )
    assert await progress() == (Status.RUNNING, [awaited] if awaited else [], set())
    async with channel.second.read() as session:
        row = await session.get_one(ReportRow, entered)
        (link,) = await channel.about()
        kept = await session.get_one(EntryRow, link.entry_id)
    assert (row.state, row.finding) == ("closed", finding)
    assert kept.answers == {"found_on": day_of(channel.house.at), "finding": finding}
    assert (kept.case_id, kept.step, kept.replaced_by) == (case, "finding", None)


@pytest.mark.parametrize(
    ("finding", "said", "first"),
    [
        ("untrue", "可以照常往下办。\n下一步：<b>2 ", "开始填写"),
        (
            "light",
            WAITS.format("组织员会议票决核实结果"),
            "开始填写",
        ),
        (
            "grave",
            WAITS.format("组织员会议票决核实结果"),
            "开始填写",
        ),
        (
            "unclear",
            WAITS.format("查清或者暂缓期满，恢复办理"),
            "开始填写",
        ),
    ],
)
async def test_the_branch_is_told_what_to_do_next_and_nothing_of_the_report(
    channel: Channel, secretary: Somebody, organiser: Somebody, finding: str, said: str, first: str
) -> None:
    case, _ = await channel.hang()
    entered = await letter(channel, case=case)
    await channel.house.services.reports.decide(
        channel.house.act(), channel.house.posts["组织员己"], entered, finding, "邻居说的是真的。"
    )
    house = channel.house
    notifier = Notifier(house.line.bot, house.services, channel.now)
    for message in await house.services.outgoing.claim(house.at, "w1", most=50):
        if message.kind == "changed":
            await notifier.deliver(message)
    shown = secretary.screen.text
    assert shown.startswith(f"<b>钱进</b>：{said}")
    assert (secretary.choices[0], "反映" in shown, "邻居" in shown) == (first, False, False)
    assert secretary.choices[-2:] == ["看这一件", "待办"]


async def test_what_is_late_stands_first_in_the_register(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    await letter(channel)
    assert "过了答复期限" not in await director.presses_again(1, "g:r")
    channel.house.pass_days(8)
    await letter(channel)
    shown = await director.presses_again(1, "g:r")
    assert "在办的群众反映2件" in shown
    assert "过了答复期限的1件" in shown
    lines = [line for line in shown.splitlines() if line.startswith(("1.", "2."))]
    assert "已过1天" in lines[0]
    assert "还有7天" in lines[1]


@dataclass
class Interrupted(ReportClock):
    """While it takes its first report, another process fetches."""

    other: ReportClock | None = None
    fetched: asyncio.Task[int] | None = None

    async def _take(self, session: AsyncSession, item: Received, now: datetime) -> bool:
        if self.fetched is None and self.other is not None:
            await session.flush()
            self.fetched = asyncio.create_task(self.other.collect(now))
            await somebody_waits(self.other.database)
        return await super()._take(session, item, now)


async def somebody_waits(database: Database) -> None:
    waiting = text("SELECT 1 FROM pg_locks WHERE NOT granted")
    async with database.engine.connect() as connection, asyncio.timeout(HANGS):
        while (await connection.execute(waiting)).first() is None:  # noqa: ASYNC110, another process
            await asyncio.sleep(0.01)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_that_fetch_at_the_same_moment_take_a_report_once(
    channel: Channel,
) -> None:
    await channel.files()
    channel.house.pass_days(1)
    here = channel.house.services.report_clock
    there = replace(here, database=channel.second)
    one = Interrupted(here.database, here.procedure, here.exchange, there)
    assert await one.collect(channel.house.at) == 1
    assert one.fetched is not None
    assert await one.fetched == 0
    assert (await channel.row()).state == "new"
