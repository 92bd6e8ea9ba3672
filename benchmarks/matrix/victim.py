"""The gateway of production, which dies at a named point."""

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.app.clock import SystemClock
from bot.app.settings import GATEWAYS, MATRIX, Settings
from bot.processes import gateway as production
from gateway.bodies import GatewayBot
from gateway.gateway_texts import TITLE
from gateway.matrix.client import SYNC
from gateway.platform import Account, Part, Platform
from gateway.server import Gateway, Tokens, listening
from gateway.store import Doing, Shown, Store

for one in GATEWAYS:
    production.load(one)

POINTS = (
    "take.before", "take.after", "place.after", "begin.before", "begin.after", "send.after",
    "end.after", "confirmed.after",
)  # fmt: skip
"""Around what a gateway does with an event and with a call, in this order: an event and its update
are stored; the place in the stream is; a call is stored; the server has the message; its id is
stored, and the bot not answered; what the bot confirmed is forgotten. Only Matrix has a place."""
POINT, COUNT, MESSENGER = "BENCH_POINT", "BENCH_COUNT", "BENCH_MESSENGER"


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


def may_die(platform: Platform, death: Death) -> None:
    """Between the messenger's having a message and the gateway's knowing so."""
    send = platform.send

    async def passes(account: Account, part: Part, key: str) -> str:
        number = await send(account, part, key)
        death.passes("send.after")
        return number

    setattr(platform, "send", passes)  # noqa: B010


def main(environment: Mapping[str, str]) -> None:
    death = Death(environment.get(POINT, ""), int(environment.get(COUNT, "1")))
    asyncio.run(_serve(Settings(), environment.get(MESSENGER, MATRIX), death))


async def _serve(settings: Settings, name: str, death: Death) -> None:
    ring, messenger = production.gateway_ring(settings.ring()), production.MESSENGERS[name]
    rows = production.transactions_for(settings.gateway_databases[name])
    tenant = messenger.tenant(settings)
    store = DyingStore(rows, ring, SystemClock().now, name, tenant)
    store.death = death
    platform = messenger.client(settings).platform(store, ring)
    may_die(platform, death)
    token = settings.token("staff")
    bot = GatewayBot(int(token.split(":")[0]), production.USERNAME, TITLE)
    gateway = Gateway(store, platform, bot, Tokens(token))
    async with listening(gateway, production.HOST, settings.gateway_port_of(name)):
        await gateway.run()
