"""What Prometheus is told: counts and times of everything that passes, and how the queues stand.

Names and labels carry no customer: kinds, methods and outcomes only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
"""Seconds; Slack waits three for an acknowledgement."""
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Measures:
    """The metrics of one process; made once, with a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        one = self._registry
        self.arrivals = Counter(
            "supportbot_arrivals_total", "What came in", ["kind", "outcome"], registry=one
        )
        self.save_seconds = Histogram(
            "supportbot_save_seconds", "Saving before the acknowledgement", buckets=_QUICK,
            registry=one,
        )  # fmt: skip
        self.handled = Counter(
            "supportbot_handled_total", "Attempts to handle", ["kind", "outcome"], registry=one
        )
        self.handle_seconds = Histogram(
            "supportbot_handle_seconds", "Handling, from the claim to the commit", buckets=_QUICK,
            registry=one,
        )  # fmt: skip
        self.calls = Counter(
            "supportbot_calls_total", "Attempts to tell Slack", ["method", "outcome"], registry=one
        )
        self.owed_seconds = Histogram(
            "supportbot_owed_seconds", "From owing a call to its success", buckets=_SLOW,
            registry=one,
        )  # fmt: skip
        self.caught_up = Counter(
            "supportbot_caught_up_total", "Messages found in the history", registry=one
        )
        self.second_copies = Counter(
            "supportbot_second_copies_total", "Messages posted twice, one deleted", registry=one
        )
        self.reopened = Counter(
            "supportbot_sockets_reopened_total", "Connections found deaf", registry=one
        )

    def show_also(self, gauges: Callable[[], dict[str, dict[str, float]]]) -> None:
        """Ask for these at every look: name → label value → figure (label `of`)."""
        self._registry.register(_Gauges(gauges))

    def exposition(self) -> bytes:
        return generate_latest(self._registry)


class _Gauges(Collector):
    def __init__(self, gauges: Callable[[], dict[str, dict[str, float]]]) -> None:
        self._gauges = gauges

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, figures in self._gauges().items():
            family = GaugeMetricFamily(name, name.replace("_", " "), labels=["of"])
            for label, figure in figures.items():
                family.add_metric([label], figure)
            yield family
