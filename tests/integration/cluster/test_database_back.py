"""What a tab could not be given while the database was away it gets when that is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.kit.backing import a_database
from tests.kit.people import Account
from tests.kit.proxy import Proxy
from tests.kit.server import OUTAGE, Server
from tests.kit.tab import LIST_STATE, ROOT_STATE, Tab, tab_of
from tripchat.local.postgres import LocalPostgres

LOAD = f"{ROOT_STATE}.tripchat___state___trips____trips_state.load"


@pytest.fixture
async def line(postgres: LocalPostgres) -> AsyncIterator[Proxy]:
    """The way from the site to its database."""
    async with Proxy(postgres.port, http=False) as proxy:
        yield proxy


@pytest.fixture
async def site(postgres: LocalPostgres, line: Proxy, tmp_path: Path) -> AsyncIterator[Server]:
    """A site whose database is reached over that."""
    with a_database(postgres) as address:
        url = address.replace(f":{postgres.port}/", f":{line.port}/")
        server = Server(tmp_path, TRIPCHAT_DATABASE_URL=url)
        await server.start()
        yield server
        await server.stop()
    assert server.complaints(OUTAGE) == []


@pytest.fixture
async def ana(site: Server) -> AsyncIterator[Account]:
    """Somebody of that site."""
    account = await Account.sign_up(site.url, "Ana")
    yield account
    await account.close()


async def becomes(site: Server, state: str) -> None:
    """Wait until the site says that of its database."""
    async with asyncio.timeout(10), httpx.AsyncClient(timeout=5) as http:
        while (await http.get(f"{site.url}/api/health")).json()["database"] != state:
            pass


def lists(tab: Tab) -> int:
    """How often a tab was given its whole list."""
    return sum(LIST_STATE in frame and '"cards' in frame for frame in tab.frames)


async def test_only_who_waits_for_their_list_gets_it_anew(
    site: Server, line: Proxy, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(site, ana, "/") as has_it, tab_of(site, ana, "/") as waits:
        for tab in (has_it, waits):
            await tab.until(lambda tab=tab: trip in tab.trips.cards)
        had = lists(has_it), lists(waits)
        line.refuse()
        line.cut()
        await waits.call(LOAD)
        await becomes(site, "down")
        line.mend()
        await becomes(site, "ok")
        await waits.until(lambda: lists(waits) > had[1])
        await ana.writes(trip, "Here we are")
        await has_it.until(lambda: has_it.trips.cards[trip]["last_line"] == "Here we are")
        assert lists(has_it) == had[0]
