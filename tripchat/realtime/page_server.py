"""Socket.IO as pages speak it, and nothing more of it.

A page connects, leaves, and sends events with one argument at most, all of it text. Whoever says
anything else is no page: the connection is ended, instead of having the libraries below find out
what is wrong with it, each in its own way and with a long complaint in the log.
"""

from __future__ import annotations

import logging
from typing import Any, cast

from socketio import AsyncServer
from socketio import packet as packets
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tripchat.realtime.frames import writer_of

logger = logging.getLogger(__name__)

_ENGINE = {"1", "2", "3"}
"""Engine.IO's packets without content that a page may send: close, ping, pong."""

_MESSAGES = ("40", "41", "42")
"""Messages that hold a Socket.IO packet: connect, disconnect, event."""

_EVENTS = {"event": {1}, "ping": {0}, "client_error": {0, 1}}
"""How many arguments come with the events that are listened to; of others nobody hears."""


def is_packet(text: object) -> bool:
    """Whether this is a packet of a page."""
    return isinstance(text, str) and (text in _ENGINE or text.startswith(_MESSAGES))


class SpokenByPages:
    """ASGI middleware that hangs up on whoever sends over a WebSocket what is no page's packet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection; what is no WebSocket passes."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return

        async def receive_packet() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not is_packet(message.get("text")):
                _note()
                return {"type": "websocket.disconnect", "code": 1003}
            return message

        await self._app(scope, receive_packet, send)


class PageServer(AsyncServer):
    """The Socket.IO server of the pages."""

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Take a packet; one that no page sends ends its connection."""
        packet = self._read(data)
        if packet is None:
            _note()
            self._hang_up(eio_sid)
        elif packet.packet_type == packets.CONNECT:
            await self._handle_connect(eio_sid, packet.namespace, packet.data)
        elif packet.packet_type == packets.DISCONNECT:
            reason = self.reason.CLIENT_DISCONNECT
            await self._handle_disconnect(eio_sid, packet.namespace, reason)
        else:
            await self._handle_event(eio_sid, packet.namespace, packet.id, packet.data)

    def _hang_up(self, eio_sid: str) -> None:
        """End a connection; Engine.IO's own way waits for whoever does not read."""
        environ = self.environ.get(eio_sid)
        if environ is not None and (writer := writer_of(environ["asgi.scope"])) is not None:
            writer.end()

    def _read(self, data: Any) -> packets.Packet | None:
        """The packet in a message; None if no page sends it."""
        try:
            packet = cast("type[packets.Packet]", self.packet_class)(encoded_packet=data)
        except (ValueError, RecursionError):
            return None
        content = packet.data
        if packet.attachment_count or packet.id is not None:
            return None
        if packet.packet_type == packets.CONNECT:
            return packet if content is None or isinstance(content, dict) else None
        if packet.packet_type == packets.DISCONNECT:
            return packet
        is_event = (
            packet.packet_type == packets.EVENT
            and isinstance(content, list)
            and content
            and isinstance(content[0], str)
            and len(content) - 1 in _EVENTS.get(content[0], {len(content) - 1})
        )
        return packet if is_event else None


def _note() -> None:
    logger.warning("a connection that said what no page says was ended")
