"""What one worker and two workers deliver, and what each delivery costs them.

First at a steady rate, where both do the same work: the CPU that a delivery costs says how many
there would be with a core for each worker. Then with as much as they can: each trip has a few
messages under way, and whoever sees their own come back lets the next one go. That is what this
machine does by the clock, on two cores for workers, PostgreSQL, Redis and load client; whoever has
more to do puts more messages into one frame, so that both loads do not do the same.

Most tabs are looked at five times a second, and only counted, to leave those cores to the others.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench import messages
from bench.cluster.rows import Row
from bench.cluster.site import Cluster, Company, Cpu, Spread
from bench.figures import Spread as Range
from bench.figures import number
from bench.tab import Tab
from bench.tabs import Tabs, open_tabs

GOAL = 1.7
RATE = 100  # messages a second in all trips together
UNDER_WAY = 4  # messages of each trip
NAMES = ("one worker", "two workers")
LOOK_EVERY = 0.2  # seconds
LOOK_FOR = 0.01
WARM_UP = 1.0
PATIENCE = 10.0
CPU = ("worker_cpu", "postgres_cpu", "redis_cpu", "client_cpu")


@dataclass(frozen=True)
class Load:
    """One measurement."""

    rate: int  # messages a second; 0 for as many as could be had
    workers: int
    tabs: int
    seconds: float
    messages: int
    deliveries: int
    missing: int
    worker_cpu: float  # seconds, of all workers that have tabs
    idle_cpu: float  # of the others, which hear of everything
    postgres_cpu: float
    redis_cpu: float
    client_cpu: float

    @property
    def per_second(self) -> float:
        """Deliveries each second of the clock."""
        return self.deliveries / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of the workers' CPU for each delivery, with its share of the message's."""
        return 1e6 * self.worker_cpu / self.deliveries

    @property
    def capacity(self) -> float:
        """Deliveries each second if every worker had a core to itself."""
        return self.workers * 1e6 / self.cost


@dataclass
class Capacity:
    """One worker and two, in turns."""

    trips: int
    before: float  # CPU seconds of a worker each second, with nobody there
    loads: list[Load]

    def rows(self) -> Iterator[Row]:
        """The steady load, then all that goes."""
        steady, most = self._pairs(RATE), self._pairs(0)
        tabs = self.loads[0].tabs
        where = f"{tabs:,} tabs in {self.trips} trips"
        for name, loads in zip(NAMES, zip(*steady, strict=True), strict=True):
            cost = _range([each.cost for each in loads], "us")
            yield Row(f"{where}, {RATE} messages/s, {name}: workers' CPU per delivery", cost)
        free = [two.capacity / one.capacity for one, two in steady]
        yield Row(
            "deliveries of two workers by those of one, each with a core of its own (by that CPU)",
            f"{_range(free)} x",
            f"at least {GOAL} x",
            Range.of(free).median >= GOAL,
        )
        heard = [(one.idle_cpu - self.before * one.seconds) / one.messages for one, _ in steady]
        yield Row(
            "CPU of a message on a worker where nobody has the trip open",
            _range([1e6 * each for each in heard], "us"),
        )
        for name, loads in zip(NAMES, zip(*most, strict=True), strict=True):
            yield Row(
                f"{where}, all that goes, {name}: deliveries/s by the clock",
                _range([each.per_second for each in loads]),
            )
            seconds = sum(each.seconds for each in loads)
            cores = (sum(getattr(each, part) for each in loads) / seconds for part in CPU)
            yield Row(
                "cores of workers + PostgreSQL + Redis + load client, of this machine's two",
                " + ".join(f"{each:.2f}" for each in cores),
            )
        here = [two.per_second / one.per_second for one, two in most]
        yield Row("two workers by one, with everything on the same two cores", f"{_range(here)} x")
        if missing := sum(load.missing for load in self.loads):
            yield Row("deliveries that did not come", f"{missing:,}", "none", False)

    def _pairs(self, rate: int) -> list[tuple[Load, Load]]:
        one, two = (
            [load for load in self.loads if (load.rate, load.workers) == (rate, workers)]
            for workers in (1, 2)
        )
        return list(zip(one, two, strict=True))


def _range(values: Sequence[float], unit: str = "") -> str:
    spread = Range.of(values)
    return f"{number(spread.median)} {unit}".rstrip() + (
        f" ({number(spread.low)}–{number(spread.high)})" if spread.low != spread.high else ""
    )


