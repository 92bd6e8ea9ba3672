"""What a gateway tells of itself in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers only, and no label that could name a person or a chat. `calls`: of the bot, by what
    became of them. `waiting`: updates that the bot hasn't confirmed."""

    calls: Mapping[str, int]
    events: int
    waiting: int
    connected: bool

    def written(self) -> str:
        """As Prometheus reads it."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry).decode()

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> list[Metric]:
        calls = CounterMetricFamily(
            "yinlu_gateway_calls", "Calls of the bot by what became of them.", labels=["outcome"]
        )
        for name, number in self.calls.items():
            calls.add_metric([name], number)
        return [
            calls,
            CounterMetricFamily(
                "yinlu_gateway_events", "Events taken from the platform.", self.events
            ),
            GaugeMetricFamily(
                "yinlu_gateway_updates_waiting", "Updates the bot hasn't confirmed.", self.waiting
            ),
            GaugeMetricFamily(
                "yinlu_gateway_connected", "1 while the platform answers.", float(self.connected)
            ),
        ]
