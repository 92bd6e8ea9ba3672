"""The gateway of production over a real Matrix server, which dies at a named point."""

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.app.deferred_validators import load_aiogram

# As the program does: without it, its memory would be another one.
load_aiogram()

from bot.app.clock import SystemClock  # noqa: E402
from bot.app.database import engine_for  # noqa: E402
from bot.app.settings import Settings  # noqa: E402
from bot.processes.gateway import HOST, USERNAME, gateway_ring  # noqa: E402
from gateway.bodies import GatewayBot  # noqa: E402
from gateway.gateway_texts import TITLE  # noqa: E402
from gateway.matrix.account import tenant_of  # noqa: E402
from gateway.matrix.client import NAME, SYNC, MatrixPlatform, MatrixSettings  # noqa: E402
from gateway.platform import Account, Part  # noqa: E402
from gateway.server import Gateway, Tokens, listening  # noqa: E402
from gateway.store import Doing, Shown, Store  # noqa: E402

POINTS = (
    "take.before", "take.after", "place.after", "begin.before", "begin.after", "send.after",
    "end.after", "confirmed.after",
)  # fmt: skip
"""Around what a gateway does with an event and with a call, in this order: an event and its update
are stored; the place in the stream is; a call is stored; the server has the message; its id is
stored, and the bot not answered; what the bot confirmed is forgotten."""
POINT, COUNT = "BENCH_POINT", "BENCH_COUNT"


@dataclass
class Death:
    """Kills this process at the `count`th passing of `point`; never where `point` is empty."""

    point: str = ""
    count: int = 1

    def passes(self, point: str) -> None:
        if point == self.point:
            self.count -= 1
            if self.count <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(Store):
    death = Death()

    async def take(self, *given: Any, **more: Any) -> None:
        self.death.passes("take.before")
        await super().take(*given, **more)
        self.death.passes("take.after")

    async def remember(self, name: str, value: str) -> None:
        await super().remember(name, value)
        if name == SYNC:
            self.death.passes("place.after")

    async def begin(self, one: Doing, instead: str = "") -> None:
        self.death.passes("begin.before")
        await super().begin(one, instead)
        self.death.passes("begin.after")

    async def end(self, key: str, shown: Shown, heard: bool = True) -> None:
        await super().end(key, shown, heard)
        self.death.passes("end.after")

    async def confirmed(self, numbers: Any) -> None:
        await super().confirmed(numbers)
        self.death.passes("confirmed.after")


class DyingPlatform(MatrixPlatform):
    death = Death()

    async def send(self, account: Account, part: Part, key: str) -> str:
        number = await super().send(account, part, key)
        self.death.passes("send.after")
        return number


def main(environment: Mapping[str, str]) -> None:
    death = Death(environment.get(POINT, ""), int(environment.get(COUNT, "1")))
    asyncio.run(_serve(Settings(), death))


async def _serve(settings: Settings, death: Death) -> None:
    ring, matrix = gateway_ring(settings.ring()), settings.matrix()
    engine, tenant = engine_for(settings.gateway_databases[NAME]), tenant_of(matrix.user)
    store = DyingStore(engine, ring, SystemClock().now, NAME, tenant)
    pickle = ring.subkey(ring.index_key, "gateway pickle").hex()
    folder = settings.gateway_folder
    told = MatrixSettings(matrix.url, matrix.user, matrix.password, folder, pickle, False)
    platform = DyingPlatform(told, store)
    store.death = platform.death = death
    token = settings.token("staff")
    bot = GatewayBot(int(token.split(":")[0]), USERNAME, TITLE)
    gateway = Gateway(store, platform, bot, Tokens(token))
    async with listening(gateway, HOST, settings.gateway_port_of(NAME)):
        await gateway.run()