async def capacity(
    cluster: Cluster, companies: Sequence[Company], tabs: int, seconds: float, turns: int
) -> Capacity:
    """Has one worker serve all tabs, then both of them half each, and again."""
    before = cluster.cpu()
    await asyncio.sleep(seconds)
    idle = cluster.cpu().since(before).workers[-1] / seconds
    loads: list[Load] = []
    for core, worker in enumerate(cluster.workers):
        worker.server.pin(core)
    try:
        for _ in range(turns):
            for workers in (cluster.workers[:1], cluster.workers):
                chat = Spread(cluster, companies, workers)
                async with open_tabs(chat, tabs) as opened:
                    crowd = Crowd(chat, opened, len(companies))
                    for rate in (RATE, 0):
                        loads.append(await crowd.measured(cluster, seconds, rate))
    finally:
        for worker in cluster.workers:
            worker.server.pin(None)
    return Capacity(len(companies), idle, loads)


class Crowd:
    """Tabs of which some talk, and all others are only counted."""

    def __init__(self, chat: Spread, tabs: Tabs, trips: int) -> None:
        self._chat = chat
        self._tabs = list(tabs)
        self._trips = trips
        # The first few of each trip, on all workers in turns.
        talking = UNDER_WAY * trips
        self._talkers = [Talker(chat, tab) for tab in self._tabs[:talking]]
        self._counted = self._tabs[talking:]

    async def measured(self, cluster: Cluster, seconds: float, rate: int) -> Load:
        """Has them talk, and measures in the middle of it."""
        for tab in self._counted:
            tab.socket.tally(messages.MARK_BEGINS)
        async with self._looking_now_and_then(), self._talking(rate):
            await asyncio.sleep(WARM_UP)
            began, cpu, client, back = self._now(cluster)
            await asyncio.sleep(seconds)
            ended, cpu_then, client_then, back_then = self._now(cluster)
        missing = await self._missing()
        used, count = cpu_then.since(cpu), len(self._chat.workers)
        workers = used.workers[:count]
        stored = back_then - back
        return Load(
            rate=rate,
            workers=count,
            tabs=len(self._tabs),
            seconds=ended - began,
            messages=stored,
            deliveries=stored * len(self._tabs) // self._trips,
            missing=missing,
            worker_cpu=sum(workers),
            idle_cpu=sum(used.workers[count:]),
            postgres_cpu=used.postgres,
            redis_cpu=used.redis,
            client_cpu=client_then - client,
        )

    def _now(self, cluster: Cluster) -> tuple[float, Cpu, float, int]:
        back = sum(talker.back for talker in self._talkers)
        return time.perf_counter(), cluster.cpu(), time.process_time(), back

    @asynccontextmanager
    async def _talking(self, rate: int) -> AsyncIterator[None]:
        """Meanwhile everybody says what comes next, or at that rate one after the other."""
        for talker in self._talkers:
            talker.is_talking = not rate
        clock = asyncio.create_task(self._talk(rate)) if rate else None
        if clock is None:
            for talker in self._talkers:
                talker.say()
        try:
            yield
        finally:
            if clock is not None:
                clock.cancel()
            for talker in self._talkers:
                talker.is_talking = False

    async def _talk(self, rate: int) -> None:
        start = time.perf_counter()
        for index, talker in enumerate(itertools.cycle(self._talkers)):
            await asyncio.sleep(max(0.0, start + index / rate - time.perf_counter()))
            talker.say()

    async def _missing(self) -> int:
        """Waits for what is under way; gives how many deliveries have never come."""
        sent = [0] * self._trips
        for talker in self._talkers:
            sent[self._chat.company_of(talker.tab.index)] += talker.sent
        expected = sum(sent[self._chat.company_of(tab.index)] for tab in self._counted)
        until = time.perf_counter() + PATIENCE
        while (missing := expected - sum(tab.socket.tallied for tab in self._counted)) > 0:
            if time.perf_counter() > until:
                break
            await asyncio.sleep(LOOK_EVERY)
        return missing

    @asynccontextmanager
    async def _looking_now_and_then(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            for tab in self._counted:
                tab.socket.resume()

    async def _look(self) -> None:
        while True:
            for tab in self._counted:
                tab.socket.pause()
            await asyncio.sleep(LOOK_EVERY)
            for tab in self._counted:
                tab.socket.resume()
            await asyncio.sleep(LOOK_FOR)


class Talker:
    """A tab that sends another message for each of its own that it sees."""

    def __init__(self, chat: Spread, tab: Tab) -> None:
        self.tab = tab
        self.sent = 0
        self.back = 0  # messages of its own that it has seen
        self.is_talking = True
        self._chat = chat
        self._under_way: set[int] = set()
        tab.listener = self._heard

    def say(self) -> None:
        """Sends a message more than before."""
        number = messages.next_number()
        self._under_way.add(number)
        self.sent += 1
        self._chat.send(self.tab, number)

    def _heard(self, frame: bytes) -> None:
        for mine in self._under_way.intersection(map(int, messages.MARK.findall(frame))):
            self._under_way.discard(mine)
            self.back += 1
            if self.is_talking:
                self.say()
