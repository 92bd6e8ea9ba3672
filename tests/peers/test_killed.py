"""Killed at each moment between the act that sends and the receipt: lost 0, handled twice 0."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest
from sqlmodel import select

from benchmarks.left_behind import ends_with_us
from models import AuditLine
from services.core.failpoints import VARIABLE
from services.peers.sending import LEASE
from tests.peers.cities import City
from tests.peers.conftest import Both


async def begun(city: City, what: str, kill: str = "", port: int = 0) -> Process:
    url = city.database.engine.url.render_as_string(hide_password=False)
    given = (url, city.ring.write(), what, city.at.isoformat(), str(port))
    command = (sys.executable, "-m", "tests.peers.victim", *given)
    environment = {**os.environ, VARIABLE: kill}
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=environment)
    ends_with_us(process.pid)
    return process


async def handled(city: City) -> int:
    async def read() -> int:
        async with city.database.read() as session:
            lines = await session.exec(select(AuditLine).where(AuditLine.act == "peer_parrot"))
            return len(lines.all())

    return await city.does(read())


@pytest.mark.long
@pytest.mark.parametrize("point", ["peer_claim.before", "peer_claim.after", "peer_arrived.before"])
async def test_a_sender_that_is_killed_sends_it_again_and_it_is_handled_once(
    cities: Both, point: str
) -> None:
    north, south = cities.north, cities.south
    message = await north.says(south, {})
    process = await begun(north, "post", f"{point}:1")
    assert await process.wait() == -signal.SIGKILL
    # What was posted before the kill was handled; what wasn't waits.
    assert len(south.heard) == (point == "peer_arrived.before")
    assert not await north.knows_that_it_arrived(message)
    north.at = south.at = north.at + LEASE * 2
    assert await north.posts() == 1
    assert len(south.heard) == 1
    assert await north.knows_that_it_arrived(message)


@pytest.mark.long
@pytest.mark.parametrize("point", ["act.before", "act.after"])
async def test_a_recipient_that_is_killed_handles_it_once(cities: Both, point: str) -> None:
    north, south = cities.north, cities.south
    message, port = await north.says(south, {}), south.port
    await south.closes()
    door = await begun(south, "door", f"{point}:1", port)
    assert door.stdout is not None
    assert int(await door.stdout.readline()) == port
    assert await north.posts() == 0
    assert await door.wait() == -signal.SIGKILL
    assert await handled(south) == (point == "act.after")
    assert not await north.knows_that_it_arrived(message)
    again = await begun(south, "door", port=port)
    assert again.stdout is not None
    assert int(await again.stdout.readline()) == port
    north.at += LEASE
    assert await north.posts() == 1
    again.terminate()
    await again.wait()
    assert await handled(south) == 1
    assert await north.knows_that_it_arrived(message)
