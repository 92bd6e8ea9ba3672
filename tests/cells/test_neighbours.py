"""Two cities in one process send each other people, each with keys and a door of its own."""

import asyncio
from argparse import Namespace
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession

from bot.app.database import open_database
from bot.cli import peers_command
from models.crypto import keep_apart
from services.peers.cards import Card
from services.peers.peers import peers_of
from services.peers.sending import send
from tests.cells.towns import Region, Town, region
from tests.peers.test_moves import BODY
from tests.ports import free_port

T = TypeVar("T")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""By any clock: what is queued then is due at once."""


async def apart(work: Coroutine[Any, Any, T]) -> T:
    """As a command does it, in a process of its own."""

    async def begins() -> T:
        keep_apart()
        return await work

    return await asyncio.create_task(begins())


async def connected(here: Region, folder: Path) -> dict[str, int]:
    """Both know each other; the ports of their doors."""
    ports = {name: free_port() for name in here.towns}
    for name, port in ports.items():
        settings = here.towns[name].settings
        settings.add("YINLU_PEERS_PORT", str(port))
        settings.add("YINLU_PEERS_URL", f"http://127.0.0.1:{port}")
    for name, town in here.towns.items():
        text = await apart(peers_command.card(town.settings.settings(), Namespace()))
        file = folder / f"{name}.card"
        file.write_text(text, "utf-8")
        given = Namespace(of=str(file), relation="beside", fingerprint=Card.read(text).fingerprint)
        [other] = [one for one in here.towns.values() if one is not town]
        assert "added" in await apart(peers_command.add(other.settings.settings(), given))
    return ports


async def queues(town: Town, person: str) -> None:
    settings = town.settings.settings()
    database = await open_database(settings.staff_database, settings.ring())
    async with database.write() as session:
        [peer] = await peers_of(session)
        body = {**BODY, "person": person}
        await send(session, peer.id, "move", body, LONG_AGO)
    await database.close()


async def finds(town: Town, person: str) -> None:
    """In 待办: a message would wait for the hours in which people are told something."""
    async with asyncio.timeout(60):
        said = ""
        while person not in said:
            await town.director.says("待办")
            said = await town.director.sees("办")


async def test_two_cells_of_one_process_send_each_other_people(tmp_path: Path) -> None:
    async with region(tmp_path, ("north", "south")) as here:
        ports = await connected(here, tmp_path)
        cells = here.process()
        await cells.look()
        await asyncio.gather(*(town.joins() for town in here.towns.values()))
        for town, person in ((here.towns["north"], "北来人"), (here.towns["south"], "南来人")):
            await apart(queues(town, person))
        await asyncio.gather(
            finds(here.towns["south"], "北来人"), finds(here.towns["north"], "南来人")
        )
        async with ClientSession() as session:
            for port in ports.values():
                async with session.post(f"http://127.0.0.1:{port}/peers", data=b"x") as answer:
                    assert (answer.status, await answer.text()) == (400, "no")
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    assert answer.status == 404
        await cells.end()
