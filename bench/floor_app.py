"""The floor: what the transport alone costs.

Bare python-socketio on the ASGI server TripChat runs on, set up as Reflex sets it up. Every tab
is in one room; a message is echoed to the room in a frame of the asked size. Nobody is asked who
they are, nothing is checked, nothing is stored.

    python -m bench.floor_app --port 4100
"""

import argparse
from typing import Any

import socketio
import uvicorn

NAMESPACE = "/_event"
ROOM = "trip"


class Channel(socketio.AsyncNamespace):
    """The one room everybody is in."""

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Puts the new tab into the room."""
        await self.enter_room(sid, ROOM)

    async def on_send(self, sid: str, data: dict[str, Any]) -> None:
        """Echoes the text to the room, filled up so that the frame is `frame_bytes` long."""
        bare = len(f'42{NAMESPACE},["event",{{"text":"","fill":""}}]'.encode())
        text = data["text"]
        fill = max(0, data["frame_bytes"] - bare - len(text.encode()))
        await self.emit("event", {"text": text, "fill": "." * fill}, room=ROOM)


async def not_socketio(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers 200, so that it can be seen from outside that the server is up."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


def build() -> socketio.ASGIApp:
    """The ASGI application."""
    server = socketio.AsyncServer(
        async_mode="asgi",
        cors_allowed_origins="*",
        allow_upgrades=False,
        transports=["websocket"],
        async_handlers=False,
    )
    server.register_namespace(Channel(NAMESPACE))
    return socketio.ASGIApp(server, other_asgi_app=not_socketio, socketio_path="_event")


def main() -> None:
    """Serves until it is told to stop."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    uvicorn.run(
        build(),
        host="127.0.0.1",
        port=arguments.parse_args().port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
