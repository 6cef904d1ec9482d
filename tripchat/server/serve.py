"""The ASGI server, with the protocol and the limits that the live side counts on."""

from __future__ import annotations

import uvicorn

from tripchat.realtime.frames import FrameProtocol
from tripchat.settings import Settings

MAX_FRAME_BYTES = 1024 * 1024


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then close what is open and return."""
    uvicorn.run(
        "tripchat.tripchat:app",
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
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
