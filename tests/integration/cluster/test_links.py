"""Where a page's posts come to another worker than its stream, they are passed on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.kit.people import COOKIE, Account
from tests.kit.server import Server
from tests.kit.stream_tab import StreamTab, stream_tab_of
from tripchat.api.forwarding import FORWARDED
from tripchat.realtime.link import worker_of

FAREWELL = "1"


@pytest.fixture
async def trip(ana: Account, bo: Account) -> str:
    """A trip that both are in."""
    return await ana.makes_trip("Lisbon", bo)


@pytest.fixture
async def elsewhere(workers: list[Server], ana: Account) -> AsyncIterator[httpx.AsyncClient]:
    """Ana's way to the second worker."""
    cookies = {COOKIE: ana.token}
    async with httpx.AsyncClient(base_url=workers[1].url, cookies=cookies, timeout=30) as http:
        yield http


@pytest.fixture
async def tab(
    workers: list[Server], ana: Account, trip: str, elsewhere: httpx.AsyncClient
) -> AsyncIterator[StreamTab]:
    """Ana's tab: its stream comes from the first worker, what it posts goes to the second."""
    async with stream_tab_of(workers[0], ana, f"/trip/{trip}") as tab:
        first, tab.line.http = tab.line.http, elsewhere
        yield tab
        tab.line.http = first


async def posts(tab: StreamTab, number: int, **headers: str) -> int:
    """Post a ping as this number; gives the answer's status."""
    return (await tab.line.posts(number, "3", **headers)).status_code


async def test_what_is_posted_elsewhere_arrives_once_and_in_order(
    tab: StreamTab, ana: Account, trip: str
) -> None:
    said = [f"message {number}" for number in range(20)]
    for text in said:
        await tab.sends(trip, text)
    await tab.until(lambda: len(tab.texts) == len(said))
    assert [message["text"] for message in await ana.reads_all(trip)] == said
    # One that is repeated counts once, one that comes too early is refused: as without a detour.
    assert await posts(tab, 1) == 204
    assert await posts(tab, tab.line.sent + 2) == 409


async def test_who_passes_on_lets_nobody_in(tab: StreamTab, bo: Account) -> None:
    next_one = tab.line.sent + 1
    assert await posts(tab, next_one, origin="https://elsewhere.example") == 403
    assert await posts(tab, next_one, cookie=f"{COOKIE}={bo.token}") == 403
    assert await posts(tab, next_one, cookie="") == 403
    assert await posts(tab, next_one) == 204


async def test_a_call_is_passed_on_once_at_most(tab: StreamTab) -> None:
    assert await posts(tab, tab.line.sent + 1, **{FORWARDED: "1"}) == 404


@pytest.mark.parametrize("link", ["", ".", "nobody.abc", "http://127.0.0.1:1/.x", "abc"])
async def test_nobody_but_a_worker_is_asked(
    elsewhere: httpx.AsyncClient, link: str, trip: str
) -> None:
    content = {"link": link, "n": 1, "packets": ["3"]}
    answer = await elsewhere.post(f"/api/trips/{trip}/events", json=content)
    assert answer.status_code == 404


async def test_a_link_that_its_worker_does_not_know_is_unknown_everywhere(tab: StreamTab) -> None:
    worker = worker_of(tab.line.link)
    content = {"link": f"{worker}.of-long-ago", "n": 1, "packets": ["3"]}
    assert (await tab.line.http.post("/api/events", json=content)).status_code == 404


async def test_a_farewell_finds_its_link(tab: StreamTab) -> None:
    assert (await tab.line.posts(tab.line.sent + 1, FAREWELL)).status_code == 204
    await tab.until(lambda: tab.closed)
