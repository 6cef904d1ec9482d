"""The database goes away while people talk: what is shown stays, what is written waits.

Everybody asks for the site before the people: so their pages are closed before it stops.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e import watch
from tests.e2e.line import Line
from tests.e2e.person import NewPerson, Person, all_in_one_trip
from tests.e2e.test_connection import hears_of
from tests.kit.backing import a_postgres
from tests.kit.distant import a_distant_site, becomes, says_of_its_database
from tests.kit.proxy import Proxy
from tests.kit.server import Server
from tripchat.local.postgres import LocalPostgres

Change = Callable[[Person, Line], Awaitable[None]]
"""What becomes of somebody's way to the site."""

ONCE = """() => Object.values(window.rows).every(({ elements }) => elements.length === 1)"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL that these tests may stop and start."""
    with a_postgres() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def line(postgres: LocalPostgres) -> AsyncIterator[Proxy]:
    """The way from the site to its database."""
    async with Proxy(postgres.port, http=False) as proxy:
        yield proxy


@pytest_asyncio.fixture(loop_scope="session")
async def site(postgres: LocalPostgres, line: Proxy, tmp_path: Path) -> AsyncIterator[Server]:
    """A site on PostgreSQL."""
    async with a_distant_site(postgres, line, tmp_path) as site:
        yield site


async def two_in_a_trip(person: NewPerson, site: Server) -> tuple[str, Person, Person]:
    ana, bo = await person("Ana", at=site), await person("Bo", at=site)
    trip = await all_in_one_trip([ana, bo])
    await bo.sends("Before")
    await ana.sees("Before")
    return trip, ana, bo


async def waits(tab: Person, text: str) -> None:
    await expect(tab.message(text)).to_have_attribute("data-state", "sending")
    await expect(tab.part("storing-banner")).to_be_visible()


async def arrives_once(trip: str, ana: Person, bo: Person, *texts: str) -> None:
    for tab in (ana, bo):
        await tab.has_seen(1 + len(texts))
        await expect(tab.part("storing-banner")).to_have_count(0)
        await expect(tab.part("toast")).to_have_count(0)
    assert await bo.page.evaluate(ONCE)
    stored = await ana.account.reads(trip)
    assert [message["text"] for message in stored] == ["Before", *texts]


async def test_what_is_sent_while_the_database_is_stopped_arrives_when_it_is_back(
    site: Server, person: NewPerson, postgres: LocalPostgres
) -> None:
    trip, ana, bo = await two_in_a_trip(person, site)
    await bo.page.evaluate(watch.ROWS)
    await asyncio.to_thread(postgres.stop)
    for text in ("One", "Two"):
        await bo.sends(text)
    await waits(bo, "One")
    await expect(bo.message("Before")).to_be_visible()
    await becomes(site, "down")
    await asyncio.to_thread(postgres.start)
    await arrives_once(trip, ana, bo, "One", "Two")
    await becomes(site, "ok")
    said = site.output()
    assert said.count("does not answer") == said.count("answers again") == 1


async def test_a_database_that_hangs_loses_nothing(
    site: Server, person: NewPerson, line: Proxy
) -> None:
    trip, ana, bo = await two_in_a_trip(person, site)
    await bo.page.evaluate(watch.ROWS)
    line.stall()
    await bo.sends("Into the void")
    assert await says_of_its_database(site) == "down"
    await waits(bo, "Into the void")
    line.mend()
    await arrives_once(trip, ana, bo, "Into the void")


@asynccontextmanager
async def read_only(postgres: LocalPostgres) -> AsyncIterator[None]:
    """Have nothing be stored: everything can be read, as where the disk is full."""
    admin = await asyncpg.connect(postgres.url)
    try:
        await admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await admin.execute("SELECT pg_reload_conf()")
        # The sessions hear of it by a signal: this one, and with it the others.
        while await admin.fetchval("SHOW default_transaction_read_only") != "on":
            pass
        yield
    finally:
        await admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await admin.execute("SELECT pg_reload_conf()")
        await admin.close()


async def loses_the_network(bo: Person, _: Line) -> None:
    bo.may_hear("ERR_INTERNET_DISCONNECTED")
    await bo.context.set_offline(True)


async def has_it_back(bo: Person, _: Line) -> None:
    await bo.context.set_offline(False)


async def loses_the_line(_: Person, way: Line) -> None:
    await way.cut()


async def asks_for_it_again(bo: Person, way: Line) -> None:
    way.mend()
    await bo.part("connection-try").click()


@pytest.mark.parametrize(
    ("goes", "comes"),
    [(loses_the_network, has_it_back), (loses_the_line, asks_for_it_again)],
    ids=["offline", "reconnecting"],
)
async def test_without_a_connection_only_that_is_told(
    site: Server, person: NewPerson, postgres: LocalPostgres, goes: Change, comes: Change
) -> None:
    ana, bo = await person("Ana", at=site), await person("Bo", at=site)
    way = await Line.of(bo)
    trip = await all_in_one_trip([ana, bo])
    await bo.sends("Before")
    await ana.sees("Before")
    await bo.page.evaluate(watch.ROWS)
    async with read_only(postgres):
        await bo.sends("Meanwhile")
        await waits(bo, "Meanwhile")
        await goes(bo, way)
        await expect(bo.part("connection-banner")).to_be_visible()
        await expect(bo.part("storing-banner")).to_be_hidden()
        await comes(bo, way)
        await bo.is_live()
        await expect(bo.part("connection-banner")).to_have_count(0)
        await waits(bo, "Meanwhile")
    await arrives_once(trip, ana, bo, "Meanwhile")


async def test_a_trip_that_cannot_be_opened_says_so_and_opens_by_itself(
    site: Server, person: NewPerson, line: Proxy
) -> None:
    trip, _, bo = await two_in_a_trip(person, site)
    other = await bo.account.makes_trip("Oslo")
    await expect(bo.card(other)).to_be_visible()
    line.refuse()
    line.reset()
    await bo.card(other).click()
    await expect(bo.page.get_by_text("cannot be opened at the moment")).to_be_visible()
    await expect(bo.part("toast")).to_be_hidden()
    line.mend()
    await bo.is_in(other)
    await bo.sends("At last")
    await bo.has_seen(1)
    await bo.goes_to(trip)
    await bo.sees("Before")


async def test_a_page_that_is_loaded_while_the_database_is_away_comes_up_by_itself(
    site: Server, person: NewPerson, line: Proxy
) -> None:
    _, ana, bo = await two_in_a_trip(person, site)
    await ana.watches(watch.EVENTS)
    line.refuse()
    line.reset()
    await ana.page.reload()
    await becomes(site, "down")
    # By then a page that never had a WebSocket could take them for blocked.
    await hears_of(ana, "scheduled", 3)
    line.mend()
    await ana.sees("Before")
    await ana.is_live()
    await bo.sends("After")
    await ana.sees("After")
