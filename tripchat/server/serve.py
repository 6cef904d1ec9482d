"""The ASGI server, with the protocol and the limits that the live side counts on."""

from __future__ import annotations

import signal
import socket
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tripchat.api import event_stream
from tripchat.cluster.workers import workers
from tripchat.realtime import moving
from tripchat.realtime.frames import MAX_FRAME_BYTES, FrameProtocol
from tripchat.server.hanging_up import HttpProtocol
from tripchat.server.listening import listener_at
from tripchat.settings import Settings, get_settings


class Server(uvicorn.Server):
    """uvicorn's server, which says when it can be reached, and at its end hangs up on listeners.

    When it is told to end with SIGTERM and others go on, its tabs move to them first.
    """

    def __init__(self, *greeting: str) -> None:
        """`greeting` is printed as soon as it can be reached."""
        super().__init__(_configuration())
        self._greeting = "\n".join(greeting)
        self._ended_by = 0
        self._is_moving = False
        self._in_haste = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._greeting:
            print(self._greeting, flush=True)

    def others_go_on(self, told_by: int) -> bool:
        """Whether other workers serve the site when this one ends on a signal."""
        return told_by == signal.SIGTERM and bool(workers.others)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of a signal that ends the server; the second one makes it hurry."""
        if self._is_moving:
            self._in_haste = True
            return
        self._ended_by = self._ended_by or sig
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.others_go_on(self._ended_by):
            await self._move_tabs(sockets or [])
        event_stream.end_all()
        await super().shutdown(sockets)

    async def _move_tabs(self, sockets: list[socket.socket]) -> None:
        for server in self.servers:
            server.close()
        for each in sockets:
            each.close()
        for connection in list(self.server_state.connections):
            # What browsers keep open for their next request must not bring one here.
            if isinstance(connection, HttpToolsProtocol):
                connection.shutdown()
        self._is_moving = True
        try:
            await moving.move_tabs(lambda: self._in_haste)
        finally:
            self._is_moving = False


def _configuration() -> uvicorn.Config:
    return uvicorn.Config(
        "tripchat.tripchat:app",
        factory=True,
        loop="uvloop",
        http=HttpProtocol,
        ws=FrameProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        # Engine.IO has its own pings, and compressing each connection costs memory for each.
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        proxy_headers=True,
        forwarded_allow_ips=get_settings().proxies,
        access_log=False,
        log_config=None,  # ours is in use: see `observability.logs`
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


def serve(settings: Settings, *greeting: str) -> None:
    """Print `greeting` as soon as the site can be reached, and serve until SIGTERM or SIGINT.

    Raises:
        CannotStart: the port is taken.
    """
    server = Server(*greeting)
    with listener_at(settings.host, settings.port) as listener:
        server.run(sockets=[listener])
