"""The floor, seen from the load client: see `bench.floor_app` for what it serves."""

import sys
from pathlib import Path

from bench import messages
from bench.server import Command, Server
from bench.tab import Tab
from bench.websocket import Inbox


class Floor:
    """Bare python-socketio that echoes to a room."""

    name = "floor"

    def __init__(self, server: Server, inbox: Inbox, frame_bytes: int) -> None:
        self.server = server
        self.frame_bytes = frame_bytes  # payload of the frame that brings a message
        self._inbox = inbox

    @classmethod
    async def start(cls, inbox: Inbox, port: int, frame_bytes: int) -> "Floor":
        """Starts the server."""
        command = Command(
            arguments=[sys.executable, "-m", "bench.floor_app", "--port", str(port)],
            port=port,
            ready_path="/",
            folder=Path.cwd(),
            environment={},
        )
        return cls(await Server.start(command), inbox, frame_bytes)

    def tab(self, index: int) -> Tab:
        """A tab of the room."""
        return Tab(index, self._inbox, self.server.port)

    def send(self, tab: Tab, number: int) -> None:
        """Has message `number` echoed to the room."""
        tab.emit("send", {"text": messages.text(number), "frame_bytes": self.frame_bytes})

    def stop(self) -> None:
        """Ends the server."""
        self.server.stop()
