"""A real TripChat server in a process of its own, with a port and a data folder of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tripchat.local.process import free_port

ROOT = Path(__file__).resolve().parents[2]

HEALTH = "/api/health"

PATIENCE_SECONDS = 300
"""The first start for changed sources builds the page."""

LOOK_EVERY_SECONDS = 0.02

COMPLAINT = re.compile(r"Traceback|ERROR|CRITICAL|Exception|Task .* was never")
"""In a log line that nobody should ever find."""

OUTAGE = r"tripchat\.db\.outage: the database does not answer"
"""An error in the log that is right while the database is away."""


class ServerFailed(Exception):
    """The site did not come up, or did not stop; the text ends with its log."""


class Site:
    """A running site, of one process or several, that can be started again on the same port."""

    command = "run"
    stop_seconds = 20.0

    def __init__(self, folder: Path, **environment: str) -> None:
        """`folder` takes its data and its log; `environment` adds to the process's variables.

        Tests do more at once than people do: there are no limits unless it switches them on.
        """
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "site.log"
        self.data = folder / "data"
        self.killed_at: list[int] = []
        """When one of its processes was ended in the middle of something, in milliseconds."""
        self._environment = {"TRIPCHAT_LIMITS": "off"} | environment
        self._process: subprocess.Popen[bytes] | None = None

    def _spawn(self) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TRIPCHAT_")}
        command = [sys.executable, "-m", "tripchat", self.command, "--port", str(self.port)]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.data)],
                cwd=ROOT,
                env=inherited | {"PYTHONUNBUFFERED": "1"} | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something; raises ServerFailed when it takes too long or the site has ended."""

        async def is_met() -> bool:
            return condition()

        await self._wait(is_met)

    async def answers(self, path: str = HEALTH) -> None:
        """Wait until the site answers 200 there; raises ServerFailed."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:

            async def is_met() -> bool:
                try:
                    return (await http.get(f"{self.url}{path}")).status_code == 200
                except httpx.HTTPError:
                    return False

            await self._wait(is_met)

    async def _wait(self, is_met: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await is_met():
            if self._process is not None and self._process.poll() is not None:
                status = self._process.returncode
                raise ServerFailed(f"the site ended with {status}:\n{self.output()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"not within {PATIENCE_SECONDS} s:\n{self.output()}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def stop(self) -> None:
        """Stop the process with SIGTERM; raises ServerFailed when that is not enough."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, self.stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerFailed(f"the site did not stop on SIGTERM:\n{self.output()}") from None

    async def kill(self) -> None:
        """End the process with SIGKILL, in the middle of whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)
            self._note_kill()

    def _note_kill(self) -> None:
        self.killed_at.append(time.time_ns() // 1_000_000)

    @property
    def pid(self) -> int:
        """The running process; of several, the one above the others."""
        assert self._process is not None
        return self._process.pid

    def output(self) -> str:
        """Everything the site has written so far, over all its starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def complaints(self, *expected: str) -> list[str]:
        """The lines of its log that nobody should ever find there.

        `expected` are patterns of lines that are right while something is broken.
        """
        return [
            line
            for line in self.output().splitlines()
            if COMPLAINT.search(line) and not any(re.search(each, line) for each in expected)
        ]


class Server(Site):
    """A site of one process; its data is kept in its folder unless told otherwise."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        self.database = self.data / "tripchat.db"

    async def start(self, ready: str = HEALTH, /, **environment: str) -> None:
        """Start the process and wait until `ready` answers 200; raises ServerFailed.

        `environment` adds to the variables that it was made with, from now on.
        """
        self._environment |= environment
        self._spawn()
        try:
            await self.answers(ready)
        except BaseException:
            await self.kill()
            raise

    def backdate(self, trip_id: str, upto_seq: int, days: int) -> None:
        """Have the messages up to `upto_seq` be `days` older; nobody may have the trip open."""
        with sqlite3.connect(self.database) as database:
            database.execute(
                "UPDATE message SET sent_at = sent_at - ? WHERE trip_id = ? AND seq <= ?",
                (days * 86_400_000, trip_id, upto_seq),
            )
        database.close()


@asynccontextmanager
async def running(folder: Path, **environment: str) -> AsyncIterator[Server]:
    """A server for a while."""
    server = Server(folder, **environment)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
