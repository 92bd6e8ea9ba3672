"""How the cells of a process are, seen from outside: a line for each, and numbers by cell."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.operations.health import StaffMetrics, metrics_response, state_response

KEPT = 1.0
"""Seconds for which a look at all cells is good: whoever asks often shall not ask the databases."""


@dataclass(frozen=True)
class Seen:
    """`numbers`: None where there are none now."""

    state: str
    numbers: StaffMetrics | None

    @property
    def works(self) -> bool:
        return self.numbers is not None and self.state.startswith("fine")


class Looked(Protocol):
    """A cell that works."""

    async def look(self) -> tuple[str, StaffMetrics | None]:
        """Return how it is, and its numbers where there are any now."""
        ...


@dataclass
class CellsHealth:
    """`running`: by name, as it is at that moment."""

    running: Mapping[str, Looked]
    clock: Callable[[], float]
    port: int = field(default=0, init=False)
    _looked: float = field(default=float("-inf"), init=False)
    _seen: Mapping[str, Seen] = field(default_factory=dict, init=False)

    async def healthz(self, request: web.Request) -> web.Response:
        """200 while this process works, with the state of each cell: starting it anew would end
        those that work as well. `?cell=NAME`: 503 where that one doesn't work or isn't here."""
        seen = await self._look()
        name = request.query.get("cell")
        if name is not None:
            one = seen.get(name, Seen("not in this process", None))
            return state_response(200 if one.works else 503, one.state)
        bad = [name for name, one in seen.items() if not one.works]
        state = f"cells in trouble: {', '.join(bad)}" if bad else "fine"
        return web.json_response(
            {"state": state, "cells": {name: one.state for name, one in seen.items()}}
        )

    async def metrics(self, request: web.Request) -> web.Response:
        return metrics_response(ByCell(await self._look()))

    async def _look(self) -> Mapping[str, Seen]:
        if self.clock() >= self._looked + KEPT:
            cells = dict(self.running)
            looks = await asyncio.gather(*(cell.look() for cell in cells.values()))
            self._seen = {name: Seen(*one) for name, one in sorted(zip(cells, looks, strict=True))}
            self._looked = self.clock()
        return self._seen


@dataclass(frozen=True, eq=False)
class ByCell(Collector):
    """The numbers of each cell, as one process alone gives them, with its name."""

    seen: Mapping[str, Seen]

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        about = "1 while the cell works in this process, 0 where something is wrong with it."
        works = GaugeMetricFamily("yinlu_cell_works", about, labels=["cell"])
        made: dict[str, Metric] = {}
        for name, one in self.seen.items():
            works.add_metric([name], one.works)
            for family in one.numbers.collect() if one.numbers else ():
                whole = Metric(family.name, family.documentation, family.type)
                into = made.setdefault(family.name, whole)
                for sample in family.samples:
                    into.add_sample(sample.name, {"cell": name, **sample.labels}, sample.value)
        yield works
        yield from made.values()
