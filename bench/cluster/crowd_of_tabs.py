"""Many tabs of which some write and listen closely; the others are only counted.

Those are looked at five times a second, to leave the machine's cores to whatever is measured.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench import messages
from bench.cluster.site import Cluster, Cpu, Spread
from bench.figures import percentile
from bench.tab import Tab
from bench.tabs import Tabs

SPEAKERS = 4  # of each trip
LOOK_EVERY = 0.2  # seconds
LOOK_FOR = 0.01
WARM_UP = 1.0
PATIENCE = 10.0


@dataclass(frozen=True)
class Load:
    """One measurement."""

    rate: float  # messages a second
    workers: int
    tabs: int
    seconds: float
    messages: int  # that came back to who sent them
    p95: float  # milliseconds, from a message's sending to its being there
    missing: int
    worker_cpu: float  # seconds, of all workers that have tabs
    idle_cpu: float  # of the others, which hear of everything
    postgres_cpu: float
    redis_cpu: float
    client_cpu: float
    trips: int

    @property
    def deliveries(self) -> float:
        """To all tabs."""
        return self.messages * self.tabs / self.trips

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


class Crowd:
    """All tabs of some trips."""

    def __init__(self, cluster: Cluster, chat: Spread, tabs: Tabs) -> None:
        self._cluster = cluster
        self._chat = chat
        self._tabs = list(tabs)
        self._said: dict[int, float] = {}
        """When each message was sent, by `time.perf_counter`."""
        # The first few of each trip, on all workers in turns.
        speaking = SPEAKERS * chat.trips
        self._speakers = [Speaker(chat, tab, self._said) for tab in self._tabs[:speaking]]
        self._counted = self._tabs[speaking:]
        for tab in self._counted:
            tab.socket.tally(messages.MARK_BEGINS)

    async def measured(self, seconds: float, rate: float) -> Load:
        """Has them write at this rate, one after the other, and measures in the middle of it."""
        async with self._looking_now_and_then(), self._speaking(rate):
            await asyncio.sleep(WARM_UP)
            began, cpu, client, back = self._now()
            await asyncio.sleep(seconds)
            ended, cpu_then, client_then, back_then = self._now()
        missing = await self._missing()
        used, count = cpu_then.since(cpu), len(self._chat.workers)
        delays = [
            delay
            for speaker in self._speakers
            for at, delay in speaker.delays
            if began <= at < ended
        ]
        for speaker in self._speakers:
            speaker.delays.clear()
        return Load(
            rate=rate,
            workers=count,
            tabs=len(self._tabs),
            trips=self._chat.trips,
            seconds=ended - began,
            messages=back_then - back,
            p95=1000 * percentile(delays, 95),
            missing=missing,
            worker_cpu=sum(used.workers[:count]),
            idle_cpu=sum(used.workers[count:]),
            postgres_cpu=used.postgres,
            redis_cpu=used.redis,
            client_cpu=client_then - client,
        )

    def _now(self) -> tuple[float, Cpu, float, int]:
        back = sum(speaker.back for speaker in self._speakers)
        return time.perf_counter(), self._cluster.cpu(), time.process_time(), back

    @asynccontextmanager
    async def _speaking(self, rate: float) -> AsyncIterator[None]:
        clock = asyncio.create_task(self._speak(rate))
        try:
            yield
        finally:
            clock.cancel()

    async def _speak(self, rate: float) -> None:
        start = time.perf_counter()
        for index, speaker in enumerate(itertools.cycle(self._speakers)):
            await asyncio.sleep(max(0.0, start + index / rate - time.perf_counter()))
            speaker.say()

    async def _missing(self) -> int:
        """Waits for what is under way; gives how many deliveries have never come."""
        sent = [0] * self._chat.trips
        for speaker in self._speakers:
            sent[self._chat.company_of(speaker.tab.index)] += speaker.sent
        expected = [sent[self._chat.company_of(tab.index)] for tab in self._counted]
        until = time.perf_counter() + PATIENCE
        while True:
            # Some come twice: a message that was read early is told again with its broadcast.
            missing = sum(
                max(0, due - tab.socket.tallied)
                for due, tab in zip(expected, self._counted, strict=True)
            )
            if not missing or time.perf_counter() > until:
                return missing
            await asyncio.sleep(LOOK_EVERY)

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


class Speaker:
    """A tab that writes, and notes when all that is written comes to it."""

    def __init__(self, chat: Spread, tab: Tab, said: dict[int, float]) -> None:
        """`said` is what all speakers have sent, by number: each adds its own."""
        self.tab = tab
        self.sent = 0
        self.back = 0  # messages of its own that it has seen
        self.delays: list[tuple[float, float]] = []
        """When each message was sent, and how long it took, in seconds."""
        self._chat = chat
        self._said = said
        self._mine: set[int] = set()
        self._heard: set[int] = set()
        tab.listener = self._hear

    def say(self) -> None:
        """Sends a message."""
        number = messages.next_number()
        self._mine.add(number)
        self.sent += 1
        self._said[number] = time.perf_counter()
        self._chat.send(self.tab, number)

    def _hear(self, frame: bytes) -> None:
        now = time.perf_counter()
        for number in {*map(int, messages.MARK.findall(frame))} - self._heard:
            at = self._said.get(number)
            if at is not None:  # older than this crowd
                self._heard.add(number)
                self.delays.append((at, now - at))
                self.back += number in self._mine
