"""TripChat, seen from the load client."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.server import SERVER_CORE, Command, Server
from bench.site import Site, Trip
from bench.visitor import ROOM_STATE
from bench.websocket import Inbox


class TripChat(Site):
    """TripChat, served as `make run` does."""

    name = "tripchat"

    @classmethod
    async def start(
        cls, inbox: Inbox, port: int, data: Path, storage: Mapping[str, str] | None = None
    ) -> "TripChat":
        """Starts the server and signs up the people.

        `storage` are the settings of a database elsewhere; then the server is kept on no core.
        """
        return await cls._start(inbox, _command(port, data, storage), data, storage)

    async def beside(self, port: int) -> "TripChat":
        """Starts another worker of the same site, for the same people."""
        server = await Server.start(_command(port, self._data, self._storage))
        worker = TripChat(server, self._inbox, self._data, self._storage)
        worker.people = self.people
        return worker

    def send_event(self, trip: Trip, client_id: str, text: str) -> tuple[str, dict[str, Any]]:
        """The room's `send`, as the composer calls it."""
        return f"{ROOM_STATE}.send", {
            "trip_id": trip.trip_id,
            "client_id": client_id,
            "kind": "text",
            "body": {"text": text},
            "reply_to_seq": None,
        }


def _command(port: int, data: Path, storage: Mapping[str, str] | None) -> Command:
    return Command(
        arguments=[
            *(sys.executable, "-m", "tripchat", "run"),
            *("--port", str(port), "--data", str(data)),
        ],
        port=port,
        ready_path="/api/health",
        folder=Path.cwd(),
        environment={"TRIPCHAT_LIMITS": "off", **(storage or {})},
        ready_seconds=300,  # it may have to build the page first
        core=None if storage else SERVER_CORE,
    )
