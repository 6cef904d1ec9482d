"""Taking connections from a listener that other processes take them from as well.

All wait for the same queue: what one does not take another one does, whether it is busy, stopped or
dead. Left to themselves, whoever is awake first takes nearly all. So each takes one connection at
a time, and who holds more than the others lets them go first.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from tripchat.server.loads import AWAY, Loads

SLACK = 2
"""A surplus that is no reason to wait."""

PAUSE_SECONDS = 0.001
LONGEST_PAUSE_SECONDS = 0.02
"""How long one is waited for, for each connection of the surplus and at most: those with less may
be busy, or stopped."""

AT_ONCE = 8
"""What is taken after a pause in which nobody else has."""

EXHAUSTED_SECONDS = 0.5
"""The pause after a connection could not be taken: there are too many open files."""

logger = logging.getLogger(__name__)


class Acceptor:
    """One process's share of a listener's connections; to uvicorn it is a server like its own."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        loads: Loads,
        cell: int,
    ) -> None:
        """`loads[cell]` is how many connections this process holds."""
        self._listener = listener
        self._protocol = protocol
        self._loads = loads
        self._cell = cell
        self._loop = asyncio.get_running_loop()
        self._pausing: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Take connections from now on."""
        self._listener.setblocking(False)
        self._listen()

    def _listen(self) -> None:
        self._pausing = None
        self._loop.add_reader(self._listener.fileno(), self._ready)

    def _ready(self) -> None:
        surplus = self._loads.surplus(self._cell) - SLACK
        if surplus > 0:
            pause = min(surplus * PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
            self._pause(pause, self._take_what_is_left)
        else:
            # One, and then whoever is awake.
            self._take()

    def _pause(self, seconds: float, then: Callable[[], None]) -> None:
        self._loop.remove_reader(self._listener.fileno())
        self._pausing = self._loop.call_later(seconds, then)

    def _take_what_is_left(self) -> None:
        self._listen()
        for _ in range(AT_ONCE):
            if self._pausing is not None or not self._take():
                return

    def _take(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError as error:
            logger.warning("a connection cannot be taken: %s", error.strerror)
            self._pause(EXHAUSTED_SECONDS, self._listen)
            return False
        connection.setblocking(False)
        self._loads[self._cell] += 1
        beginning = self._loop.create_task(
            self._loop.connect_accepted_socket(self._protocol, connection)
        )
        self._beginning.add(beginning)
        beginning.add_done_callback(self._begun)
        return True

    def _begun(self, beginning: asyncio.Task[object]) -> None:
        self._beginning.discard(beginning)
        if not beginning.cancelled() and (error := beginning.exception()):
            logger.warning("a connection ended at its beginning: %s", type(error).__name__)

    def close(self) -> None:
        """Take no more; may be called twice."""
        self._loads[self._cell] = AWAY
        if self._listener.fileno() < 0:
            return
        if self._pausing is not None:
            self._pausing.cancel()
        self._loop.remove_reader(self._listener.fileno())
        self._listener.close()

    async def wait_closed(self) -> None:
        """Wait until those that were taken last are served."""
        if self._beginning:
            await asyncio.wait(self._beginning)
