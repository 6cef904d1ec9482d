"""The Socket.IO client manager that sends one encoded frame to a whole room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from engineio import packet as engineio_packet
from socketio import AsyncManager, AsyncServer, packet

from tripchat.observability.metrics import deliveries
from tripchat.realtime.frames import TextFrame, writer_of

Left = Callable[[str], None]


class FrameManager(AsyncManager):
    """python-socketio's manager with the last step of a broadcast replaced.

    Every event goes out through the same door, to one tab or to a room, so that they stay in the
    order in which they were emitted. Under a server without the frame extension (a development
    server) the packet takes Engine.IO's own queue instead.
    """

    server: AsyncServer

    def __init__(self) -> None:
        super().__init__()
        self._left: list[Left] = []

    def on_left(self, callback: Left) -> None:
        """Call `callback(sid)` when a tab's connection has ended, however it ended."""
        self._left.append(callback)

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | None = None,
        skip_sid: str | list[str] | None = None,
        callback: Any = None,
        to: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Emit an event to one tab or a room; see `socketio.AsyncManager.emit`."""
        if callback is not None or namespace not in self.rooms:
            await super().emit(
                event, data, namespace, room, skip_sid, callback=callback, to=to, **kwargs
            )
            return
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        # The server's own packet class: it carries Reflex's JSON encoder.
        packet_class = cast("type[packet.Packet]", self.server.packet_class)
        encoded = packet_class(packet.EVENT, namespace=namespace, data=[event, *arguments]).encode()
        if isinstance(encoded, list):
            await super().emit(event, data, namespace, room, skip_sid, to=to, **kwargs)
            return
        skipped = {skip_sid} if isinstance(skip_sid, str) else set(skip_sid or ())
        await self._deliver(encoded, namespace, to or room, skipped)

    async def _deliver(
        self, encoded: str, namespace: str, room: str | None, skipped: set[str]
    ) -> None:
        message = engineio_packet.Packet(engineio_packet.MESSAGE, encoded)
        frame: TextFrame | None = None
        written = 0
        environ = self.server.environ
        # A copy: a connection that breaks while it is written to leaves the room.
        for sid, eio_sid in list(self.get_participants(namespace, room)):
            if sid in skipped or eio_sid not in environ:
                continue
            writer = writer_of(environ[eio_sid]["asgi.scope"])
            if writer is None:
                await self.server._send_eio_packet(eio_sid, message)
                continue
            if frame is None:
                frame = TextFrame(str(message.encode()))
            writer.write_frame(frame)
            written += 1
        if frame is not None:
            deliveries.count(written, len(frame.content))

    async def disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        """Forget a connection and tell those who asked."""
        await super().disconnect(sid, namespace, **kwargs)
        for left in self._left:
            left(sid)
