"""A real TripChat server in a process of its own, with a port and a data folder of its own."""

import asyncio
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

import httpx

ROOT = Path(__file__).resolve().parents[2]

HEALTH = "/api/health"

PATIENCE_SECONDS = 300
"""The first start for changed sources builds the page."""

COMPLAINT = re.compile(r"Traceback|ERROR|CRITICAL|Exception|Task .* was never")
"""In a log line that nobody should ever find."""


OUTAGE = r"tripchat\.db\.outage: the database does not answer"
"""An error in the log that is right while the database is away."""


def complaints_in(log: str, *expected: str) -> list[str]:
    """The lines of a log that nobody should ever find there, but for those that are expected."""
    return [
        line
        for line in log.splitlines()
        if COMPLAINT.search(line) and not any(re.search(each, line) for each in expected)
    ]


class Site(Protocol):
    """A running site, of one process or several."""

    url: str
    port: int
    killed_at: list[int]
    """When one of its processes was ended in the middle of something, in milliseconds."""

    def output(self) -> str:
        """Everything it has written so far."""
        ...

    def complaints(self, *expected: str) -> list[str]:
        """The lines of its log that nobody should ever find there."""
        ...


class ServerFailed(Exception):
    """The server did not come up, or did not stop; the text ends with its log."""


class Server:
    """A server that can be stopped, and started again on the same port and data."""

    command = "run"

    def __init__(self, folder: Path, **environment: str) -> None:
        """`folder` takes its data and its log; `environment` adds to the process's variables."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self._data = folder / "data"
        self.database = self._data / "tripchat.db"
        self.killed_at: list[int] = []
        """When it was ended in the middle of something, in milliseconds."""
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, ready: str = HEALTH, /, **environment: str) -> None:
        """Start the process and wait until `ready` answers 200; raises ServerFailed.

        `environment` adds to the variables that it was made with, from now on.
        """
        self._environment |= environment
        self._process = process = self._spawn()
        try:
            await self._answers(ready)
        except BaseException:
            process.kill()
            process.wait()
            raise

    def _spawn(self) -> "subprocess.Popen[bytes]":
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TRIPCHAT_")}
        command = [sys.executable, "-m", "tripchat", self.command, "--port", str(self.port)]
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [*command, "--data", str(self._data)],
                cwd=ROOT,
                env=inherited | {"PYTHONUNBUFFERED": "1"} | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def _answers(self, path: str) -> None:
        assert self._process is not None
        until = time.monotonic() + PATIENCE_SECONDS
        async with httpx.AsyncClient(timeout=5) as http:
            while time.monotonic() < until:
                if self._process.poll() is not None:
                    status = self._process.returncode
                    raise ServerFailed(f"the server ended with {status}:\n{self.output()}")
                try:
                    if (await http.get(f"{self.url}{path}")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise ServerFailed(f"no answer at {path} within {PATIENCE_SECONDS} s:\n{self.output()}")

    async def stop(self) -> None:
        """Stop the process with SIGTERM; raises ServerFailed when that is not enough."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerFailed(f"the server did not stop on SIGTERM:\n{self.output()}") from None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """End the process with SIGKILL, in the middle of whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)
            self.killed_at.append(time.time_ns() // 1_000_000)

    def output(self) -> str:
        """Everything the server has written so far, over all its starts."""
        return self.log.read_text(errors="replace")

    def complaints(self, *expected: str) -> list[str]:
        """The lines of its log that nobody should ever find there.

        `expected` are patterns of lines that are right while something is broken.
        """
        return complaints_in(self.output(), *expected)

    def backdate(self, trip_id: str, upto_seq: int, days: int) -> None:
        """Have the messages up to `upto_seq` be `days` older; nobody may have the trip open."""
        with sqlite3.connect(self.database) as database:
            database.execute(
                "UPDATE message SET sent_at = sent_at - ? WHERE trip_id = ? AND seq <= ?",
                (days * 86_400_000, trip_id, upto_seq),
            )
        database.close()


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
