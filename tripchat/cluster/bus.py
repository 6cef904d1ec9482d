"""Several workers as one live side: each tells the others what it has done, through Redis.

Redis only passes on what is said at this moment: it keeps nothing. Whoever may have missed
something reads it from the database, which holds all of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tripchat import hub
from tripchat.cluster.publisher import Publisher
from tripchat.cluster.signs import Beat, Goodbye
from tripchat.cluster.subscription import Subscription
from tripchat.cluster.wire import Item, Unreadable, channel_of, unpacked
from tripchat.cluster.workers import WORKER_ID, Worker, Workers, workers
from tripchat.hub import Change
from tripchat.sealing import sealer
from tripchat.settings import Settings

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0

LATE_SECONDS = 2.0
"""A beat that was not heard for so long is late: until it comes, the database is asked."""

LOOK_SECONDS = 10.0
"""Even when nothing seems to be missing the database is asked this often: another worker may not
get through to Redis while we do."""

LOOK_ON_SECONDS = 10.0
"""How long the database is asked with each beat after a worker fell silent: what it stored last,
nobody may have told."""

SETTLING_SECONDS = 2.0
"""So long the database is asked again after a loss: what was being read when the subscription came
back may be older than it."""

GOODBYE_SECONDS = 1.0


@dataclass(frozen=True)
class Status:
    """How the bus is, for those who watch it."""

    healthy: bool
    connected_since: float | None
    """Seconds since the epoch; None while the subscription is away."""
    losses: int
    """How often the subscription was lost."""
    round_trip: float | None
    """Seconds that the last beat took to come back; None before the first."""
    waiting: int
    """How much has not been published yet."""


class Bus:
    """This worker's connection with the others."""

    def __init__(self, url: str, workers: Workers, worker_id: str = WORKER_ID) -> None:
        self._worker_id = worker_id
        self._workers = workers
        self._publisher = Publisher(url, worker_id, self._publisher_lost, self._publisher_back)
        self._subscription = Subscription(
            url, _channels, self._received, self._subscription_lost, self._confirmed
        )
        self._numbers: dict[str, int] = {}
        """Worker id -> number of the last envelope heard from it."""
        self._publishes = False
        self._since: float | None = None
        self._losses = 0
        self._round_trip: float | None = None
        self._heard_at = 0.0
        self._looked_at = 0.0
        self._look_until = 0.0
        self._away_since: float | None = None
        """When this outage began; None while there is none."""

    @property
    def healthy(self) -> bool:
        """Whether what is done here is told and what is done elsewhere is heard."""
        return self._publishes and self._since is not None

    @property
    def status(self) -> Status:
        """How it is at this moment."""
        return Status(
            self.healthy, self._since, self._losses, self._round_trip, self._publisher.waiting
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell and hear; at the end say goodbye."""
        stop = hub.on_publish(self._tell)
        tasks = [
            asyncio.create_task(work())
            for work in (self._publisher.run, self._subscription.run, self._beat)
        ]
        try:
            yield
        finally:
            stop()
            self._publisher.put(Goodbye())
            await self._publisher.flushed(GOODBYE_SECONDS if self._publishes else 0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _tell(self, change: Change) -> None:
        self._publisher.put(change)

    # What is heard.

    def _received(self, payload: bytes) -> bool:
        """Take what some worker has published; gives whether it was our own beat."""
        if (echo := self._publisher.echo_of(payload)) is not None:
            return any(self._heard_myself(item) for item in echo)
        try:
            envelope = unpacked(payload, sealer())
        except Unreadable as error:
            log.error("what came through Redis is not from a worker of this site: %s", error)
            return False
        if envelope.worker_id == self._worker_id:
            return False  # said again, or so long ago that it proves nothing
        known = self._numbers.get(envelope.worker_id)
        if known is not None and envelope.number <= known:
            return False  # its answer from Redis got lost, so it was said again
        self._numbers[envelope.worker_id] = envelope.number
        if known is not None and envelope.number > known + 1:
            self._look()
        for item in envelope.items:
            self._take(envelope.worker_id, item)
        return False

    def _heard_myself(self, item: Item) -> bool:
        if not isinstance(item, Beat):
            return False
        self._heard_at = _now()
        self._round_trip = self._heard_at - item.sent_at
        return True

    def _take(self, worker_id: str, item: Item) -> None:
        if isinstance(item, Beat):
            if self._workers.heard(Worker(worker_id, item.url), _now()):
                # It is new, or was silent for so long that its people were taken for gone.
                self._publisher.put(hub.Asked())
        elif isinstance(item, Goodbye):
            self._numbers.pop(worker_id, None)
            self._workers.gone(worker_id)
        else:
            if isinstance(item, hub.Asked):
                self._say_there()
            hub.relay(item)

    # How the connection is.

    def _confirmed(self) -> None:
        self._since = time.time()
        self._heard_at = _now()
        self._numbers.clear()
        self._look_until = self._heard_at + SETTLING_SECONDS
        # Who came meanwhile is known to nobody: everybody says it, this worker as well.
        self._say_there()
        hub.publish(hub.Asked())
        self._look()
        self._note_back()

    def _subscription_lost(self, error: BaseException) -> None:
        if self._since is not None:
            self._since = None
            self._losses += 1
        self._lost(error)

    def _publisher_lost(self, error: BaseException) -> None:
        self._publishes = False
        self._lost(error)

    def _publisher_back(self) -> None:
        self._publishes = True
        self._say_there()
        self._note_back()

    def _lost(self, error: BaseException) -> None:
        if self._away_since is None:
            self._away_since = _now()
            log.warning(
                "Redis is away (%s): until it is back, what other workers do is read from the "
                "database",
                type(error).__name__,
            )

    def _note_back(self) -> None:
        if self.healthy and self._away_since is not None:
            log.warning("Redis is back after %.1f s", _now() - self._away_since)
            self._away_since = None

    # What is done again and again.

    async def _beat(self) -> None:
        while True:
            try:
                await self._subscription.follow()
                self._note_time(_now())
            except Exception:
                # Without its beat this worker would be taken for dead.
                log.exception("a worker's beat failed")
            # Not all workers ask the database in the same moment.
            await asyncio.sleep(BEAT_SECONDS * random.uniform(0.9, 1))  # noqa: S311

    def _note_time(self, now: float) -> None:
        self._say_there()
        before = len(self._workers.others)
        self._workers.expire(now)
        if len(self._workers.others) < before:
            self._look_until = now + LOOK_ON_SECONDS
        if self._is_due(now):
            self._look()

    def _say_there(self) -> None:
        # While Redis is away it would only be old news.
        if self._publishes:
            self._publisher.put(Beat(self._workers.url, _now()))

    def _is_due(self, now: float) -> bool:
        return (
            self._since is None
            or now - self._heard_at > LATE_SECONDS
            or now < self._look_until
            or now - self._looked_at > LOOK_SECONDS
            or self._workers.is_any_late(now, LATE_SECONDS)
        )

    def _look(self) -> None:
        """Have everybody look what they have missed."""
        self._looked_at = _now()
        hub.relay(hub.Missed())


def _channels() -> list[str]:
    """Where the other workers are heard: whoever shares a key with this one speaks there."""
    return [channel_of(key) for key in sealer().keys]


def _now() -> float:
    return asyncio.get_running_loop().time()


_bus: Bus | None = None


def bus() -> Bus | None:
    """The bus of this process; None when it is alone."""
    return _bus


@asynccontextmanager
async def joined(settings: Settings) -> AsyncIterator[None]:
    """Be one of several workers, where there is a Redis to be one through."""
    global _bus
    if settings.redis_url is None:
        yield
        return
    _bus = Bus(settings.redis_url.get_secret_value(), workers)
    try:
        async with _bus.running():
            yield
    finally:
        _bus = None
