"""What a link takes, from whom, and how it ends."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.realtime.conftest import served
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.stream_tab import StreamTab, stream_tab_of
from tests.kit.tab import NAMESPACE, ROOM_STATE, SESSION_STATE, tab_of

EVIL = {"Origin": "https://evil.example"}
OPEN = "EIO=4&transport=stream&token=5f2d"


@pytest.fixture(scope="session")
def forgetful(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that soon gives up a page that has been cut off."""
    yield from served(request, tmp_path_factory.mktemp("forgetful"), TRIPCHAT_RESUME_SECONDS="0.2")


@pytest.fixture
async def trip(ana: Account, bo: Account) -> str:
    """A trip of both."""
    return await ana.makes_trip("Lisbon", bo)


@pytest.fixture
async def tab(server: Server, ana: Account, trip: str) -> AsyncIterator[StreamTab]:
    """Ana's tab, over a stream."""
    async with stream_tab_of(server, ana, f"/trip/{trip}") as tab:
        yield tab


def sending(tab: StreamTab, trip: str, text: str) -> str:
    """The packet that sends a text."""
    arguments = {"trip_id": trip, "client_id": text, "kind": "text", "body": {"text": text}}
    return f"42{NAMESPACE},{json.dumps(['event', tab.event(f'{ROOM_STATE}.send', arguments)])}"


