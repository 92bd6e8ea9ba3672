"""`python -m messenger [PORT]`: the messenger alone."""

import asyncio
import sys

from messenger.core.settings import MessengerSettings
from messenger.server import running


async def serve(port: int) -> None:
    async with running(MessengerSettings(port=port)) as server:
        print(server.url, flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if sys.argv[1:] else 8080))
