"""The public side seen from outside, in numbers that tell nobody when somebody wrote.

Nothing here counts reports, chats or attempts as they come: who reads `/metrics` every few seconds
would learn the minute of each, which no row keeps (docs/promises.md P5). What moves, moves by days,
or while the limits are reached.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiohttp import web
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.operations.health import ANSWER_IN, ended_state, metrics_response, state_response
from domain.calendar.office_hours import day_of
from services.intake.intake import Intake, Standing

AWAY = "the database doesn't answer"

log = structlog.get_logger()


@dataclass
class PublicHealth:
    """`errors`: gives how often the messenger couldn't be reached since the process began.
    `ended`: the name of a part of the process that has ended; "" while all of them run."""

    intake: Intake
    now: Callable[[], datetime]
    errors: Callable[[], int]
    ended: Callable[[], str] = lambda: ""
    port: int = 0

    async def healthz(self, request: web.Request) -> web.Response:
        """200 while every part runs and the database answers, else 503. A messenger that is away is
        no reason to start this process again: the page works without it."""
        if ended := self.ended():
            return state_response(503, ended_state(ended))
        return state_response(200, "fine") if await self._standing() else state_response(503, AWAY)

    async def metrics(self, request: web.Request) -> web.Response:
        """Answer /metrics; 503 while the database doesn't answer."""
        standing = await self._standing()
        return (
            metrics_response(PublicMetrics(standing, self.errors()))
            if standing
            else state_response(503, AWAY)
        )

    async def _standing(self) -> Standing | None:
        try:
            async with asyncio.timeout(ANSWER_IN):
                return await self.intake.standing(day_of(self.now()), self.now())
        except Exception as error:
            log.warning("not_measured", error=type(error).__name__)
            return None


@dataclass(frozen=True)
class PublicMetrics:
    """One measurement, as prometheus-client collects it."""

    standing: Standing
    errors: int

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        seen = self.standing
        yield CounterMetricFamily(
            "yinlu_messenger_errors", "Times the messenger wasn't reached.", value=self.errors
        )
        for name, about, value in (
            ("reports_overdue", "Reports whose answer is late, by days.", seen.overdue),
            ("codes_short", "1 while more codes are tried than are answered.", seen.codes_short),
            ("reports_short", "1 while more is handed in than is taken.", seen.reports_short),
        ):
            yield GaugeMetricFamily(f"yinlu_{name}", about, value=int(value))
