"""TripChat, seen from the load client."""

import sys
from pathlib import Path
from typing import Any

from bench.server import Command
from bench.site import Site, Trip
from bench.visitor import ROOM_STATE
from bench.websocket import Inbox


class TripChat(Site):
    """TripChat, served as `make run` does."""

    name = "tripchat"

    @classmethod
    async def start(cls, inbox: Inbox, port: int, data: Path) -> "TripChat":
        """Starts the server and signs up the people."""
        command = Command(
            arguments=[
                *(sys.executable, "-m", "tripchat", "run"),
                *("--port", str(port), "--data", str(data)),
            ],
            port=port,
            ready_path="/api/health",
            folder=Path.cwd(),
            environment={},
            ready_seconds=300,  # it may have to build the page first
        )
        return await cls._start(inbox, command, data)

    def send_event(self, trip: Trip, client_id: str, text: str) -> tuple[str, dict[str, Any]]:
        """The room's `send`, as the composer calls it."""
        return f"{ROOM_STATE}.send", {
            "trip_id": trip.trip_id,
            "client_id": client_id,
            "kind": "text",
            "body": {"text": text},
            "reply_to_seq": None,
        }
