"""The ASGI server, with the protocol and the limits that the live side counts on."""

from __future__ import annotations

import socket

import uvicorn

from tripchat.api import event_stream
from tripchat.errors import CannotStart
from tripchat.realtime.frames import MAX_FRAME_BYTES, FrameProtocol
from tripchat.server.hanging_up import HttpProtocol
from tripchat.settings import Settings


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it can be reached, and at its end hangs up on listeners."""

    greeting = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self.greeting, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        event_stream.end_all()
        await super().shutdown(sockets)


def serve(settings: Settings, *greeting: str) -> None:
    """Print `greeting` as soon as the site can be reached, and serve until SIGTERM or SIGINT.

    Raises:
        CannotStart: the port is taken.
    """
    config = uvicorn.Config(
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
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    server.greeting = "\n".join(greeting)
    with _listening(settings) as listener:
        server.run(sockets=[listener])


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{settings.host} port {settings.port}"
        raise CannotStart(f"cannot listen at {where}: {error.strerror}") from None
    return listener
