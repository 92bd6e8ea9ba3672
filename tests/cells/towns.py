"""Cells for stories: each with a messenger, keys and a database of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli.install import found
from bot.setup.files import EnvironmentFile
from cells.cell import Cell, Shared
from cells.plan import SETTINGS, read
from cells.serving import Cells, Leases
from messenger.client import MessengerClient, Person
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import running
from models.crypto import keep_apart

DIRECTOR = "苏和"


@dataclass
class Town:
    """`director`: at the chat page; `token`: of their invitation."""

    name: str
    settings: EnvironmentFile
    director: Person
    token: str = ""

    async def is_founded(self) -> None:
        """In a task, for its keys."""

        async def founds() -> str:
            keep_apart()
            return await found(self.settings.settings(), f"{self.name}组织部", DIRECTOR)

        self.token = await asyncio.create_task(founds())

    async def is_answered(self) -> None:
        await self.director.says("/start")
        await self.director.sees(DIRECTOR)

    async def joins(self) -> None:
        await self.director.says(f"/start {self.token}")
        await self.director.presses(f"是，我是{DIRECTOR}")
        await self.director.sees(f"{self.name}组织部")


@dataclass
class Pauses:
    """Whoever has failed waits here until it is let go on. `asked`: for how many seconds."""

    asked: list[float] = field(default_factory=list)
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    again: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, stop: asyncio.Event, seconds: float) -> None:
        self.asked.append(seconds)
        self.waits.set()
        both = [asyncio.create_task(one.wait()) for one in (stop, self.again)]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        self.again.clear()
        self.waits.clear()


@dataclass
class Region:
    """Several towns, and one process that serves them. `pauses`: by town."""

    file: Path
    towns: dict[str, Town]
    pauses: dict[str, Pauses]

    def process(self, leases: Leases | None = None) -> Cells:
        return Cells(read(self.file), leases, self.made)

    def made(self, name: str, file: Path, shared: Shared) -> Cell:
        pauses = self.pauses.setdefault(name, Pauses())
        return Cell(name, file, shared, pauses.pause)


@asynccontextmanager
async def region(
    folder: Path, names: Iterable[str], urls: dict[str, str] | None = None
) -> AsyncIterator[Region]:
    """`urls`: databases on PostgreSQL, by town; else each has a file."""
    towns = dict[str, Town]()
    async with AsyncExitStack() as stack:
        for name in names:
            token = f"{len(towns) + 1}{BOTS['staff'][0]}"
            bots = {**BOTS, "staff": (token, *BOTS["staff"][1:])}
            here = MessengerSettings(port=0, bots=bots, started=True)
            server = await stack.enter_async_context(running(here))
            page = await stack.enter_async_context(MessengerClient(server.url))
            settings = EnvironmentFile(folder / "towns" / name / SETTINGS)
            settings.add_all(
                {
                    "YINLU_DATA": str(folder / "towns" / name / "data"),
                    "YINLU_API": server.url,
                    "YINLU_FOLLOW_CLOCK": "1",
                    "YINLU_STAFF_TOKEN": token,
                }
                | ({"DATABASE_URL": urls[name]} if urls else {})
            )
            town = Town(name, settings, await page.person("director", "staff"))
            towns[name] = town
            await town.is_founded()
        file = folder / "cells.toml"
        file.write_text('folder = "towns"\n')
        yield Region(file, towns, {})
