"""Hundreds of tabs in many trips on a site with several workers, where everybody writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

import httpx

from tests.faults.crowd import PROBE, Crowd
from tests.faults.traveller import Patience, Traveller
from tests.faults.waiting import until
from tests.kit.cluster import Cluster
from tests.kit.people import Account

PEOPLE = 5
"""In each trip."""
OPENING_AT_ONCE = 20
OPENS_SECONDS = 120
TRIES_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Direct:
    """The way to a site with nothing in between."""

    port: int


class Group(Crowd):
    """The tabs of one trip; what it writes itself is tried until it is stored."""

    async def probes(self) -> int:
        """Write something; gives its seq."""
        self._probes += 1
        probe = f"{PROBE}{self._probes}"
        while True:
            try:
                written = await self.people[0].writes(self.trip_id, probe, client_id=probe)
            except (httpx.HTTPError, AssertionError):
                await asyncio.sleep(TRIES_EVERY_SECONDS)
            else:
                return written["seq"]


class Groups:
    """All trips."""

    def __init__(self, cluster: Cluster, every: list[Group]) -> None:
        self.cluster = cluster
        self.every = every

    @property
    def tabs(self) -> list[Traveller]:
        """The tabs of all trips."""
        return [tab for group in self.every for tab in group.travellers]

    @classmethod
    async def gather(
        cls, stack: AsyncExitStack, cluster: Cluster, *, trips: int, tabs: int, seed: int
    ) -> Self:
        """So many tabs in all open so many trips; the stack ends all of it."""
        every = [await _group(stack, cluster, number) for number in range(trips)]
        opening = asyncio.Semaphore(OPENING_AT_ONCE)
        way = Direct(cluster.port)

        async def opens(number: int) -> None:
            group = every[number % trips]
            person = group.people[number // trips % PEOPLE]
            name = f"{person.name}-{number}"
            tab = Traveller(name, person, way, group.trip_id, Patience(), seed + number)
            group.tabs[name] = tab
            async with opening:
                tab.starts()
                stack.push_async_callback(tab.stops)
                await until(lambda: tab.connected, OPENS_SECONDS, f"{name} cannot connect")

        async with asyncio.timeout(OPENS_SECONDS), asyncio.TaskGroup() as group:
            for number in range(tabs):
                group.create_task(opens(number))
        return cls(cluster, every)

    @asynccontextmanager
    async def talking(self, seed: int, messages_per_second: float) -> AsyncIterator[None]:
        """All tabs write, edit, delete, react and reply, until the end of the block."""
        # Two in three of what they do are messages.
        pace = len(self.tabs) / (messages_per_second * 1.5)
        async with AsyncExitStack() as stack:
            for number, group in enumerate(self.every):
                await stack.enter_async_context(group.talking(seed + number * 1000, pace))
            yield


async def _group(stack: AsyncExitStack, cluster: Cluster, number: int) -> Group:
    people = [await Account.sign_up(cluster.url, f"P{number}{who}") for who in "abcde"]
    for person in people:
        stack.push_async_callback(person.close)
    first, *others = people
    return Group(cluster, await first.makes_trip(f"Trip {number}", *others), people)
