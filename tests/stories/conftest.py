"""The city of the invented people, both bots running, spoken to over HTTP like anybody would."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cast import FILE, Cast, Play, read
from bot.database import open_database
from bot.keys import make_keys
from bot.run import people
from bot.settings import Settings
from bot.staff import joined
from domain.hours import ZONE, day_of
from messenger.client import Messenger, Person
from messenger.server import Running, running
from messenger.settings import BOTS, MessengerSettings, user_id
from services.house import Services, build_services, procedure_of
from services.views import CaseCard

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
HOME = "东山村党支部"


@dataclass
class City:
    """`services` look through a connection of their own: they see what was committed."""

    server: Running
    messenger: Messenger
    services: Services
    cast: Cast
    known: dict[str, Person] = field(default_factory=dict)

    async def person(self, name: str, bot: str = "staff", language: str | None = None) -> Person:
        if name not in self.known:
            self.known[name] = await self.messenger.person(name, bot, language)
        return self.known[name]

    @property
    def now(self) -> datetime:
        return self.server.state.clock.now()

    @property
    def today(self) -> date:
        return day_of(self.now)

    async def morning_of(self, day: date) -> None:
        """On to 10 o'clock of a day; nothing where it is here already."""
        moment = datetime.combine(day, MONDAY.timetz())
        if moment > self.now:
            await self.messenger.post("/api/clock", {"to": moment.isoformat()})

    async def days_pass(self, days: int) -> None:
        await self.messenger.advance(f"{days}d")

    async def case(self, at: str, days: int, name: str = "陆小满", branch: str = HOME) -> str:
        """A case that began `days` ago and whose next step is `at`; gives its id."""
        return await Play(
            self.cast, {"name": name, "branch": branch, "at": at, "days": days}
        ).lead()

    async def card(self, case_id: str) -> CaseCard:
        director = self.cast.people["苏和"]
        return await self.services.cases.card(director, case_id, self.today)


def settings_for(folder: Path, url: str) -> Settings:
    return Settings.model_validate(
        {
            "data": folder,
            "api": url,
            "follow_clock": True,
            "staff_token": BOTS["staff"][0],
            "public_token": BOTS["public"][0],
        }
    )


def without_cases() -> dict[str, Any]:
    return {**read(FILE), "cases": []}


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    here = MessengerSettings(port=0, people=people(), clock=MONDAY, started=True)
    async with running(here) as server:
        settings = settings_for(tmp_path, server.url)
        make_keys(settings)
        second = await open_database(settings.staff_database, settings.ring())
        looking = build_services(second, procedure_of(), tells=False)
        chats = {name: user_id(place) for place, name in enumerate(people())}
        cast = Cast(looking, chats, MONDAY, without_cases())
        await cast.gather()
        stop = asyncio.Event()
        async with joined(settings) as bot, Messenger(server.url) as messenger:
            task = asyncio.create_task(bot.run(stop))
            yield City(server, messenger, looking, cast)
            stop.set()
            await task
        await second.close()
