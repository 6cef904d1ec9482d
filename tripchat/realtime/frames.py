"""WebSocket connections: frames encoded once and written to many, and floods that slow nobody.

The usual way of a broadcast through python-socketio is a task, a queue and an encoding for each
recipient: 20 to 45 us of CPU a delivery. Here uvicorn's own protocol object is offered to the
application as an ASGI extension, so that a frame that is the same for everybody is encoded once
and handed to each connection's transport. A link over plain HTTP (`link.py`) offers itself in the
same place.

What comes in is read in small pieces and within a budget. A connection that sends more is read no
further for a moment: nothing of it is lost, TCP makes its sender wait.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any, Protocol, cast

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from tripchat.realtime.budget import Budget

EXTENSION = "tripchat.frames"
"""Key in the ASGI scope's ``extensions`` under which a connection's `FrameWriter` stands."""

MAX_FRAME_BYTES = 1024 * 1024
"""The largest message that a connection may send."""

MAX_BUFFERED_BYTES = 4 * 1024 * 1024
"""Bytes a connection may leave unread before it is dropped; it reconnects and gets a snapshot."""

MESSAGES_PER_SECOND = 200
MESSAGES_AT_ONCE = 400
"""What one connection may send. A tab sends a few a second, and what waited for a reconnect."""

PIECE_BYTES = 4096
"""What is parsed at once. The transport reads up to 256 kB; the parser copies the rest of them for
each frame, and everybody else would wait for it."""


class TextFrame:
    """One text for many connections, encoded once however many there are."""

    def __init__(self, text: str) -> None:
        self.content = text.encode()
        """The text alone, for connections that frame it in their own way."""

    @cached_property
    def encoded(self) -> bytes:
        """One complete, unmasked WebSocket frame (RFC 6455, section 5.2)."""
        return Frame(Opcode.TEXT, self.content).serialize(mask=False)


class FrameWriter(Protocol):
    """What the application may do with the connection underneath."""

    def write_frame(self, frame: TextFrame) -> None:
        """Write a text, in order with everything else."""

    def end(self) -> None:
        """Close the connection after what has been written."""


def writer_of(scope: dict[str, Any]) -> FrameWriter | None:
    """The frame writer of a connection's ASGI scope; None under a server that offers none."""
    return scope.get("extensions", {}).get(EXTENSION)


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, offering itself as the connection's `FrameWriter`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._budget = Budget(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._unparsed = memoryview(b"")

    async def run_asgi(self) -> None:
        """Run the application with the extension in its scope."""
        extensions = cast("dict[str, object]", self.scope.setdefault("extensions", {}))
        extensions[EXTENSION] = self
        await super().run_asgi()

    def data_received(self, data: bytes) -> None:
        """Parse what has come up to the first messages; `receive` goes on with the rest."""
        # Reading is paused while a message waits: there is hardly ever a rest of earlier data.
        self._unparsed = memoryview(bytes(self._unparsed) + data if self._unparsed else data)
        self._parse()

    async def receive(self) -> ASGIReceiveEvent:
        """The next message, not before the connection has budget for it."""
        self._parse()
        message = await super().receive()
        if message["type"] == "websocket.receive":
            wait = self._budget.spend(self.loop.time())
            if wait and not self.disconnected:
                await asyncio.sleep(wait)
        return message

    def _parse(self) -> None:
        """Parse until two messages wait, or nothing is left.

        uvicorn reads on as soon as it gives the last one away: then all has to be parsed.
        """
        while self._unparsed and not self.transport.is_closing():
            if self.queue.qsize() >= 2 and not self.close_sent:
                break
            piece, self._unparsed = self._unparsed[:PIECE_BYTES], self._unparsed[PIECE_BYTES:]
            super().data_received(bytes(piece))

    def send_receive_event_to_app(self) -> None:
        """Pass a whole message on; a text that is none ends the connection, and that is all."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.transport.abort()
                return
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        """Wait for nobody who does not read: whoever is too far behind is dropped."""

    def write_frame(self, frame: TextFrame) -> None:
        """See `FrameWriter`. A closing connection takes nothing; a stuck one is dropped."""
        transport = self.transport
        if self.close_sent or not self.handshake_complete or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_BUFFERED_BYTES:
            # A reader this far behind would hold the memory of everybody's messages.
            transport.abort()
            return
        transport.write(frame.encoded)

    def end(self) -> None:
        """See `FrameWriter`."""
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.conn.send_close(1000)
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
