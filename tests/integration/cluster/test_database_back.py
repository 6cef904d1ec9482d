"""What a tab could not be given while the database was away it gets when that is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.distant import a_distant_site, becomes
from tests.kit.people import Account
from tests.kit.proxy import Proxy
from tests.kit.server import Server
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
    async with a_distant_site(postgres, line, tmp_path) as site:
        yield site


@pytest.fixture
async def ana(site: Server) -> AsyncIterator[Account]:
    """Somebody of that site."""
    account = await Account.sign_up(site.url, "Ana")
    yield account
    await account.close()


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