async def test_posts_count_once_and_in_order(tab: StreamTab, trip: str) -> None:
    line, first = tab.line, tab.line.sent + 1
    a, b, c = (sending(tab, trip, text) for text in "abc")
    assert (await line.posts(first, a, b)).status_code == 204
    assert (await line.posts(first, a, b)).status_code == 204
    assert (await line.posts(first + 2, c)).status_code == 409
    assert (await line.posts(first + 1, c)).status_code == 204
    assert (await line.posts(1, a)).status_code == 204
    await tab.until(lambda: tab.texts == ["a", "b", "c"])
    assert tab.last_seq == 3


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 422),
        (b'{"link": "x", "n": 0, "packets": []}', 422),
        (b'{"link": "x", "n": "1", "packets": []}', 422),
        (b'{"link": "x", "n": 1, "packets": [2]}', 422),
        (b'{"link": "x", "n": 1, "packets": []}', 404),
        (b'{"link": "", "n": 1, "packets": []}', 404),
        (b'{"link": "x", "n": 1, "packets": ["' + b"x" * 1024 * 1024 + b'"]}', 413),
    ],
)
async def test_posts_that_are_none(ana: Account, trip: str, content: bytes, status: int) -> None:
    for path in (f"/api/trips/{trip}/events", "/api/events"):
        headers = {"Content-Type": "application/json"}
        answer = await ana.http.post(path, content=content, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("packet", ["", "x", "9", "3[[[", "44{}", "b!", "5"])
async def test_packets_that_no_page_sends(tab: StreamTab, trip: str, packet: str) -> None:
    line = tab.line
    post = {"link": line.link, "n": line.sent + 1, "packets": [packet]}
    answer = await line.http.post(line.path, json=post)
    assert answer.status_code == 400
    await tab.sends(trip, "still here")
    await tab.until(lambda: tab.texts == ["still here"])


async def test_a_link_is_of_use_to_none_but_its_owner(
    server: Server, tab: StreamTab, ana: Account, bo: Account, trip: str
) -> None:
    line = tab.line
    post = {"link": line.link, "n": line.sent + 1, "packets": [sending(tab, trip, "no")]}
    path = f"/api/trips/{trip}/events"
    known = {"Last-Event-ID": line.last_event}
    other = await ana.on_another_device()
    async with httpx.AsyncClient(base_url=server.url) as nobody:
        for http in (bo.http, other.http, nobody):
            assert (await http.post(path, json=post)).status_code == 403
            assert (await http.get(f"{path}?{OPEN}", headers=known)).status_code == 403
    await other.close()
    assert (await ana.http.post(path, json=post, headers=EVIL)).status_code == 403
    assert (await ana.http.get(f"{path}?{OPEN}", headers=EVIL)).status_code == 403
    assert (await ana.http.get(f"{path}?{OPEN}", headers=EVIL | known)).status_code == 403
    assert (await ana.http.post(path, content=json.dumps(post))).status_code == 400
    assert line.opened == 1
    await tab.sends(trip, "yes")
    await tab.until(lambda: tab.texts == ["yes"])


@pytest.mark.parametrize(
    "query", ["EIO=3&transport=stream", "EIO=4", "EIO=4&transport=websocket", "EIO=&sid=x"]
)
async def test_what_opens_no_link(ana: Account, query: str) -> None:
    answer = await ana.http.get(f"/api/events?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_else_is_at_the_pages_address(ana: Account) -> None:
    assert (await ana.http.get("/api/events")).status_code == 404


async def test_a_stream_is_for_no_cache_and_no_buffer(ana: Account) -> None:
    async with ana.http.stream("GET", f"/api/events?{OPEN}") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store, no-transform"
        assert answer.headers["x-accel-buffering"] == "no"
        assert await anext(answer.aiter_bytes()) == b"retry: 500\n\n"


async def test_what_is_not_known_is_not_resumed(tab: StreamTab, ana: Account) -> None:
    link = tab.line.link
    for event in (
        "",
        "x",
        "x.1",
        f"{link}",
        f"{link}.",
        f"{link}.-1",
        f"{link}.999",
        f"{link}.1e2",
    ):
        answer = await ana.http.get(f"/api/events?{OPEN}", headers={"Last-Event-ID": event})
        assert (answer.status_code, answer.content) == (204, b"")
    assert tab.line.opened == 1


async def test_a_page_that_vanishes_is_soon_taken_for_gone(forgetful: Server) -> None:
    ana, bo = [await Account.sign_up(forgetful.url, name) for name in ("Ana", "Bo")]
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(forgetful, ana, f"/trip/{trip}") as other:
        tab = await stream_tab_of(forgetful, bo, f"/trip/{trip}").open()
        await other.until(lambda: bo.user_id in other.online)
        await tab.line.vanish()
        await other.until(lambda: other.online == {ana.user_id})
        assert (await tab.line.posts(tab.line.sent + 1, "3")).status_code == 404
        known = {"Last-Event-ID": tab.line.last_event}
        assert (await bo.http.get(f"/api/events?{OPEN}", headers=known)).status_code == 204
    for person in (ana, bo):
        await person.close()


async def test_signing_out_ends_it(tab: StreamTab, ana: Account) -> None:
    await ana.posts("/api/auth/sign-out", {})
    await tab.until(lambda: tab.closed)
    assert not tab.var(SESSION_STATE, "user_id")
    assert (await tab.line.posts(tab.line.sent + 1, "3")).status_code == 404


async def test_whoever_is_removed_hears_nothing_more(
    server: Server, tab: StreamTab, ana: Account, bo: Account, trip: str
) -> None:
    async with stream_tab_of(server, bo, f"/trip/{trip}") as removed:
        await ana.removes(trip, bo)
        await tab.sends(trip, "among us")
        await tab.until(lambda: tab.texts == ["among us"])
        # What comes after it shows that it did not come.
        await removed.sends(trip, "may I?")
        await removed.until(lambda: removed.var(ROOM_STATE, "problem"))
        assert not any("among us" in frame for frame in removed.heard)


async def test_a_server_that_stops_waits_for_no_listener(tmp_path: Path) -> None:
    server = Server(tmp_path)
    await server.start()
    ana = await Account.sign_up(server.url, "Ana")
    trip = await ana.makes_trip("Lisbon")
    await ana.writes_all(trip, ["x" * 4000] * 700)
    tab = await stream_tab_of(server, ana, f"/trip/{trip}").open()
    # More than the kernel takes: the server is in the middle of writing it.
    writer = await deaf_listener(server, ana, trip)
    await tab.sends(trip, "one more")
    await tab.until(lambda: tab.last_seq == 701)

    began = time.monotonic()
    await server.stop()
    # It would wait for five seconds for those who still take something.
    assert time.monotonic() - began < 4
    await tab.until(lambda: tab.closed)
    writer.close()

    known = {"Last-Event-ID": tab.line.last_event}
    await server.start()
    assert (await ana.http.get(f"/api/events?{OPEN}", headers=known)).status_code == 204
    await server.stop()
    await ana.close()
    assert server.complaints() == []


async def deaf_listener(server: Server, account: Account, trip: str) -> asyncio.StreamWriter:
    """Somebody who asks for all of a trip, and reads no more than the answer's first line."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=line, limit=4096)
    path = f"/api/trips/{trip}/events?after=0"
    asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: tripchat_session={account.token}\r\n\r\n"
    writer.write(asked.encode())
    assert b"200" in await reader.readline()
    return writer
