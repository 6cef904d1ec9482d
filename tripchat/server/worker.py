"""One of several processes that serve the site: started, watched and ended by the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from typing import Any, cast
from urllib.parse import urlsplit

from tripchat.cluster.workers import workers
from tripchat.server.accepting import Acceptor
from tripchat.server.inheritance import Inheritance
from tripchat.server.loads import AWAY, Loads
from tripchat.server.serve import Server

BEAT_SECONDS = 0.5
"""How often a worker says that its event loop turns."""

BEAT = b"."

ORPHAN_SECONDS = 15.0
"""How long a worker may take to end once its supervisor is gone."""


def work(given: Inheritance) -> None:
    """Serve as one of several until told to stop."""
    own = socket.socket(fileno=given.own)
    _WorkerServer(given).run(sockets=[own])


class _WorkerServer(Server):
    """A server that takes its connections from a listener that others use as well."""

    def __init__(self, given: Inheritance) -> None:
        super().__init__()
        self._shared = socket.socket(fileno=given.shared)
        self._control = socket.socket(fileno=given.control)
        self._loads = Loads(given.loads)
        self._cell = given.cell
        self._beating: asyncio.Task[None] | None = None

    def others_go_on(self, told_by: int) -> bool:
        """The supervisor sends SIGTERM to one of several, and SIGINT to all of its machine."""
        here = urlsplit(workers.url).hostname
        elsewhere = any(urlsplit(other.url).hostname != here for other in workers.others)
        return told_by == signal.SIGTERM or elsewhere

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        threading.Thread(target=self._outlive_nobody, daemon=True).start()
        await super().startup(sockets)
        if not self.started:
            return
        self._loads[self._cell] = 0
        acceptor = Acceptor(self._shared, self._protocol, self._loads, self._cell)
        self.servers.append(cast("Any", acceptor))
        acceptor.start()
        self._beating = asyncio.create_task(self._beat())

    def _protocol(self) -> asyncio.Protocol:
        protocol = cast("Any", self.config.http_protocol_class)
        return protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def _beat(self) -> None:
        while True:
            # A supervisor that is stopped for a while does not matter, nor one that is gone.
            with contextlib.suppress(OSError):
                self._control.send(BEAT, socket.MSG_DONTWAIT)
            await asyncio.sleep(BEAT_SECONDS)

    async def on_tick(self, counter: int) -> bool:
        if self._loads[self._cell] != AWAY:
            self._loads[self._cell] = len(self.server_state.connections)
        return await super().on_tick(counter)

    def _outlive_nobody(self) -> None:
        """End when the supervisor does, even if the event loop hangs."""
        with contextlib.suppress(OSError):
            while self._control.recv(64):
                pass
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)
