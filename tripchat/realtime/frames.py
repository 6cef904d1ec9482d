"""WebSocket frames that are encoded once and written to many connections.

The usual way of a broadcast through python-socketio is a task, a queue and an encoding for each
recipient: 20 to 45 us of CPU a delivery. Here uvicorn's own protocol object is offered to the
application as an ASGI extension, so that a frame that is the same for everybody is encoded once
and handed to each connection's transport.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

EXTENSION = "tripchat.frames"
"""Key in the ASGI scope's ``extensions`` under which a connection's `FrameWriter` stands."""

MAX_BUFFERED_BYTES = 4 * 1024 * 1024
"""Bytes a connection may leave unread before it is dropped; it reconnects and gets a snapshot."""


class FrameWriter(Protocol):
    """What the application may do with the connection underneath."""

    def write_frame(self, frame: bytes) -> None:
        """Write one complete, unmasked WebSocket frame, in order with everything else."""

    def end(self) -> None:
        """Close the connection after what has been written."""


def encode_text_frame(text: str) -> bytes:
    """The bytes of one unmasked text frame (RFC 6455, section 5.2)."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def writer_of(scope: dict[str, Any]) -> FrameWriter | None:
    """The frame writer of a connection's ASGI scope; None under a server that offers none."""
    return scope.get("extensions", {}).get(EXTENSION)


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, offering itself as the connection's `FrameWriter`."""

    async def run_asgi(self) -> None:
        """Run the application with the extension in its scope."""
        extensions = cast("dict[str, object]", self.scope.setdefault("extensions", {}))
        extensions[EXTENSION] = self
        await super().run_asgi()

    def write_frame(self, frame: bytes) -> None:
        """See `FrameWriter`. A closing connection takes nothing; a stuck one is dropped."""
        transport = self.transport
        if self.close_sent or not self.handshake_complete or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_BUFFERED_BYTES:
            # A reader this far behind would hold the memory of everybody's messages.
            transport.abort()
            return
        transport.write(frame)

    def end(self) -> None:
        """See `FrameWriter`."""
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.conn.send_close(1000)
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
