"""The one property that matters most: who saw it happen shows what who comes later sees."""

import asyncio
import secrets
from contextlib import AsyncExitStack

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import Tab

PEOPLE = 3
_person = st.integers(0, PEOPLE - 1)
_action = st.one_of(
    st.tuples(st.just("writes in a tab"), _person),
    st.tuples(st.just("writes over HTTP"), _person),
    st.tuples(st.just("opens a tab"), _person),
    st.tuples(st.just("closes a tab"), _person),
    st.tuples(st.just("reloads a tab"), _person),
    st.tuples(st.just("leaves and joins again"), st.integers(1, PEOPLE - 1)),
    st.tuples(st.just("writes a lot"), _person),
)


class Company:
    """Some people in one trip, each with any number of tabs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.people: list[Account] = []
        self.tabs: list[list[Tab]] = [[] for _ in range(PEOPLE)]
        self.trip = ""
        self.written = 0

    async def gather(self, stack: AsyncExitStack) -> None:
        for number in range(PEOPLE):
            account = await Account.sign_up(self.server.url, f"Person {number}")
            stack.push_async_callback(account.close)
            self.people.append(account)
        self.trip = await self.people[0].makes_trip("Lisbon", *self.people[1:])
        for number in range(PEOPLE):
            await self.opens(number)

    async def opens(self, number: int) -> Tab:
        tab = Tab(self.server.port, f"/trip/{self.trip}", self.people[number].token)
        self.tabs[number].append(await tab.open())
        return tab

    async def closes(self, tab: Tab) -> None:
        """Close a tab, but not with a message of its own still on its way."""
        await tab.until(lambda: newest(tab) == self.written)
        await tab.close()

    async def writes(self, tab: Tab, count: int) -> None:
        for _ in range(count):
            self.written += 1
            await tab.sends(self.trip, f"in a tab {secrets.token_hex(3)}")

    async def does(self, action: str, number: int) -> None:
        account, tabs = self.people[number], self.tabs[number]
        if action == "opens a tab":
            await self.opens(number)
        elif action == "writes over HTTP":
            self.written += 1
            await account.writes(self.trip, f"over HTTP {secrets.token_hex(3)}")
        elif action == "leaves and joins again":
            while tabs:
                await self.closes(tabs.pop())
            await account.leaves(self.trip)
            await account.joins(await self.people[0].invites_to(self.trip))
        elif tabs and action == "writes in a tab":
            await self.writes(tabs[0], 1)
        elif tabs and action == "writes a lot":
            await self.writes(tabs[-1], 30)
        elif tabs and action == "closes a tab":
            await self.closes(tabs.pop())
        elif tabs and action == "reloads a tab":
            await self.closes(tabs.pop(0))
            await self.opens(number)

    async def agrees(self) -> None:
        """Wait until every tab has seen everything; then a fresh tab shows the same as each."""
        every = [tab for tabs in self.tabs for tab in tabs]
        for tab in every:
            await tab.until(lambda: newest(tab) == self.written)  # noqa: B023
        fresh = await self.opens(0)
        assert newest(fresh) == self.written
        for tab in every:
            # The fresh tab's own coming is a change that the others are told of.
            await tab.until(lambda: tab.room == fresh.room)  # noqa: B023

    async def parts(self) -> None:
        for tab in [tab for tabs in self.tabs for tab in tabs]:
            await tab.close()


def newest(tab: Tab) -> int:
    messages = tab.room["messages"]
    return messages[-1]["seq"] if messages else 0


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(_action, max_size=12))
def test_a_tab_that_saw_it_live_equals_a_fresh_one(
    server: Server, actions: list[tuple[str, int]]
) -> None:
    async def play() -> None:
        async with AsyncExitStack() as stack:
            company = Company(server)
            await company.gather(stack)
            stack.push_async_callback(company.parts)
            for action, number in actions:
                await company.does(action, number)
            await company.agrees()

    asyncio.run(play())
