"""A worker's process, as the supervisor has it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping

from tripchat.server.inheritance import Inheritance
from tripchat.server.loads import AWAY, CELLS, Loads

START_SECONDS = 60.0
"""How long a worker may take until its first beat."""

HUNG_SECONDS = 4.0
"""A worker that was silent for so long hangs, or is stopped: it is killed."""

_free_cells = list(reversed(range(CELLS)))


class WorkerProcess:
    """One worker, from its start to its end."""

    def __init__(
        self, process: asyncio.subprocess.Process, control: socket.socket, loads: Loads, cell: int
    ) -> None:
        """See `start`."""
        self._process = process
        self._control = control
        self._loads = loads
        self._cell = cell
        self._hung = False
        self.was_told = False
        """Whether the supervisor has asked it to end."""
        self.ready = asyncio.Event()
        """It serves, or has ended: see `is_running`."""
        self.ended = asyncio.create_task(self._watch())
        """Done when it has ended."""

    @classmethod
    async def start(
        cls, shared: socket.socket, own: socket.socket, loads: Loads, environment: Mapping[str, str]
    ) -> WorkerProcess:
        """Start a worker that takes connections from these two."""
        here, there = socket.socketpair()
        cell = _free_cells.pop()
        given = Inheritance(shared.fileno(), own.fileno(), there.fileno(), loads.descriptor, cell)
        with there:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tripchat", "worker", *given.arguments()),
                pass_fds=given.descriptors,
                env={**os.environ, **environment},
                stdin=asyncio.subprocess.DEVNULL,
                # Ctrl-C in a terminal goes to all of its group: workers are told by us.
                start_new_session=True,
            )
        return cls(process, here, loads, cell)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return not self.ended.done()

    async def _watch(self) -> None:
        beats, _writer = await asyncio.open_connection(sock=self._control)
        try:
            patience = START_SECONDS
            while await asyncio.wait_for(beats.read(64), patience):
                self.ready.set()
                patience = HUNG_SECONDS
        except TimeoutError:
            self._hung = True
            self.kill()
        except OSError:
            pass  # it has ended
        finally:
            _writer.close()
        self._loads[self._cell] = AWAY
        try:
            await asyncio.wait_for(self._process.wait(), HUNG_SECONDS)
        except TimeoutError:
            self.kill()
            await self._process.wait()
        self._loads[self._cell] = AWAY
        _free_cells.append(self._cell)
        self.ready.set()

    def retire(self) -> None:
        """Have its tabs move to the others, and then end it."""
        self._tell(signal.SIGTERM)

    def stop(self) -> None:
        """End it in an orderly manner, with all the others."""
        # One that does not serve yet has no handlers, and would say where it was interrupted.
        self._tell(signal.SIGINT if self.ready.is_set() else signal.SIGTERM)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._signal(signal.SIGKILL)

    def _tell(self, how: signal.Signals) -> None:
        self.was_told = True
        self._signal(how)

    def _signal(self, how: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)

    def how_it_ended(self) -> str:
        """In a word or two."""
        status = self._process.returncode
        if self._hung:
            return "did not answer any more"
        if status is not None and status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        return f"has ended with status {status}"
