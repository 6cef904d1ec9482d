"""Five people in one trip with many tabs, each behind a network of its own, who all write."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from random import Random
from typing import Self

from playwright.async_api import Browser

from tests.faults.page_tab import PageTab
from tests.faults.traveller import Patience, Traveller
from tests.faults.waiting import until
from tests.kit.people import Account
from tests.kit.proxy import Proxy
from tests.kit.server import Server
from tests.kit.tab import Tab, tab_of

NAMES = ("Ana", "Bo", "Chen", "Dilek", "Emil")
SETTLES_SECONDS = 120

AnyTab = PageTab | Traveller


class Crowd:
    """The tabs, by name; `witness` is one more whose line never fails."""

    def __init__(self, server: Server, trip_id: str, people: list[Account], witness: Tab) -> None:
        self.server = server
        self.trip_id = trip_id
        self.people = people
        self.witness = witness
        self.tabs: dict[str, AnyTab] = {}

    @classmethod
    async def gathers(
        cls,
        stack: AsyncExitStack,
        server: Server,
        browser: Browser,
        *,
        pages: int,
        travellers: int,
        patience: Patience,
        seed: int,
    ) -> Self:
        """Everybody signs up and opens their tabs; the stack closes them."""
        people = [await Account.sign_up(server.url, name) for name in NAMES]
        for person in people:
            stack.push_async_callback(person.close)
        first, *others = people
        trip_id = await first.makes_trip("Lisbon", *others)
        await first.writes(trip_id, "Welcome")
        witness = await tab_of(server, first, f"/trip/{trip_id}").open()
        stack.push_async_callback(witness.close)
        crowd = cls(server, trip_id, people, witness)
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
            crowd.tabs[name] = page = PageTab(name, people[who], proxy, trip_id, context)
            await page.opens()
        await crowd.recovers(crowd.tabs.values(), 60)
        return crowd

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
        if whom in NAMES:
            return [tab for tab in self.tabs.values() if tab.account.name == whom]
        way = self.tabs[whom].proxy
        return [tab for tab in self.tabs.values() if tab.proxy is way]

    async def talks(self, tab: AnyTab, seed: int, pace: float, until_then: asyncio.Event) -> None:
        """One tab writes, edits, deletes, reacts and replies, every `pace` seconds or so."""
        random = Random(seed)  # noqa: S311
        number = 0
        while True:
            try:
                async with asyncio.timeout(random.uniform(0.5, 1.5) * pace):
                    await until_then.wait()
                return
            except TimeoutError:
                pass
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

    async def recovers(self, tabs: Iterable[AnyTab], seconds: float) -> None:
        """Wait until tabs are connected and show all there was at this moment."""
        wanted = self.witness.last_seq
        for tab in tabs:
            await until(
                lambda tab=tab: tab.connected and tab.last_seq >= wanted,
                seconds,
                f"{tab.name} has not recovered",
            )

    async def settles(self) -> list[str]:
        """Wait until nobody has anything left to send or to catch up; gives who has."""
        unsettled = []
        for tab in self.tabs.values():
            try:
                await until(
                    lambda tab=tab: tab.settled and tab.last_seq >= self.witness.last_seq,
                    SETTLES_SECONDS,
                    tab.name,
                )
            except TimeoutError:
                unsettled.append(tab.name)
        return unsettled


async def _way(stack: AsyncExitStack, server: Server) -> Proxy:
    return await stack.enter_async_context(Proxy(server.port))
