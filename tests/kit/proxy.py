"""A network between browser and server, which can fail in every way that one does."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from asyncio import StreamReader, StreamWriter

from tests.kit.request_heads import RequestHeads

_IMMEDIATE_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER without any time: closing then sends RST, not FIN."""

_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PIECES = 64
"""So much may be on its way in one direction; whoever sends more has to wait."""
_SLICES_PER_SECOND = 20
"""A slow connection passes small pieces steadily, not large ones now and then."""


class Proxy:
    """Passes TCP connections on to a port of this machine, unless told otherwise.

    Faults add up until `mend`. They hold for the connections there are and for all to come.
    """

    def __init__(self, target_port: int, *, http: bool = True) -> None:
        """Without `http` it carries whatever comes: what a database or Redis is told."""
        self.target_port = target_port
        self.http = http
        self.port = 0
        self.delay_seconds = 0.0
        self.bytes_per_second = 0.0
        """0 for as many as there are."""
        self.refuses_upgrades = False
        self.to_server = asyncio.Event()
        self.to_browser = asyncio.Event()
        """Set as long as anything passes in this direction."""
        self._refuses = False
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self.mend()

    @property
    def url(self) -> str:
        """Where a browser finds the server through this."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many there are at this moment."""
        return len(self._links)

    async def start(self) -> None:
        """Listen at a free port, which `port` tells."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and end all connections."""
        assert self._server is not None
        self._server.close()
        links = list(self._links)
        self.reset()
        for link in links:
            await link.ended()

    async def __aenter__(self) -> Proxy:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def cut(self) -> None:
        """End all connections in good order, on both sides; what is on its way is lost."""
        for link in list(self._links):
            link.close()

    def reset(self) -> None:
        """Break all connections, on both sides; what is on its way is lost."""
        for link in list(self._links):
            link.abort()

    def stall(self, *, to_server: bool = True, to_browser: bool = True) -> None:
        """Pass nothing any more, and say nothing about it.

        New connections are accepted and silent. What comes meanwhile is passed on when mended,
        late, as TCP does; after `cut` or `reset` it is lost.
        """
        if to_server:
            self.to_server.clear()
        if to_browser:
            self.to_browser.clear()

    def strand(self) -> None:
        """Let the present connections be silent for ever; new ones pass.

        So it is after a tunnel: neither side hears that the way there is no longer exists.
        """
        for link in self._links:
            link.stranded = True

    def delay(self, seconds: float) -> None:
        """Let everything take so long, each way."""
        self.delay_seconds = seconds

    def throttle(self, bytes_per_second: float) -> None:
        """Pass no more than this, on each connection and each way."""
        self.bytes_per_second = bytes_per_second

    def refuse(self) -> None:
        """Break every new connection at once."""
        self._refuses = True

    def refuse_upgrades(self) -> None:
        """Answer whoever asks for a WebSocket with 403; other requests pass."""
        self.refuses_upgrades = True

    def mend(self) -> None:
        """Let everything pass again."""
        self.delay_seconds = self.bytes_per_second = 0.0
        self._refuses = self.refuses_upgrades = False
        self.to_server.set()
        self.to_browser.set()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self._refuses:
            _reset(writer)
            return
        link = _Link(self, reader, writer)
        self._links.add(link)
        try:
            await link.ended()
        finally:
            self._links.discard(link)


class _Link:
    """One connection of a browser, and the one to the server that belongs to it."""

    def __init__(self, proxy: Proxy, reader: StreamReader, writer: StreamWriter) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._there: StreamWriter | None = None
        self.stranded = False
        self._task = asyncio.create_task(self._run())

    async def ended(self) -> None:
        """Wait until there is nothing left of it."""
        await asyncio.wait({self._task})

    def close(self) -> None:
        """End both sides with FIN."""
        self._task.cancel()
        for writer in filter(None, (self._writer, self._there)):
            if not writer.is_closing():
                with contextlib.suppress(OSError):  # the other side may have gone just now
                    writer.write_eof()
                writer.close()

    def abort(self) -> None:
        """End both sides with RST."""
        self._task.cancel()
        for writer in filter(None, (self._writer, self._there)):
            _reset(writer)

    async def _run(self) -> None:
        proxy = self._proxy
        try:
            await proxy.to_server.wait()
            reader, self._there = await asyncio.open_connection("127.0.0.1", proxy.target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(self._reader, self._there, proxy.to_server))
                both.create_task(self._carry(reader, self._writer, proxy.to_browser))
            self.close()
        except* (OSError, _RefusedUpgrade) as problem:
            # One side is gone: so is the other, as soon as it could hear of it.
            await proxy.to_browser.wait()
            if self.stranded:
                await asyncio.Event().wait()
            if problem.subgroup(_RefusedUpgrade):
                self._writer.write(_FORBIDDEN)
                self.close()
            else:
                self.abort()

    async def _carry(self, reader: StreamReader, writer: StreamWriter, way: asyncio.Event) -> None:
        """Pass on one direction until its end; then say that it has ended."""
        on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_PIECES)
        async with asyncio.TaskGroup() as group:
            passing = group.create_task(self._pass_on(on_its_way, writer, way))
            async for piece in self._pieces(reader, way):
                due = asyncio.get_running_loop().time() + self._proxy.delay_seconds
                await on_its_way.put((due, piece))
            await on_its_way.put((0.0, b""))
            await passing

    async def _pieces(self, reader: StreamReader, way: asyncio.Event):
        heads = RequestHeads()
        while data := await reader.read(65536):
            if way is self._proxy.to_browser or not self._proxy.http:
                yield data
                continue
            for piece, upgrades in heads.feed(data):
                if upgrades and self._proxy.refuses_upgrades:
                    raise _RefusedUpgrade
                yield piece

    async def _pass_on(
        self,
        on_its_way: asyncio.Queue[tuple[float, bytes]],
        writer: StreamWriter,
        way: asyncio.Event,
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await on_its_way.get()
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            await way.wait()
            if not piece:
                if not self.stranded:
                    writer.write_eof()
                return
            if not self.stranded:
                await self._write_slowly(piece, writer)

    async def _write_slowly(self, piece: bytes, writer: StreamWriter) -> None:
        while piece and (rate := self._proxy.bytes_per_second):
            size = max(1, int(rate / _SLICES_PER_SECOND))
            await asyncio.sleep(size / rate)
            await _write(piece[:size], writer)
            piece = piece[size:]
        await _write(piece, writer)


async def _write(piece: bytes, writer: StreamWriter) -> None:
    if writer.is_closing():
        raise ConnectionResetError
    writer.write(piece)
    await writer.drain()


class _RefusedUpgrade(Exception):
    """Somebody has asked for a WebSocket."""


def _reset(writer: StreamWriter) -> None:
    if not writer.is_closing():
        peer = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _IMMEDIATE_RESET)
    writer.transport.abort()
