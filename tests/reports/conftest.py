"""Both sides of a report: the public side's database, and the department that opens it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.app.database import open_intake
from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import EntryRow, NoticeRow, OutgoingRow, ReportCase, ReportRow
from models.intake import IntakeReport
from services.attachments.formats import CleanFile
from services.container import procedure_of
from services.core.database import Database
from services.core.ports import Moot
from services.core.sealing import Opener, Sealer, new_private_key, public_key_of
from services.intake.answers import public_half
from services.intake.intake import ConfirmedReport, Intake, ReportState
from services.intake.receipts import Signer
from services.messages.queue import TAKE_OFF
from services.reports.exchange import Exchange
from tests.conftest import KEYS, cheap_codes
from tests.conversation.conftest import House, make_house
from tests.conversation.people import Somebody
from tests.databases import fresh_database, fresh_intake
from tests.filing import file_report

HOLDER = new_private_key()
SAID = "公示期间他仍在集体林地里私自开荒，邻居都看见了。"
ANSWER = "已经到村里核实，情况不属实，按期办理。"


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    with cheap_codes():
        yield


@dataclass
class Channel:
    """A house with both sides, and second connections to look with."""

    house: House
    intake: Intake
    second: Database
    second_intake: Database

    async def files(self, text: str = SAID, notice: str = "", *files: CleanFile) -> str:
        """Somebody reports; gives the eight characters."""
        draft = ConfirmedReport(notice, "河湾村 某某", text, files)
        filed = await file_report(self.intake, draft, day_of(self.house.at), self.house.at)
        return filed.code

    async def adds(self, code: str, text: str) -> None:
        await self.intake.write_on(code, text, day_of(self.house.at), self.house.at)

    async def status(self, code: str) -> ReportState:
        return await self.intake.status(code, self.house.at)

    async def row(self) -> ReportRow:
        async with self.second.read() as session:
            return (await session.exec(select(ReportRow))).one()

    async def about(self) -> list[ReportCase]:
        """The cases that the report is about."""
        async with self.second.read() as session:
            return list(await session.exec(select(ReportCase).order_by(ReportCase.number)))

    async def sealed(self) -> IntakeReport:
        async with self.second_intake.read() as session:
            return (await session.exec(select(IntakeReport))).one()

    async def told(self) -> list[OutgoingRow]:
        """Messages about reports, as they wait or went out."""
        async with self.second.read() as session:
            statement = select(OutgoingRow).where(OutgoingRow.kind == "report")
            return list(await session.exec(statement))

    async def collects(self) -> int:
        return await self.house.services.report_clock.collect(self.house.at)

    async def next_batch(self) -> int:
        """The next morning's fetch; weekends and feast days are passed over."""
        for _ in range(10):
            self.house.at = (self.house.at + timedelta(days=1)).replace(hour=9, minute=5)
            if self.house.services.procedure.calendar.is_working(day_of(self.house.at)):
                break
        return await self.collects()

    async def delivers(self) -> None:
        """Whatever waits goes out."""
        house, notifier = self.house, Notifier(self.house.line.bot, self.house.services, self.now)
        for message in await house.services.outgoing.claim(house.at, "w1", most=50):
            number = await notifier.deliver(message)
            await house.services.outgoing.sent(message.ids, number, house.at)

    async def takes_off(self) -> None:
        """What had its time on the screens goes."""
        outbox = self.house.services.outgoing
        notifier = Notifier(self.house.line.bot, self.house.services, self.now)
        while claimed := await outbox.claim(self.house.at, "w1"):
            for message in claimed:
                assert message.kind == TAKE_OFF
                with suppress(Moot):
                    await notifier.deliver(message)
                await outbox.moot(message.ids)

    def now(self) -> datetime:
        return self.house.at

    async def hang(self) -> tuple[str, str]:
        """A case whose notice hangs; gives both ids."""
        secretary, branch = self.house.posts["书记丙"], self.house.places["第一支部"]
        card = await self.house.services.cases.open(self.house.act(), secretary, "钱进", branch)
        today = day_of(self.house.at)
        async with self.house.services.database.write() as session:
            entry = EntryRow(
                case_id=card.case_id,
                number=1,
                step="1",
                done_on=today,
                rulebook="yakeshi",
                recorded_at=self.house.at,
                recorded_by=secretary.person_id,
            )
            entry.answers = {"received_on": today}
            session.add(entry)
            await session.flush()
            notice = NoticeRow(
                case_id=card.case_id,
                entry_id=entry.id,
                first_day=today,
                last_day=today + timedelta(days=15),
            )
            session.add(notice)
        return card.case_id, notice.id


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    async with fresh_database(request, tmp_path, threads=False) as url:
        yield url


@pytest.fixture
async def channel(
    request: pytest.FixtureRequest, database: Database, second: Database, tmp_path: Path
) -> AsyncIterator[Channel]:
    url = await fresh_intake(request, tmp_path)
    intake, beside = await open_intake(url), await open_intake(url)
    sealer, signer = Sealer((public_key_of(HOLDER),)), Signer(bytes(range(32)))
    exchange = Exchange(database, intake, Opener((HOLDER,)))
    house = await make_house(database, procedure_of(), exchange)
    yield Channel(
        house, Intake(intake, sealer, bytes(range(32)), signer, public_half(KEYS)), second, beside
    )
    await intake.close()
    await beside.close()


@pytest.fixture
def director(channel: Channel) -> Somebody:
    return channel.house.somebody(100)


@pytest.fixture
async def organiser(channel: Channel) -> Somebody:
    posts = channel.house.posts
    return await channel.house.join(posts["主任甲"], Role.ORGANISER, "组织部", "组织员己", 600)


@pytest.fixture
async def secretary(channel: Channel) -> Somebody:
    house = channel.house
    await house.join(house.posts["主任甲"], Role.COMMITTEE, "第一党委", "委员乙", 200)
    return await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记丙", 300)
