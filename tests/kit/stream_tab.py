"""A tab that no WebSocket gets through to: the same page over server-sent events and posts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.sse import events_of
from tests.kit.tab import Line, Tab


class StreamLine:
    """A link, kept as the browser's EventSource keeps its own: resumed until it is refused."""

    def __init__(self, http: httpx.AsyncClient, path: str) -> None:
        self.http = http
        self.path = path
        self.last_event = ""
        """The id of the last event that has arrived."""
        self.numbers: list[int] = []
        """The numbers of all events that have arrived."""
        self.opened = 0
        """How many streams there were so far."""
        self.sent = 0
        """The number of the last post."""
        self._turn = asyncio.Lock()
        self._packets: asyncio.Queue[str | None] = asyncio.Queue()
        self._stream: asyncio.Task[bool] | None = None
        self._listening = asyncio.create_task(self._listen())

    @property
    def link(self) -> str:
        """The name that the server has given it."""
        return self.last_event.rpartition(".")[0]

    async def send(self, packet: str | bytes, /) -> None:
        """Post one packet, after those before it."""
        assert isinstance(packet, str)
        async with self._turn:
            await self.posts(self.sent + 1, packet)

    async def posts(self, number: int, *packets: str, **headers: str) -> httpx.Response:
        """Post some packets; a number that was used before is a post that is repeated."""
        self.sent = max(self.sent, number)
        content = {"link": self.link, "n": number, "packets": packets}
        return await self.http.post(self.path.partition("?")[0], json=content, headers=headers)

    async def recv(self) -> str:
        """The next packet."""
        packet = await self._packets.get()
        assert packet is not None, "the stream was refused"
        return packet

    async def __aiter__(self) -> AsyncIterator[str]:
        while (packet := await self._packets.get()) is not None:
            yield packet

    async def _listen(self) -> None:
        try:
            while True:
                self._stream = asyncio.create_task(self._hear())
                await asyncio.wait({self._stream})
                if not self._stream.cancelled() and not self._stream.result():
                    return
        except httpx.ConnectError:
            pass  # nobody is there any more
        finally:
            assert self._stream is not None
            self._stream.cancel()
            self._packets.put_nowait(None)

    async def _hear(self) -> bool:
        """Listen to one stream to its end; False when there is none."""
        headers = {"Last-Event-ID": self.last_event} if self.last_event else {}
        async with self.http.stream("GET", self.path, headers=headers) as stream:
            self.opened += 1
            if stream.status_code != 200:
                return False
            try:
                async for event in events_of(stream):
                    self.last_event = event.id
                    self.numbers.append(int(event.id.rpartition(".")[2]))
                    self._packets.put_nowait(event.data)
            except httpx.TransportError:
                pass  # cut
        return True

    def cut(self) -> None:
        """Lose the stream, as when the network changes."""
        assert self._stream is not None
        self._stream.cancel()

    async def vanish(self) -> None:
        """Listen no more, and come back no more."""
        self._listening.cancel()
        await asyncio.wait({self._listening})

    async def close(self) -> None:
        """Say goodbye, as a page does that is closed."""
        if self.link:
            await self.send("1")
        await self.vanish()
        await self.http.aclose()


class StreamTab(Tab):
    """A tab whose line is a `StreamLine`."""

    async def _connect(self) -> Line:
        # Nothing is said on a stream for as long as nothing happens.
        patience = httpx.Timeout(30, read=None)
        url = f"http://127.0.0.1:{self._port}"
        http = httpx.AsyncClient(base_url=url, headers=self._headers, timeout=patience)
        page, _, trip_id = self.path.strip("/").partition("/")
        path = f"/api/trips/{trip_id}/events" if page == "trip" else "/api/events"
        return StreamLine(http, f"{path}?EIO=4&transport=stream&token={self.token}")

    @property
    def line(self) -> StreamLine:
        """Its line."""
        assert isinstance(self._line, StreamLine)
        return self._line


def stream_tab_of(server: Server, account: Account, path: str, **headers: Any) -> StreamTab:
    """Such a tab of somebody who is signed in, not open yet."""
    return StreamTab(server.port, path, account.token, **headers)
