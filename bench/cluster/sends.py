"""How many messages a second one worker and two workers store, in one trip and in a hundred."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import messages
from bench.cluster.rows import Row
from bench.cluster.site import Cluster, Spread
from bench.figures import number
from bench.tab import Tab
from bench.tabs import open_tabs

UNDER_WAY = 100  # messages at any moment
TRIPS = 100
TABS = 10  # of the one trip: that they all hear everything is not what is measured
WARM_UP = 1.0


@dataclass(frozen=True)
class Rate:
    """One measurement; CPU in seconds for each message."""

    trips: int
    workers: int
    per_second: float
    worker_cpu: float
    postgres_cpu: float
    redis_cpu: float


@dataclass
class Sends:
    """Every kind once."""

    rates: list[Rate]

    def rows(self) -> Iterator[Row]:
        """A line for each."""
        for rate in self.rates:
            trips = "one trip" if rate.trips == 1 else f"{rate.trips} trips"
            workers = "one worker" if rate.workers == 1 else f"{rate.workers} workers"
            cpu = " + ".join(
                number(1e6 * each) for each in (rate.worker_cpu, rate.postgres_cpu, rate.redis_cpu)
            )
            yield Row(
                f"{UNDER_WAY} messages at once in {trips}, {workers}: messages/s "
                "(us of CPU for each: workers + PostgreSQL + Redis)",
                f"{number(rate.per_second)} ({cpu})",
            )


async def sends(cluster: Cluster, seconds: float) -> Sends:
    """Everybody sends the next message when the last one has come back."""
    rates: list[Rate] = []
    for trips in (await cluster.companies(1, TABS), await cluster.companies(TRIPS, 1)):
        for workers in (cluster.workers[:1], cluster.workers):
            rates.append(await _rate(cluster, Spread(cluster, trips, workers), seconds))
    return Sends(rates)


async def _rate(cluster: Cluster, chat: Spread, seconds: float) -> Rate:
    async with open_tabs(chat, max(TABS, chat.trips)) as tabs:
        talkers = [Talker(chat, tab) for tab in tabs]
        for talker in talkers:
            for _ in range(UNDER_WAY // len(talkers)):
                talker.say()
        await asyncio.sleep(WARM_UP)
        began, before = time.perf_counter(), cluster.cpu()
        back = sum(talker.back for talker in talkers)
        await asyncio.sleep(seconds)
        took, used = time.perf_counter() - began, cluster.cpu().since(before)
        stored = sum(talker.back for talker in talkers) - back
        for talker in talkers:
            talker.is_talking = False
        await asyncio.sleep(WARM_UP)
    return Rate(
        trips=chat.trips,
        workers=len(chat.workers),
        per_second=stored / took,
        worker_cpu=sum(used.workers) / stored,
        postgres_cpu=used.postgres / stored,
        redis_cpu=used.redis / stored,
    )


class Talker:
    """A tab that sends another message for each of its own that it sees."""

    def __init__(self, chat: Spread, tab: Tab) -> None:
        self.back = 0  # messages of its own that it has seen
        self.is_talking = True
        self._tab = tab
        self._chat = chat
        self._under_way: set[int] = set()
        tab.listener = self._heard

    def say(self) -> None:
        """Sends a message more than before."""
        number = messages.next_number()
        self._under_way.add(number)
        self._chat.send(self._tab, number)

    def _heard(self, frame: bytes) -> None:
        for mine in self._under_way.intersection(map(int, messages.MARK.findall(frame))):
            self._under_way.discard(mine)
            self.back += 1
            if self.is_talking:
                self.say()
