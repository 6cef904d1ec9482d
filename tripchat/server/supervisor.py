"""Several workers on this machine as one site: they are started, watched, replaced and ended.

The supervisor itself serves nobody. It binds the site's socket once; every worker inherits it and
takes its share of the connections. It knows that a worker lives by the beats of its event loop.

SIGTERM, SIGINT   end all in an orderly manner; the second one ends all at once
SIGHUP            replace all by new ones, one after the other: nobody is to notice
SIGTTIN, SIGTTOU  one worker more, one fewer
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from tripchat.errors import CannotStart
from tripchat.server.child import WorkerProcess
from tripchat.server.listening import listener_at
from tripchat.server.loads import Loads
from tripchat.settings import Settings, bracketed

STOP_SECONDS = 20.0
"""How long workers may take to end before they are killed."""

RETRY_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""The pauses before a place gets its next worker, when one after the other does not last."""

LASTING_SECONDS = 10.0
"""A worker that served for so long has lasted."""

BACKLOG = 2048

PREPARE = "prepare"
"""The command that brings the database and the page up to date."""


class Place:
    """Where a worker listens by itself; the address stays, whichever process serves there."""

    def __init__(self, number: int, settings: Settings) -> None:
        """The place with this number, counted from 1; raises CannotStart."""
        self.number = number
        host, first = settings.worker_host, settings.worker_port
        self.socket = listener_at(host, first + number - 1 if first else 0)
        self.socket.listen(BACKLOG)
        self.url = f"http://{bracketed(host)}:{self.socket.getsockname()[1]}"
        self.worker: WorkerProcess | None = None
        self.is_open = True

    def close(self) -> None:
        """Nobody serves here any more."""
        self.is_open = False
        self.socket.close()


