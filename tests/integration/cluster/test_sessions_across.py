"""Signing out, another password: what it closes, on the other worker as on this one.

How soon is measured in `bench.cluster.closings`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.kit.feed import Feed
from tests.kit.people import PASSWORD, Account
from tests.kit.server import Server
from tests.kit.stream_tab import stream_tab_of
from tests.kit.tab import SESSION_STATE, Tab, tab_of

NEW = "seven green umbrellas"


class Elsewhere:
    """Another device of somebody, on the other worker: by socket, by stream, and as a program."""

    def __init__(self, account: Account, tabs: list[Tab], feed: Feed) -> None:
        self.account = account
        self.tabs = tabs
        self.feed = feed

    async def is_closed(self) -> None:
        """All of it has ended."""
        for tab in self.tabs:
            await tab.until(lambda: tab.closed)  # noqa: B023
        await self.feed.until(lambda: self.feed.ended)
        assert (await self.account.http.get("/api/me")).status_code == 401


@pytest.fixture
async def elsewhere(workers: list[Server], ana: Account) -> AsyncIterator[Elsewhere]:
    """Ana's other device; on it a trip is open in every way there is."""
    other = workers[1]
    trip = await ana.makes_trip("Lisbon")
    account = await ana.on_another_device(other.url)
    async with AsyncExitStack() as open_tabs:
        tabs = [
            await open_tabs.enter_async_context(make(other, account, f"/trip/{trip}"))
            for make in (tab_of, stream_tab_of)
        ]
        feed = await open_tabs.enter_async_context(Feed(account, trip))
        yield Elsewhere(account, tabs, feed)
    await account.close()


async def test_signing_out_there(workers: list[Server], ana: Account, elsewhere: Elsewhere) -> None:
    async with tab_of(workers[1], ana, "/") as mine:
        found = (await ana.http.get("/api/me/sessions")).json()
        [other] = [each for each in found if not each["current"]]
        (await ana.http.delete(f"/api/me/sessions/{other['session_id']}")).raise_for_status()
        await elsewhere.is_closed()
        assert not mine.closed


async def test_signing_out_everywhere_else(
    workers: list[Server], ana: Account, elsewhere: Elsewhere
) -> None:
    async with tab_of(workers[1], ana, "/") as mine:
        (await ana.http.delete("/api/me/sessions")).raise_for_status()
        await elsewhere.is_closed()
        assert not mine.closed


async def test_another_password_closes_what_has_the_old_cookie_here_as_well(
    workers: list[Server], ana: Account, elsewhere: Elsewhere
) -> None:
    async with tab_of(workers[0], ana, "/") as here, tab_of(workers[1], ana, "/") as there:
        stolen = ana.token
        await ana.changes_password(NEW)
        await elsewhere.is_closed()
        for tab in (here, there):
            await tab.until(lambda: tab.closed)  # noqa: B023
        assert ana.token != stolen
    async with tab_of(workers[1], ana, "/") as again:
        assert again.var(SESSION_STATE, "user_id") == ana.user_id


async def test_signing_in_anew_ends_the_session_of_the_same_browser(
    workers: list[Server], ana: Account
) -> None:
    async with tab_of(workers[1], ana, "/") as there:
        stolen = ana.token
        await ana.posts("/api/auth/sign-in", {"email": ana.email, "password": PASSWORD})
        assert ana.token != stolen
        await there.until(lambda: there.closed)
