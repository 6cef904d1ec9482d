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

    async def does(self, action: str, number: int) -> None:
        account, tabs = self.people[number], self.tabs[number]
        if action == "opens a tab":
            await self.opens(number)
        elif action == "writes over HTTP":
            await account.writes(self.trip, f"over HTTP {secrets.token_hex(3)}")
        elif action == "leaves and joins again":
            await account.leaves(self.trip)
            for tab in tabs:
                await tab.close()
            tabs.clear()
            await account.joins(await self.people[0].invites_to(self.trip))
        elif tabs and action == "writes in a tab":
            await tabs[0].sends(self.trip, f"in a tab {secrets.token_hex(3)}")
        elif tabs and action == "writes a lot":
            for count in range(30):
                await tabs[0].sends(self.trip, f"{count}")
        elif tabs and action == "closes a tab":
            await tabs.pop().close()
        elif tabs and action == "reloads a tab":
            await tabs.pop(0).close()
            await self.opens(number)

    async def agrees(self) -> None:
        """Whether every tab, old or new, comes to show the same."""
        fresh = await self.opens(0)
        stored = await self.people[0].reads(self.trip, limit=1)
        while True:
            newest = stored[-1]["seq"] if stored else 0
            for tab in [tab for tabs in self.tabs for tab in tabs]:
                await tab.until(lambda: tab.room == fresh.room)  # noqa: B023
            # What was still being stored when the fresh tab opened belongs to the comparison.
            stored = await self.people[0].reads(self.trip, limit=1)
            shown = fresh.room["messages"]
            if (shown[-1]["seq"] if shown else 0) == (stored[-1]["seq"] if stored else 0) >= newest:
                break
        again = await self.opens(0)
        assert again.room == fresh.room

    async def parts(self) -> None:
        for tab in [tab for tabs in self.tabs for tab in tabs]:
            await tab.close()


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