class Supervisor:
    """See the module."""

    def __init__(self, settings: Settings, *, demo: bool = False) -> None:
        """`demo` has the database filled with something to look at."""
        self._settings = settings
        self._prepare_command = [PREPARE, *(["--demo"] if demo else [])]
        self._shared = listener_at(settings.host, settings.port)
        self._loads = Loads.shared()
        self._places = [Place(number, settings) for number in range(1, settings.workers + 1)]
        self._processes: set[WorkerProcess] = set()
        self._preparing: asyncio.subprocess.Process | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()
        self._status = 0

    async def run(self) -> int:
        """Serve until told to stop; gives the process's exit status."""
        loop = asyncio.get_running_loop()
        handlers: dict[signal.Signals, Callable[[], object]] = {
            signal.SIGTERM: self._end,
            signal.SIGINT: self._end,
            signal.SIGHUP: lambda: self._go(self._in_turn(self._renew_all())),
            signal.SIGTTIN: lambda: self._go(self._in_turn(self._add())),
            signal.SIGTTOU: lambda: self._go(self._in_turn(self._remove())),
        }
        for each, handler in handlers.items():
            loop.add_signal_handler(each, handler)
        self._go(self._in_turn(self._start()))
        await self._stop.wait()
        await self._end_all()
        return self._status

    def _go(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _in_turn(self, work: Coroutine[Any, Any, None]) -> None:
        """One change of the workers after the other."""
        async with self._turn:
            if self._stop.is_set():
                work.close()
            else:
                await work

    # Starting.

    async def _start(self) -> None:
        if not await self._prepare():
            self._give_up()
            return
        self._shared.listen(BACKLOG)
        for place in self._places:
            worker = await self._serve_at(place)
            # One after the other: what keeps workers from starting is said once.
            await worker.ready.wait()
            if place.number == 1:
                if not worker.is_running:
                    self._give_up()
                    return
                _say(f"TripChat is at http://localhost:{self._settings.port}")
            self._go(self._keep(place))

    def _give_up(self) -> None:
        """End, for a reason that has been printed by whom it kept from starting."""
        self._status = 0 if self._stop.is_set() else 1
        self._stop.set()

    async def _prepare(self) -> bool:
        """Bring everything up to date, with the code as it is now."""
        self._preparing = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tripchat", *self._prepare_command),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._stop.is_set():
            process.terminate()
        return await process.wait() == 0

    async def _serve_at(self, place: Place) -> WorkerProcess:
        environment = {"TRIPCHAT_WORKER_URL": place.url}
        worker = await WorkerProcess.start(self._shared, place.socket, self._loads, environment)
        self._processes.add(worker)
        worker.ended.add_done_callback(lambda _: self._processes.discard(worker))
        place.worker = worker
        self._go(self._announce(place, worker))
        return worker

    async def _announce(self, place: Place, worker: WorkerProcess) -> None:
        await worker.ready.wait()
        if worker.is_running:
            _say(f"Worker {place.number} (process {worker.pid}) is at {place.url}")

    # Replacing.

    async def _keep(self, place: Place) -> None:
        """Have a worker at this place for as long as it is there."""
        pauses = _pauses()
        while place.is_open and not self._stop.is_set():
            worker = place.worker
            assert worker is not None
            began = time.monotonic()
            await worker.ended
            if worker is not place.worker:
                continue  # it has been replaced already
            if worker.was_told:
                return
            if time.monotonic() - began > LASTING_SECONDS:
                pauses = _pauses()
            _say(f"Worker {place.number} (process {worker.pid}) {worker.how_it_ended()}: replaced")
            await asyncio.sleep(next(pauses))
            if place.is_open and place.worker is worker and not self._stop.is_set():
                await self._serve_at(place)

    async def _renew_all(self) -> None:
        if not await self._prepare():
            _say("The workers stay as they are: see above.")
            return
        for place in list(self._places):
            if not await self._renew(place):
                _say("The other workers stay as they are.")
                return
        _say("All workers are new.")

    async def _renew(self, place: Place) -> bool:
        """A new worker first; the old one ends when that serves."""
        old = place.worker
        new = await self._serve_at(place)
        await new.ready.wait()
        if not new.is_running:
            place.worker = old
            return False
        if old is not None and old.is_running:
            old.retire()
            await old.ended
        return True

    async def _add(self) -> None:
        try:
            place = Place(len(self._places) + 1, self._settings)
        except CannotStart as problem:
            _say(f"There is no place for one more worker: {problem}")
            return
        self._places.append(place)
        worker = await self._serve_at(place)
        self._go(self._keep(place))
        await worker.ready.wait()

    async def _remove(self) -> None:
        if len(self._places) < 2:
            _say("The last worker stays.")
            return
        place = self._places.pop()
        worker = place.worker
        place.close()
        if worker is not None and worker.is_running:
            worker.retire()
            await worker.ended
        _say(f"Worker {place.number} is gone.")

    # Ending.

    def _end(self) -> None:
        if self._stop.is_set():
            for worker in self._processes:
                worker.kill()
            return
        self._stop.set()
        if self._preparing is not None and self._preparing.returncode is None:
            self._preparing.terminate()

    async def _end_all(self) -> None:
        self._shared.close()
        if self._preparing is not None:
            await self._preparing.wait()
        for worker in self._processes:
            worker.stop()
        ends = [worker.ended for worker in self._processes]
        if ends:
            _, late = await asyncio.wait(ends, timeout=STOP_SECONDS)
            for worker in list(self._processes):
                worker.kill()
            if late:
                await asyncio.wait(late)
        for place in self._places:
            place.close()
        for task in self._tasks:
            task.cancel()


def _pauses() -> itertools.chain[float]:
    return itertools.chain(RETRY_SECONDS, itertools.repeat(RETRY_SECONDS[-1]))


def _say(line: str) -> None:
    print(line, flush=True)


def supervise(settings: Settings, *, demo: bool = False) -> int:
    """Serve the site with several workers until told to stop; gives the exit status.

    Raises:
        CannotStart: a port is taken.
    """
    if settings.worker_url is not None:
        raise CannotStart(
            "TRIPCHAT_WORKER_URL is for a single worker; where several are reached is said by "
            "TRIPCHAT_WORKER_HOST and TRIPCHAT_WORKER_PORT"
        )

    async def run() -> int:
        return await Supervisor(settings, demo=demo).run()

    return asyncio.run(run())
