"""The twin, seen from the load client: see `bench/twin_app` for what it serves."""

import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from bench import messages
from bench.server import Command, Server
from bench.tab import Page, ReflexTab, Tab
from bench.websocket import Inbox

PROJECT = Path(__file__).parent / "twin_app"
STATE = (
    "reflex___state____state"
    ".reflex___istate___shared____shared_state_base_internal"
    ".twin___twin____chat"
)


class Twin:
    """The chat written with `rx.SharedState`, served as Reflex serves in production."""

    name = "twin"

    def __init__(self, server: Server, inbox: Inbox, folder: Path) -> None:
        self.server = server
        self._inbox = inbox
        self._folder = folder
        self._reflex_version = version("reflex")

    @classmethod
    async def start(cls, inbox: Inbox, port: int) -> "Twin":
        """Starts the back end from a copy of the project, as Reflex writes next to it."""
        folder = Path(tempfile.mkdtemp(prefix="tripchat-twin-"))
        shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
        reflex = Path(sys.executable).with_name("reflex")
        command = Command(
            arguments=[
                *(str(reflex), "run", "--env", "prod"),
                *("--backend-only", "--backend-port", str(port)),
            ],
            port=port,
            ready_path="/ping",
            folder=folder,
            environment={
                "PYTHONPATH": str(folder),
                "REFLEX_TELEMETRY_ENABLED": "false",
                "REFLEX_CHECK_LATEST_VERSION": "False",
                # With uvicorn and gunicorn both installed Reflex would leave its default server.
                "REFLEX_USE_GRANIAN": "true",
            },
        )
        return cls(await Server.start(command), inbox, folder)

    def tab(self, index: int) -> Tab:
        """A tab linked to the one channel."""
        return ReflexTab(index, self._inbox, self.server.port, Page(), self._reflex_version)

    def send(self, tab: Tab, number: int) -> None:
        """Sends message `number`."""
        assert isinstance(tab, ReflexTab)
        tab.send_event(
            f"{STATE}.send",
            {
                "client_id": f"bench-{number}",
                "author_id": f"person-{tab.index:04d}",
                "text": messages.text(number),
            },
        )

    def stop(self) -> None:
        """Ends the server and removes its folder."""
        self.server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
