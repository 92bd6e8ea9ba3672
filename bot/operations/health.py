"""Seen from outside: `/healthz` for whoever restarts the process, `/metrics` for whoever watches.

Numbers only: nothing here names a person, a chat or a case.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.app.loopback import on_loopback
from services.core.database import Database
from services.operations.metrics import Measures, measure

LONGEST_WAIT = 300.0
"""Seconds after which an update that waits says that nobody works."""
ANSWER_IN = 3.0
NO_ANSWER = "the database doesn't answer"
OUTCOMES = ("sent", "late", "repeated", "merged", "refused", "unsure")

log = structlog.get_logger()


class HealthEndpoints(Protocol):
    """The two endpoints of either process. `port`: where it was heard."""

    port: int

    async def healthz(self, request: web.Request) -> web.Response: ...

    async def metrics(self, request: web.Request) -> web.Response: ...


@dataclass
class Health:
    """`handled`: updates this process has handled since it began. `ended`: the name of a part of
    the process that has ended; "" while all of them run. `silent`: seconds since each source
    beside the first messenger has answered, by its name. `first`: the name of that one. `refused`:
    messages of other installations that got no receipt, by reason."""

    database: Database
    now: Callable[[], datetime]
    handled: Callable[[], int] = lambda: 0
    ended: Callable[[], str] = lambda: ""
    silent: Callable[[], Mapping[str, float]] = dict
    refused: Callable[[], Mapping[str, int]] = dict
    first: str = "staff"
    port: int = field(default=0, init=False)

    async def healthz(self, request: web.Request) -> web.Response:
        """200 while every part runs, the database answers and no update that could be handled waits
        for minutes; else 503 with the reason."""
        found = await self.look()
        return state_response(200 if found.works else 503, found.state)

    async def metrics(self, request: web.Request) -> web.Response:
        measures = await self._measured()
        if measures is None:
            return state_response(503, NO_ANSWER)
        return metrics_response(self._numbers(measures))

    async def look(self) -> "Look":
        """How it is, asked once."""
        if ended := self.ended():
            return Look(False, ended_state(ended))
        measures = await self._measured()
        if measures is None:
            return Look(False, NO_ANSWER)
        numbers, silences = self._numbers(measures), self.silent()
        silent = [name for name, seconds in silences.items() if seconds > LONGEST_WAIT]
        wait = {name for name, seconds in measures.oldest if seconds > LONGEST_WAIT}
        # Of one that was taken out of the settings nothing is handled until it is back.
        if wait & {self.first, *silences} - {*silent}:
            return Look(False, "updates wait and nobody handles them", numbers)
        # No reason to start this process anew: the others are served, and it goes on asking.
        return Look(True, f"fine; silent: {', '.join(silent)}" if silent else "fine", numbers)

    def _numbers(self, measures: Measures) -> "StaffMetrics":
        altered = len(self.database.altered)
        silent, refused = tuple(self.silent().items()), tuple(self.refused().items())
        return StaffMetrics(measures, self.handled(), altered, silent, refused)

    async def _measured(self) -> Measures | None:
        try:
            async with asyncio.timeout(ANSWER_IN):
                return await measure(self.database, self.now())
        except Exception as error:
            log.warning("not_measured", error=type(error).__name__)
            return None


def ended_state(part: str) -> str:
    return f"a part of the process has ended: {part}"


def state_response(status: int, state: str) -> web.Response:
    return web.json_response({"state": state}, status=status)


def metrics_response(numbers: Collector) -> web.Response:
    """`numbers`: one look."""
    registry = CollectorRegistry()
    registry.register(numbers)
    text = generate_latest(registry).decode()
    return web.Response(text=text, content_type="text/plain", charset="utf-8")


@dataclass(frozen=True)
class StaffMetrics:
    """One measurement, as prometheus-client collects it."""

    measures: Measures
    handled: int
    altered: int = 0
    silent: tuple[tuple[str, float], ...] = ()
    refused: tuple[tuple[str, int], ...] = ()

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        seen = self.measures
        oldest = max((seconds for _, seconds in seen.oldest), default=0.0)
        yield CounterMetricFamily(
            "yinlu_updates_handled", "Updates handled by this process.", value=self.handled
        )
        about = "Rows that this process found changed by hand, and left out."
        # Only numbers, and no label that could name a person, a chat or a report.
        yield CounterMetricFamily("yinlu_rows_altered", about, value=self.altered)
        for name, about, value in (
            ("updates_waiting", "Updates stored and not handled yet.", seen.waiting),
            ("updates_parked", "Updates that failed three times.", seen.parked),
            ("updates_oldest_seconds", "How long the oldest update waits.", oldest),
            ("messages_due", "Messages whose time has come.", seen.due),
            ("people_unreachable", "People who have blocked the bot.", seen.unreachable),
            ("peer_messages_waiting", "Messages to peers that haven't arrived.", seen.to_peers),
            ("peer_messages_oldest_seconds", "How long the oldest waits.", seen.to_peers_oldest),
        ):
            yield GaugeMetricFamily(f"yinlu_{name}", about, value=value)
        outcomes = GaugeMetricFamily(
            "yinlu_messages_last_day", "Messages of the last day by outcome.", labels=["outcome"]
        )
        for outcome in OUTCOMES:
            outcomes.add_metric([outcome], getattr(seen, outcome))
        yield outcomes
        if self.refused:
            about = "Messages that got no receipt."
            said = CounterMetricFamily("yinlu_peer_messages_refused", about, labels=["reason"])
            for name, number in self.refused:
                said.add_metric([name], number)
            yield said
        if self.silent:
            about = "Seconds since a gateway has answered."
            silences = GaugeMetricFamily("yinlu_source_silent_seconds", about, labels=["source"])
            for name, seconds in self.silent:
                silences.add_metric([name], seconds)
            yield silences


@dataclass(frozen=True)
class Look:
    """`numbers`: None where the database doesn't answer."""

    works: bool
    state: str
    numbers: StaffMetrics | None = None


@asynccontextmanager
async def serving(
    health: HealthEndpoints, port: int, setting: str = "YINLU_HEALTH_PORT"
) -> AsyncIterator[None]:
    """Serve both endpoints on loopback. Raises SettingsError where the port is taken."""
    app = web.Application()
    app.add_routes([web.get("/healthz", health.healthz), web.get("/metrics", health.metrics)])
    async with on_loopback(app, port, setting) as health.port:
        yield
