"""What the bench asks of each chat it measures."""

from typing import Protocol

from bench.server import Server
from bench.tab import Tab


class Chat(Protocol):
    """A running chat server and how a tab speaks with it."""

    name: str
    server: Server

    def tab(self, index: int) -> Tab:
        """A tab that is not open yet."""
        ...

    def send(self, tab: Tab, number: int) -> None:
        """Sends message `number` from an open tab."""
        ...

    def stop(self) -> None:
        """Ends the server."""
        ...
