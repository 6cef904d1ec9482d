"""What this worker counts and measures. No label has a value for each trip or person.

What every delivery passes is counted in plain numbers, which are looked at when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

registry = CollectorRegistry(auto_describe=False)

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

prometheus_client.disable_created_metrics()
prometheus_client.ProcessCollector(registry=registry)
prometheus_client.PlatformCollector(registry=registry)
prometheus_client.GCCollector(registry=registry)


class Deliveries(Collector):
    """What was written to tabs."""

    def __init__(self) -> None:
        self.broadcasts = 0
        self.frames = 0
        self.bytes = 0

    def count(self, frames: int, size: int) -> None:
        """One frame of this size went out to so many tabs."""
        self.broadcasts += 1
        self.frames += frames
        self.bytes += frames * size

    def collect(self) -> Iterator[Metric]:
        """What is counted, for Prometheus."""
        for name, what, value in (
            ("broadcasts", "Updates sent, each to one tab or to many.", self.broadcasts),
            ("deliveries", "Frames written to tabs: each update counts once per tab.", self.frames),
            ("delivered_bytes", "Bytes of these frames' texts.", self.bytes),
        ):
            yield CounterMetricFamily(f"tripchat_{name}", what, value)


deliveries = Deliveries()
registry.register(deliveries)

messages_stored = Counter("tripchat_messages_stored", "Messages stored.", registry=registry)
sends_repeated = Counter(
    "tripchat_sends_repeated",
    "Sends of a message that was stored before, as an outbox repeats one whose answer was lost.",
    registry=registry,
)
send_to_broadcast = Histogram(
    "tripchat_send_to_broadcast_seconds",
    "From the arrival of a send at this worker until the stored message goes out to tabs.",
    buckets=_QUICK,
    registry=registry,
)
store = Histogram(
    "tripchat_store_seconds",
    "Transactions that store messages, each for all that waited.",
    buckets=_QUICK,
    registry=registry,
)
previews = Counter(
    "tripchat_previews",
    "Links that were looked up, by what came of it.",
    ["outcome"],
    registry=registry,
)
events = Counter(
    "tripchat_events", "Events that tabs sent, by handler.", ["event"], registry=registry
)
event_refusals = Counter(
    "tripchat_event_refusals",
    "Events that were refused or failed, by the status they have over HTTP.",
    ["status"],
    registry=registry,
)
http_requests = Counter(
    "tripchat_http_requests",
    "HTTP calls that were answered, by route.",
    ["method", "route", "status"],
    registry=registry,
)
http_duration = Histogram(
    "tripchat_http_request_seconds",
    "From the arrival of an HTTP call until its answer begins.",
    ["method", "route"],
    buckets=_QUICK,
    registry=registry,
)
catch_ups = Counter(
    "tripchat_catch_ups",
    "Times that the open rooms asked the database whether they had missed something.",
    registry=registry,
)
caught_up = Counter(
    "tripchat_messages_caught_up",
    "Messages and changes of messages that rooms had missed and read from the database.",
    registry=registry,
)
loop_lag = Histogram(
    "tripchat_event_loop_lag_seconds",
    "How late the event loop is, looked at twice a second.",
    buckets=_QUICK,
    registry=registry,
)
