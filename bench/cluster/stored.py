"""What stored messages cost: opening, sending and looking back in small and in huge trips."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx

from bench.cluster.rows import Row
from bench.cluster.site import Cluster
from bench.figures import number, percentile
from bench.site import Trip
from bench.tab import ReflexTab, TabClosed
from bench.tabs import Tabs, open_tabs
from bench.tripchat import TripChat
from bench.visitor import ROOM_STATE

PAGE = 50  # messages, as the page asks for
PAGES = 20  # a thousand messages
FLAT = 1.3  # times the smallest trip's figure that the largest's may be
PATIENCE = 30.0  # seconds

WORDS = {
    "first": "open, nobody had it open",
    "again": "open, somebody had it open",
    "send": "send, to its being there",
    "back": "look back 1,000 messages, 20 pages",
    "http": "the same over HTTP",
    "anywhere": "20 pages from anywhere in it",
}


@dataclass
class Times:
    """Milliseconds, in a trip with so many stored messages."""

    stored: int
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    send: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    http: list[float] = field(default_factory=list)
    anywhere: list[float] = field(default_factory=list)


@dataclass
class Stored:
    """The same things done in trips of several sizes, in turns."""

    sizes: list[Times]

    def rows(self) -> Iterator[Row]:
        """A line for each thing and size."""
        smallest, *_ = self.sizes
        for name, what in WORDS.items():
            for times in self.sizes:
                values = getattr(times, name)
                median = percentile(values, 50)
                ratio = median / percentile(getattr(smallest, name), 50)
                spread = f"{number(percentile(values, 10))}–{number(percentile(values, 90))}"
                yield Row(
                    f"{what}; {times.stored:,} stored messages",
                    f"{number(median)} ms ({spread})",
                    "" if times is smallest else f"at most {FLAT} x the first (is {ratio:.2f} x)",
                    None if times is smallest else ratio <= FLAT,
                )


async def stored(cluster: Cluster, sizes: Sequence[int], each: int, samples: int) -> Stored:
    """Makes `each` trips of every size, in one database, and takes the times in turns."""
    site = cluster.first
    trips: list[list[Trip]] = [[] for _ in sizes]
    for _ in range(each):
        for made, size in zip(trips, sizes, strict=True):
            made.append(await site.trip(f"{size:,} messages", size))
    times = [Times(size) for size in sizes]
    # Each worker opens a trip for the first time.
    for number_of_trip in range(each):
        for worker in cluster.workers:
            for figures, made in zip(times, trips, strict=True):
                figures.first.append(await _open(worker, made[number_of_trip]))
    largest = [made[0] for made in trips]
    for _ in range(samples):
        for figures, trip in zip(times, largest, strict=True):
            figures.again.append(await _open(site, trip))
    await _inside(site, largest, times, samples)
    return Stored(times)


async def _open(site: TripChat, trip: Trip) -> float:
    tab = site.tab(0, trip, waits_for=trip.newest)
    seconds = await tab.open(PATIENCE)
    tab.close()
    await asyncio.sleep(0.05)  # what closing costs the server belongs to no opening
    return 1000 * seconds


async def _inside(
    site: TripChat, trips: Sequence[Trip], times: Sequence[Times], samples: int
) -> None:
    """Takes the times of what is done in an open trip."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(_reader(site, trip)) for trip in trips]
        for sample in range(samples + 3):
            for figures, reader in zip(times, opened, strict=True):
                took = {
                    "send": await reader.send(),
                    "back": await reader.pages(reader.back()),
                    "http": await reader.http(reader.back()),
                    "anywhere": await reader.pages(reader.anywhere()),
                }
                if sample >= 3:  # the first few warm everything up
                    for name, seconds in took.items():
                        getattr(figures, name).append(1000 * seconds)


@asynccontextmanager
async def _reader(site: TripChat, trip: Trip) -> AsyncIterator[Reader]:
    async with (
        open_tabs(site.channel(trip), 1) as tabs,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{site.server.port}",
            headers={"Cookie": site.people[0].cookie},
        ) as http,
    ):
        yield Reader(tabs, trip, http)


class Reader:
    """A tab that has a trip open, and another program of the same person."""

    def __init__(self, tabs: Tabs, trip: Trip, http: httpx.AsyncClient) -> None:
        (tab,) = tabs
        assert isinstance(tab, ReflexTab)
        self._tabs = tabs
        self._tab = tab
        self._trip = trip
        self._http = http
        self._awaited: re.Pattern[bytes] | None = None
        self._came = asyncio.Event()
        tab.listener = self._heard

    def _heard(self, frame: bytes) -> None:
        if self._awaited is not None and self._awaited.search(frame):
            self._came.set()

    def back(self) -> Sequence[int]:
        """Where the pages of the newest thousand messages end, the newest first."""
        return [self._trip.stored + 1 - PAGE * page for page in range(PAGES)]

    def anywhere(self) -> Sequence[int]:
        """Where so many pages end that lie anywhere."""
        return [random.randint(PAGE + 1, self._trip.stored) for _ in range(PAGES)]

    async def send(self) -> float:
        """Sends a message; gives the seconds until the tab itself has it."""
        arrivals = self._tabs.expect(1)
        self._tabs.send(arrivals, 0)
        async with asyncio.timeout(PATIENCE):
            await arrivals.complete.wait()
        await asyncio.sleep(0.02)  # what follows a message belongs to nothing else
        return arrivals.delays[0]

    async def pages(self, ends: Sequence[int]) -> float:
        """Reads pages as the page does, one after the other; gives the seconds."""
        began = time.perf_counter()
        for before in ends:
            self._awaited = re.compile(rb'"before": ?%d,' % before)
            self._came.clear()
            asked = {"trip_id": self._trip.trip_id, "before": before}
            self._tab.send_event(f"{ROOM_STATE}.load_page", asked)
            async with asyncio.timeout(PATIENCE):
                await self._came.wait()
        return time.perf_counter() - began

    async def http(self, ends: Sequence[int]) -> float:
        """Reads pages over HTTP; gives the seconds."""
        began = time.perf_counter()
        for before in ends:
            path = f"/api/trips/{self._trip.trip_id}/messages"
            answer = await self._http.get(path, params={"before": before, "limit": PAGE})
            if len(answer.json()["messages"]) != PAGE:
                raise TabClosed(f"a page of history before {before} is not whole")
        return time.perf_counter() - began
