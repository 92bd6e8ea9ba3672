"""What a gateway tells of itself in numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

if TYPE_CHECKING:
    from gateway.server import Gateway


def written(gateway: "Gateway") -> str:
    """As Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(_Numbers(gateway))
    return generate_latest(registry).decode()


@dataclass(frozen=True)
class _Numbers:
    """Numbers only, and no label that could name a person or a chat."""

    gateway: "Gateway"

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> list[Metric]:
        gateway = self.gateway
        calls = CounterMetricFamily(
            "yinlu_gateway_calls", "Calls of the bot by what became of them.", labels=["outcome"]
        )
        for name, number in gateway.outwards.counted.items():
            calls.add_metric([name], number)
        waiting = len(list(gateway.queue.waiting()))
        return [
            calls,
            CounterMetricFamily(
                "yinlu_gateway_events", "Events taken from the platform.", gateway.inwards.taken
            ),
            GaugeMetricFamily(
                "yinlu_gateway_updates_waiting", "Updates the bot hasn't confirmed.", waiting
            ),
            GaugeMetricFamily(
                "yinlu_gateway_connected", "1 while the platform answers.",
                float(gateway.platform.connected),
            ),
        ]  # fmt: skip
