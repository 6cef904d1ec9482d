"""The twin, seen from the load client: see `bench/twin_app` for what it serves."""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.server import Command
from bench.site import Site, Trip
from bench.websocket import Inbox
from tripchat import migrations
from tripchat.settings import Settings

PROJECT = Path(__file__).parent / "twin_app"
CHAT_STATE = (
    "reflex___state____state"
    ".reflex___istate___shared____shared_state_base_internal"
    ".twin___twin____chat"
)


class Twin(Site):
    """TripChat's services behind an `rx.SharedState`, served as Reflex serves in production."""

    name = "twin"

    @classmethod
    async def start(cls, inbox: Inbox, port: int) -> "Twin":
        """Starts the back end with an empty database and signs up the people."""
        folder = Path(tempfile.mkdtemp(prefix="tripchat-twin-"))
        data = folder / "data"
        try:
            # A copy, as Reflex writes next to the project.
            project = Path(shutil.copytree(PROJECT, folder / "project"))
            # In a thread, as migrating needs one without an event loop.
            await asyncio.to_thread(migrations.upgrade, Settings(data=data))
            return await cls._start(inbox, _command(project, port, data), data)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def send_event(self, trip: Trip, client_id: str, text: str) -> tuple[str, dict[str, Any]]:
        """The shared state's `send`."""
        payload = {"trip_id": trip.trip_id, "client_id": client_id, "text": text}
        return f"{CHAT_STATE}.send", payload

    def stop(self) -> None:
        """Ends the server and removes its folder."""
        super().stop()
        shutil.rmtree(self._data.parent, ignore_errors=True)


def _command(project: Path, port: int, data: Path) -> Command:
    reflex = Path(sys.executable).with_name("reflex")
    return Command(
        arguments=[
            *(str(reflex), "run", "--env", "prod"),
            *("--backend-only", "--backend-port", str(port)),
        ],
        port=port,
        ready_path="/api/health",
        folder=project,
        environment={
            # The project first: it and TripChat both have an rxconfig.py.
            "PYTHONPATH": os.pathsep.join((str(project), str(migrations.ROOT))),
            "TRIPCHAT_DATA": str(data),
            "REFLEX_TELEMETRY_ENABLED": "false",
            "REFLEX_CHECK_LATEST_VERSION": "False",
            # With uvicorn and gunicorn both installed Reflex would leave its default server.
            "REFLEX_USE_GRANIAN": "true",
        },
    )
