"""Somebody sends far more than anybody needs, in every way there is: the others notice nothing.

Floods of keystrokes are in tests/integration/realtime/test_floods.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.frames import Frame, Opcode

from tests.integration.realtime.conftest import served
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import NAMESPACE, ROOM_STATE, Tab, tab_of

SOON = 10.0
"""Seconds in which a message has to arrive while somebody floods: far below any timeout."""

MESSAGES = 30
"""What the others say to each other meanwhile."""

CONNECTIONS = 150


@pytest.fixture(scope="module")
def flooded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server of its own; at the end nothing stands in its log."""
    yield from served(request, tmp_path_factory.mktemp("flooded"))


class Group:
    """Two who talk in a trip, and one who is in it as well and floods."""

    def __init__(self, server: Server, trip: str, eve: Account, tabs: list[Tab]) -> None:
        self.server = server
        self.trip = trip
        self.eve = eve
        self.writer, self.reader = tabs

    async def talks_on(self) -> None:
        """Each message of the one is soon before the other."""
        for number in range(MESSAGES):
            text = f"message {number}"
            async with asyncio.timeout(SOON):
                await self.writer.sends(self.trip, text)
                await self.reader.until(lambda: text in self.reader.texts)  # noqa: B023

    @asynccontextmanager
    async def besides(self, flood: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Keep a flood going, however often it is cut off."""

        async def again() -> None:
            while True:
                with contextlib.suppress(
                    ConnectionClosed,
                    ConnectionError,
                    InvalidHandshake,
                    httpx.HTTPError,
                    TimeoutError,
                ):
                    await flood()
                await asyncio.sleep(0)

        flooding = asyncio.create_task(again())
        yield
        assert not flooding.done()
        flooding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flooding


@pytest.fixture
async def group(flooded: Server) -> AsyncIterator[Group]:
    """Ana and Bo in a trip, with Eve."""
    async with AsyncExitStack() as stack:
        people = [await Account.sign_up(flooded.url, name) for name in ("Ana", "Bo", "Eve")]
        for each in people:
            stack.push_async_callback(each.close)
        ana, bo, eve = people
        trip = await ana.makes_trip("Lisbon", bo, eve)
        tabs = [
            await stack.enter_async_context(tab_of(flooded, each, f"/trip/{trip}"))
            for each in (ana, bo)
        ]
        yield Group(flooded, trip, eve, tabs)


@asynccontextmanager
async def flooding_tab(group: Group) -> AsyncIterator[Tab]:
    """A tab of Eve's."""
    async with tab_of(group.server, group.eve, f"/trip/{group.trip}") as tab:
        yield tab


def frame(text: str) -> bytes:
    """A text as a client's frame."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


async def test_reactions(group: Group) -> None:
    await group.eve.writes(group.trip, "look")
    async with flooding_tab(group) as tab:

        async def react() -> None:
            for there in (True, False) * 50:
                await tab.reacts(group.trip, 1, "👍", there)
            await asyncio.sleep(0.05)

        async with group.besides(react):
            await group.talks_on()


async def test_events_that_are_refused(group: Group) -> None:
    async with flooding_tab(group) as tab:

        async def ask() -> None:
            for _ in range(100):
                await tab.call(f"{ROOM_STATE}.load_page", trip_id="unknown", before=1)
            await asyncio.sleep(0.05)

        async with group.besides(ask):
            await group.talks_on()


async def test_connections_that_come_and_go(group: Group) -> None:
    async def come() -> None:
        tabs = [tab_of(group.server, group.eve, f"/trip/{group.trip}") for _ in range(10)]
        await asyncio.gather(*(tab.open() for tab in tabs))
        for tab in tabs:
            tab._socket.transport.abort()

    async with group.besides(come):
        await group.talks_on()


async def test_connections_that_stay(group: Group) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            _, writer = await asyncio.open_connection("127.0.0.1", group.server.port)
            stack.callback(writer.close)
            writer.write(b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        await group.talks_on()


async def test_frames_as_large_as_can_be(group: Group) -> None:
    async def send() -> None:
        async with flooding_tab(group) as tab:
            for _ in range(5):
                await tab.sends(group.trip, "x" * 900_000)
            await tab.say("4" * 3_000_000)
            await tab.until(lambda: tab.closed)

    async with group.besides(send):
        await group.talks_on()


@pytest.mark.parametrize(
    "said",
    [
        *("", "4", "9", "4" * 20, f"42{NAMESPACE},", f"42{NAMESPACE},[1]", "[" * 5000),
        f"42{NAMESPACE}," + "[" * 20_000,
        f'42{NAMESPACE},["event",{{"name":5}}]',
        f'451-{NAMESPACE},["event",{{"_placeholder":true,"num":0}}]',
    ],
)
async def test_frames_that_are_none(group: Group, said: str) -> None:
    async def send() -> None:
        async with flooding_tab(group) as tab:
            tab._socket.transport.write(frame(said) * 200)
            await asyncio.sleep(0.05)
            tab._socket.transport.abort()

    async with group.besides(send):
        await group.talks_on()


async def test_bodies_that_come_slowly(group: Group) -> None:
    async with AsyncExitStack() as stack:
        writers: list[asyncio.StreamWriter] = []
        for _ in range(CONNECTIONS):
            _, writer = await asyncio.open_connection("127.0.0.1", group.server.port)
            stack.callback(writer.close)
            writer.write(
                f"POST /api/trips/{group.trip}/messages HTTP/1.1\r\nHost: x\r\n"
                f"Cookie: tripchat_session={group.eve.token}\r\n"
                "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n".encode()
            )
            writers.append(writer)

        async def drip() -> None:
            for writer in writers:
                writer.write(b" ")
            await asyncio.sleep(0.05)

        async with group.besides(drip):
            await group.talks_on()


async def test_bodies_without_end(group: Group) -> None:
    async def post() -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 65_536

        async with httpx.AsyncClient(base_url=group.server.url, trust_env=False) as http:
            path = f"/api/trips/{group.trip}/messages"
            headers = {"content-type": "application/json"}
            cookies = {"Cookie": f"tripchat_session={group.eve.token}"}
            answer = await http.post(path, content=endless(), headers=headers | cookies)
            assert answer.status_code in (413, 429)

    async with group.besides(post):
        await group.talks_on()


async def test_bodies_that_are_deep(group: Group) -> None:
    async def post() -> None:
        for content in (b"[" * 60_000, b'{"a":' * 10_000, b"1" * 60_000):
            answer = await group.eve.http.post(
                f"/api/trips/{group.trip}/messages",
                content=content,
                headers={"content-type": "application/json"},
            )
            assert answer.status_code in (400, 422, 429), answer.text

    async with group.besides(post):
        await group.talks_on()


async def test_messages_that_are_slow_to_render(group: Group) -> None:
    hostile = [
        "*" * 4000,
        "[" * 4000,
        "`" * 3999,
        "> " * 2000,
        "<" * 4000,
        "a@" * 2000,
        "**a " * 1000,
    ]

    async def write() -> None:
        # Into a trip of her own: what is said here is for the others to be seen.
        for text in hostile:
            await group.eve.http.post(
                f"/api/trips/{group.trip}/messages",
                json={"text": text, "client_id": "same", "reply_to_seq": 10**9},
            )

    async with group.besides(write):
        await group.talks_on()


async def test_streams_that_nobody_reads(group: Group) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", group.server.port)
            stack.callback(writer.close)
            writer.write(
                f"GET /api/trips/{group.trip}/events?after=0 HTTP/1.1\r\nHost: x\r\n"
                f"Cookie: tripchat_session={group.eve.token}\r\n\r\n".encode()
            )
            assert (await reader.read(12)).startswith(b"HTTP/1.1")
        await group.talks_on()


def test_what_was_flooded_still_serves(flooded: Server) -> None:
    answer = httpx.get(f"{flooded.url}/api/health", trust_env=False)
    assert answer.status_code == 200
    assert json.loads(answer.text)["status"] == "ok"
    assert flooded.complaints() == []
