"""A city in a process of its own, to be killed at a failpoint:

    python -m tests.peers.victim DATABASE KEYS post|door TIME [PORT]

`post` sends everything that is due; `door` says its port and serves."""

import asyncio
import sys
from datetime import datetime

from bot.app.database import database_for
from bot.pipeline.peers import PeerDoor, PeerPoster
from models.crypto import KeyRing, install
from services.core.database import Work
from services.peers.receiving import PeerInbox, Received
from services.peers.sending import PeerOutbox


async def nothing(work: Work, received: Received) -> None:
    """The audit line says that it was handled."""


async def main(url: str, keys: str, what: str, time: str, port: str = "0") -> None:
    install(KeyRing.read(keys))
    database, at = database_for(url), datetime.fromisoformat(time)
    if what == "post":
        while await PeerPoster(PeerOutbox(database), lambda: at).round():
            pass
        await database.close()
        return
    door = PeerDoor(PeerInbox(database, {"parrot": nothing}), lambda: at)
    async with door.open(int(port)):
        sys.stdout.write(f"{door.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
