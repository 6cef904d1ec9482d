"""A WebSocket client (RFC 6455) that spends as little as possible on each frame it receives.

The moment a frame arrives is taken before anything is parsed: every ready socket is read first,
and only then are the frames taken apart, so that the 500th tab's figure holds none of the
client's work for the 499 before it.
"""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable
from typing import cast

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
FIN = 0x80
NORMAL_CLOSURE = struct.pack("!H", 1000)
MASKED = 0x80
PING_FRAME, PONG_TEXT = b"\x81\x012", b"3"  # of Engine.IO

# A browser always offers compression; a server that takes it up pays for it on every frame.
BROWSER_EXTENSIONS = "permessage-deflate; client_max_window_bits"

OnFrame = Callable[[float, bytes], None]


class HandshakeRefused(Exception):
    """The server did not switch to WebSocket, or asked for an extension not spoken here."""


class Inbox:
    """What arrived on all sockets of one event loop, handed on once every socket was read."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._arrived: list[tuple[float, WebSocket, bytes]] = []

    def add(self, when: float, socket: "WebSocket", data: bytes) -> None:
        """Keeps bytes with the moment they came (seconds of `time.perf_counter`)."""
        if not self._arrived:
            self._loop.call_soon(self._hand_on)
        self._arrived.append((when, socket, data))

    def _hand_on(self) -> None:
        arrived, self._arrived = self._arrived, []
        for when, socket, data in arrived:
            socket.parse(when, data)


class WebSocket(asyncio.Protocol):
    """One client connection. `on_frame` gets (arrival in seconds, payload) of each message."""

    def __init__(self, inbox: Inbox, on_frame: OnFrame) -> None:
        loop = asyncio.get_running_loop()
        self._inbox = inbox
        self._on_frame = on_frame
        self._request = b""
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._parts: list[bytes] = []
        self.received = 0  # bytes since the connection was made, as read from the socket
        self.tallied = 0  # times that the pattern of `tally` has come
        self._pattern = b""
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[str] = loop.create_future()

    async def connect(self, host: str, port: int, path: str, headers: dict[str, str]) -> None:
        """Connects and waits for the handshake's answer.

        Raises:
            HandshakeRefused: the server answered anything but 101, or wants compression.
            OSError: nobody listens there.
        """
        self._request = handshake(host, port, path, headers)
        await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        await self.opened

    # The three calls of asyncio's protocol interface.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an instance check: uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._inbox.add(time.perf_counter(), self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        reason = str(exc) if exc else "closed by the server"
        if not self.opened.done():
            self.opened.set_exception(HandshakeRefused(reason))
        if not self.closed.done():
            self.closed.set_result(reason)

    def parse(self, when: float, data: bytes) -> None:
        """Takes `data`, read at `when`, apart into frames."""
        self.received += len(data)
        if self._pattern:
            self._count(data)
            return
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at = 0
        if not self.opened.done():
            at = self._read_answer(data)
            if at < 0:
                self._rest = data
                return
        size = len(data)
        while size - at >= 2:
            first, length = data[at], data[at + 1]
            start = at + 2
            if length == 126:
                if size - at < 4:
                    break
                length = (data[start] << 8) | data[start + 1]
                start += 2
            elif length == 127:
                if size - at < 10:
                    break
                (length,) = struct.unpack_from("!Q", data, start)
                start += 8
            end = start + length
            if end > size:
                break
            self._frame(when, first, data[start:end])
            at = end
        if at < size:
            self._rest = data[at:]

    def tally(self, pattern: bytes) -> None:
        """From now on only count a pattern: it costs next to nothing to receive so."""
        self._pattern = pattern

    def _count(self, data: bytes) -> None:
        # What stands across the end of two reads is put together first.
        data = self._rest + data
        self._rest = data[-len(self._pattern) + 1 :]
        self.tallied += data.count(self._pattern)
        if PING_FRAME in data:
            self.send(PONG_TEXT)

    def pause(self) -> None:
        """Leave what comes to the kernel."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take what has come."""
        if self._transport is not None:
            self._transport.resume_reading()

    def _frame(self, when: float, first: int, payload: bytes) -> None:
        opcode = first & 0x0F
        if opcode >= CLOSE:
            if opcode == PING:
                self.send(payload, PONG)
            elif opcode == CLOSE:
                self.abort()
        elif first & FIN and not self._parts:
            self._on_frame(when, payload)
        else:
            self._parts.append(payload)
            if first & FIN:
                whole, self._parts = b"".join(self._parts), []
                self._on_frame(when, whole)

    def _read_answer(self, data: bytes) -> int:
        """Reads the handshake's answer; returns where frames begin, -1 while some is missing."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return -1
        head = data[:end].decode("latin-1")
        if not head.startswith("HTTP/1.1 101"):
            self.opened.set_exception(HandshakeRefused(head.splitlines()[0]))
            self.abort()
        elif "sec-websocket-extensions" in head.lower():
            refused = HandshakeRefused("the server compresses frames, which is not spoken here")
            self.opened.set_exception(refused)
            self.abort()
        else:
            self.opened.set_result(None)
        return end + 4

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Writes one masked frame to the socket."""
        assert self._transport is not None
        self._transport.write(client_frame(payload, opcode))

    def close(self, *last_words: bytes) -> None:
        """Sends these messages if it can, then a close frame, and closes the connection."""
        if self._transport is None or self._transport.is_closing():
            return
        if self.opened.done() and not self.opened.exception():
            for payload in last_words:
                self.send(payload)
            self.send(NORMAL_CLOSURE, CLOSE)
        self._transport.close()

    def abort(self) -> None:
        """Drops the connection at once."""
        if self._transport is not None:
            self._transport.abort()


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole frame from client to server: masked, as RFC 6455 asks of clients."""
    size = len(payload)
    if size < 126:
        head = bytes((FIN | opcode, MASKED | size))
    elif size < 1 << 16:
        head = struct.pack("!BBH", FIN | opcode, MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", FIN | opcode, MASKED | 127, size)
    mask = os.urandom(4)
    pattern = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    masked = (int.from_bytes(payload, "big") ^ pattern).to_bytes(size, "big")
    return head + mask + masked


def handshake(host: str, port: int, path: str, headers: dict[str, str]) -> bytes:
    """The request that opens a WebSocket, with the headers a browser would send."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        f"Origin: http://{host}:{port}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Sec-WebSocket-Extensions: {BROWSER_EXTENSIONS}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
