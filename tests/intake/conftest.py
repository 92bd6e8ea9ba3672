"""The public bot as it runs, over a database in a file, and a second connection to look with."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import select

from bot.app.database import open_intake
from domain.calendar.office_hours import ZONE
from handlers.public.chat.application import Bot, build
from handlers.public.web import build_web
from models.intake import IntakeFile, IntakeLetter, IntakeReport
from services.core.database import Database
from services.core.sealing import Opener, Sealer, new_private_key, public_key_of
from services.intake.answers import public_half
from services.intake.intake import Intake
from services.intake.receipts import Signer
from tests.conftest import KEYS, cheap_codes
from tests.databases import fresh_intake
from tests.intake.bot_api import BotApi
from tests.intake.citizens import Citizen
from tests.intake.telegram import Telegram
from tests.intake.visitors import Visitor

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)
HOLDER = new_private_key()
PEPPER, SEED = bytes(range(32)), bytes(range(1, 33))
ANSWERS = public_half(KEYS)


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    with cheap_codes():
        yield


@dataclass
class Hand:
    """A clock that is moved by hand."""

    time: datetime = field(default=NOON)

    def now(self) -> datetime:
        return self.time

    def passes(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class Stored:
    """What was committed, read through another connection."""

    database: Database
    opener: Opener

    async def reports(self) -> list[IntakeReport]:
        async with self.database.read() as session:
            return list(await session.exec(select(IntakeReport)))

    async def files(self) -> list[IntakeFile]:
        async with self.database.read() as session:
            return list(await session.exec(select(IntakeFile)))

    async def letters(self) -> list[IntakeLetter]:
        async with self.database.read() as session:
            return list(await session.exec(select(IntakeLetter)))

    async def nothing(self) -> bool:
        return not (await self.reports() or await self.files() or await self.letters())


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def intake_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return await fresh_intake(request, tmp_path)


@pytest.fixture
async def intake(intake_url: str) -> AsyncIterator[Intake]:
    database = await open_intake(intake_url)
    yield Intake(database, Sealer((public_key_of(HOLDER),)), PEPPER, Signer(SEED), ANSWERS)
    await database.close()


@pytest.fixture
async def stored(intake: Intake, intake_url: str) -> AsyncIterator[Stored]:
    database = await open_intake(intake_url)
    yield Stored(database, Opener((HOLDER,)))
    await database.close()


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
async def bot(intake: Intake, hand: Hand, telegram: Telegram) -> AsyncIterator[Bot]:
    made = build("43:TEST", intake, hand.now, request=telegram)
    await made.initialize()
    yield made
    await made.shutdown()


@pytest.fixture
def citizen(bot: Bot, telegram: Telegram) -> Citizen:
    return Citizen(bot, telegram)


@pytest.fixture
async def browser(intake: Intake, hand: Hand) -> AsyncIterator[Visitor]:
    async with TestClient(TestServer(build_web(intake, hand.now))) as client:
        yield Visitor(client)


@pytest.fixture
async def api() -> AsyncIterator[tuple[BotApi, str]]:
    made = BotApi(NOON)
    server = TestServer(made.application())
    await server.start_server()
    yield made, str(server.make_url("")).rstrip("/")
    await server.close()
