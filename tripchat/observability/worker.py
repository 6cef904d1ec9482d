"""What is looked at when somebody asks for the metrics: this worker as it is at that moment."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from socketio import AsyncServer

from tripchat import __version__, db
from tripchat.cluster.bus import bus
from tripchat.cluster.workers import WORKER_ID, workers
from tripchat.realtime.frames import writer_of
from tripchat.realtime.link import Link
from tripchat.realtime.live import Live
from tripchat.server.site import SITE_FOLDER

TRANSPORTS = ("websocket", "stream")


class ThisWorker(Collector):
    """The connections, rooms and pools of this process."""

    def __init__(self, live: Live, sio: AsyncServer) -> None:
        self._live = live
        self._sio = sio

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: there may be no database yet."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of it, for Prometheus."""
        build = Path(os.environ.get(SITE_FOLDER, "")).name
        yield InfoMetricFamily(
            "tripchat_build",
            "What is running.",
            {"version": __version__, "page": build, "worker": WORKER_ID},
        )
        yield from self._connections()
        rooms = "Rooms that are open here: trips that somebody looks at, or did a moment ago."
        yield GaugeMetricFamily("tripchat_rooms_open", rooms, len(self._live.rooms))
        known = "Workers that are there, as this one sees it."
        yield GaugeMetricFamily("tripchat_workers", known, 1 + len(workers.others))
        yield _pools()
        yield from _redis()

    def _connections(self) -> Iterator[Metric]:
        by_transport = GaugeMetricFamily(
            "tripchat_connections", "Pages connected to this worker.", labels=["transport"]
        )
        found = Counter(_transport(environ) for environ in self._sio.environ.values())
        for transport in TRANSPORTS:
            by_transport.add_metric([transport], found[transport])
        yield by_transport
        yield GaugeMetricFamily(
            "tripchat_connections_signed_in",
            "Those of them whose person is signed in.",
            sum(1 for _ in self._live.tabs.signed_in()),
        )


def _transport(environ: dict[str, dict[str, object]]) -> str:
    return "stream" if isinstance(writer_of(environ["asgi.scope"]), Link) else "websocket"


def _pools() -> Metric:
    used = GaugeMetricFamily(
        "tripchat_database_connections_in_use",
        "Database connections in use, of the pool that reads and the one that writes.",
        labels=["pool"],
    )
    for pool, checked_out in db.connections_in_use().items():
        used.add_metric([pool], checked_out)
    return used


def _redis() -> Iterator[Metric]:
    if (joined := bus()) is None:
        return
    status = joined.status
    up = "Whether the other workers are heard and told through Redis."
    yield GaugeMetricFamily("tripchat_redis_up", up, int(status.healthy))
    if status.round_trip is not None:
        trip = "How long this worker's last beat took through Redis and back."
        yield GaugeMetricFamily("tripchat_redis_round_trip_seconds", trip, status.round_trip)
    losses = "Times that the subscription was lost: what was missed is read from the database."
    yield CounterMetricFamily("tripchat_redis_subscriptions_lost", losses, status.losses)
    waiting = "Changes that other workers have not been told yet."
    yield GaugeMetricFamily("tripchat_redis_publishes_waiting", waiting, status.waiting)
