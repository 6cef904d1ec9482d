"""Five people in one trip with many tabs, each behind a network of its own, who all write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Self

from playwright.async_api import Browser

from tests.faults.page_tab import PageTab
from tests.faults.traveller import Patience, Traveller
from tests.faults.waiting import until
from tests.kit.people import COOKIE, Account
from tests.kit.proxy import Proxy
from tests.kit.server import Server, Site

NAMES = ("Ana", "Bo", "Chen", "Dilek", "Emil")
SETTLES_SECONDS = 120
PROBE = "probe-"
"""How the client ids of what the tests themselves write begin."""

AnyTab = PageTab | Traveller


class Crowd:
    """The people, and their tabs by name."""

    def __init__(self, server: Site, trip_id: str, people: list[Account]) -> None:
        self.server = server
        self.trip_id = trip_id
        self.people = people
        self.tabs: dict[str, AnyTab] = {}
        self._probes = 0

    @classmethod
    async def gathers(
        cls,
        stack: AsyncExitStack,
        folder: Path,
        browser: Browser,
        *,
        pages: int,
        travellers: int,
        patience: Patience,
        seed: int,
    ) -> Self:
        """Everybody signs up at a new server and opens their tabs; the stack ends all of it."""
        server = Server(folder)
        await server.start()
        stack.push_async_callback(server.stop)
        people = [await Account.sign_up(server.url, name) for name in NAMES]
        for person in people:
            stack.push_async_callback(person.close)
        first, *others = people
        trip_id = await first.makes_trip("Lisbon", *others)
        crowd = cls(server, trip_id, people)
        await crowd.probes()
        for number in range(travellers):
            who = number % len(people)
            # Every third shares the way of the one of the same person before it.
            before = f"{NAMES[who]}-{number // len(people)}"
            shared = crowd.tabs.get(before) if number // len(people) % 3 == 2 else None
            proxy = shared.proxy if shared else await _way(stack, server)
            name = f"{NAMES[who]}-{number // len(people) + 1}"
            crowd.tabs[name] = traveller = Traveller(
                name, people[who], proxy, trip_id, patience, seed + number
            )
            traveller.starts()
            stack.push_async_callback(traveller.stops)
        for number in range(pages):
            who = number % len(people)
            context = await browser.new_context(viewport={"width": 1000, "height": 700})
            stack.push_async_callback(context.close)
            name = f"{NAMES[who]}-page-{number // len(people) + 1}"
            proxy = await _way(stack, server)
            await context.add_cookies(
                [{"name": COOKIE, "value": people[who].token, "url": proxy.url}]
            )
            crowd.tabs[name] = page = PageTab(name, people[who], proxy, trip_id, context)
            await page.opens()
        await crowd.recovers(crowd.tabs.values(), 60)
        return crowd

    def __str__(self) -> str:
        tabs = f"{len(self.pages)} browser pages and {len(self.travellers)} protocol tabs"
        return f"{tabs} of {len(self.people)} people"

    @property
    def pages(self) -> list[PageTab]:
        """The tabs in a browser."""
        return [tab for tab in self.tabs.values() if isinstance(tab, PageTab)]

    @property
    def travellers(self) -> list[Traveller]:
        """The tabs without one."""
        return [tab for tab in self.tabs.values() if isinstance(tab, Traveller)]

    def of(self, whom: str) -> list[AnyTab]:
        """The tabs of a person or everybody, or the one of this name and all that share its way."""
        if whom == "everybody":
            return list(self.tabs.values())
        if whom in {person.name for person in self.people}:
            return [tab for tab in self.tabs.values() if tab.account.name == whom]
        way = self.tabs[whom].proxy
        return [tab for tab in self.tabs.values() if tab.proxy is way]

    @asynccontextmanager
    async def talking(self, seed: int, pace: float) -> AsyncIterator[None]:
        """Everybody writes until the end of the block."""
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number, tab in enumerate(self.tabs.values()):
                group.create_task(self._talks(tab, seed + number, pace, enough))
            try:
                yield
            finally:
                enough.set()

    async def _talks(self, tab: AnyTab, seed: int, pace: float, until_then: asyncio.Event) -> None:
        """One tab writes, edits, deletes, reacts and replies, every `pace` seconds or so."""
        random = Random(seed)  # noqa: S311
        number = 0
        wait = random.uniform(0, pace)
        while True:
            try:
                async with asyncio.timeout(wait):
                    await until_then.wait()
                return
            except TimeoutError:
                wait = random.uniform(0.5, 1.5) * pace
            number += 1
            chance, which = random.random(), random.randrange(1000)
            if chance < 0.55:
                await tab.writes(f"{tab.name} {number}.")
            elif chance < 0.67:
                await tab.writes(f"{tab.name} {number} replies.", which)
            elif chance < 0.80:
                await tab.edits(which, f"{tab.name} has edited this, {number}.")
            elif chance < 0.84:
                await tab.deletes(which)
            else:
                await tab.reacts(which)

    async def probes(self) -> int:
        """Write something over a way that never fails; gives its seq."""
        self._probes += 1
        probe = f"{PROBE}{self._probes}"
        return (await self.people[0].writes(self.trip_id, probe, client_id=probe))["seq"]

    async def recovers(self, tabs: Iterable[AnyTab], seconds: float) -> None:
        """Wait until tabs are connected and show what is written from now on."""
        wanted = await self.probes()
        for tab in tabs:
            await until(
                lambda tab=tab: tab.connected and tab.last_seq >= wanted,
                seconds,
                f"{tab.name} has not recovered",
            )

    async def settles(self) -> list[str]:
        """Wait until nobody has anything left to send or to catch up; gives who still has."""
        unsettled = set()
        loop = asyncio.get_running_loop()
        end = loop.time() + SETTLES_SECONDS
        for wanted in (0, await self.probes()):
            for tab in self.tabs.values():
                try:
                    await until(
                        lambda tab=tab: tab.settled and tab.last_seq >= wanted,  # noqa: B023
                        max(1.0, end - loop.time()),
                        tab.name,
                    )
                except TimeoutError:
                    unsettled.add(tab.name)
        return sorted(unsettled)


async def _way(stack: AsyncExitStack, server: Server) -> Proxy:
    return await stack.enter_async_context(Proxy(server.port))
