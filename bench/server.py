"""A server under measurement: started on its own core, watched from outside, stopped."""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

SERVER_CORE = 0
CLIENT_CORE = 1


class NotReady(Exception):
    """The server ended, or did not answer in time; the text holds the end of its output."""


@dataclass(frozen=True)
class Command:
    """How a server is started, and the address that answers 200 once it can be used."""

    arguments: Sequence[str]
    port: int
    ready_path: str
    folder: Path
    environment: Mapping[str, str]
    ready_seconds: float = 60.0
    core: int | None = SERVER_CORE
    """Where it is kept, unless it may run anywhere."""


class Server:
    """A running server and the processes below it."""

    def __init__(self, command: Command, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.port = command.port
        self.pid = process.pid
        self._command = command
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, command: Command) -> "Server":
        """Starts the server on its core and waits until it answers.

        Raises:
            NotReady: it did not come up within `command.ready_seconds`.
        """
        server = cls._spawn(command)
        try:
            await server._wait_until_ready()
        except BaseException:
            server.stop()
            raise
        return server

    @classmethod
    def _spawn(cls, command: Command) -> "Server":
        descriptor, name = tempfile.mkstemp(prefix="tripchat-bench-", suffix=".log")
        with os.fdopen(descriptor, "wb") as output:
            process = subprocess.Popen(
                list(command.arguments),
                cwd=command.folder,
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that all it starts can be ended with it
                preexec_fn=lambda: pin(command.core),
            )
        return cls(command, process, Path(name))

    async def _wait_until_ready(self) -> None:
        url = f"http://127.0.0.1:{self.port}{self._command.ready_path}"
        until = time.monotonic() + self._command.ready_seconds
        async with httpx.AsyncClient(timeout=2.0) as http:
            while time.monotonic() < until:
                if self._process.poll() is not None:
                    raise NotReady(f"ended with {self._process.returncode}:\n{self.tail()}")
                try:
                    if (await http.get(url)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise NotReady(f"no answer within {self._command.ready_seconds:.0f} s:\n{self.tail()}")

    def tail(self, lines: int = 15) -> str:
        """The last lines the server wrote."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def cpu_seconds(self) -> float:
        """CPU time, user and system, that the server's processes have used so far."""
        total = 0.0
        for process in self._processes():
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def memory(self) -> int:
        """Resident bytes of the server's processes."""
        return sum(process.memory_info().rss for process in self._processes())

    def own_memory(self) -> int:
        """Resident bytes of the server's own process, without those below it."""
        return psutil.Process(self.pid).memory_info().rss

    @property
    def pids(self) -> list[int]:
        """The server's processes."""
        return [process.pid for process in self._processes()]

    def _processes(self) -> list[psutil.Process]:
        try:
            top = psutil.Process(self.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess as gone:
            raise NotReady(f"the server ended while measured:\n{self.tail()}") from gone

    def pin(self, core: int | None) -> None:
        """Keeps the running server on one core, or lets it run anywhere again."""
        for process in self._processes():
            for thread in process.threads():
                pin(core, thread.id)

    def stop(self) -> None:
        """Ends the server and everything it started."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, sign)
                self._process.wait(timeout=10)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._log.unlink(missing_ok=True)


def pin(core: int | None, thread: int = 0) -> None:
    """Keeps a thread, else this process, on one core; without one it runs wherever it can."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(thread, range(os.cpu_count() or 1) if core is None else {core})
