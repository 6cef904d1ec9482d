"""A real site of several workers, with its own PostgreSQL and Redis: all of it can be broken."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.kit.backing import a_folder
from tests.kit.server import PATIENCE_SECONDS, ROOT, ServerFailed, complaints_in, free_port
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis

_AT = re.compile(r"^Worker (\d+) \(process (\d+)\) is at (\S+)$", re.MULTILINE)
_GONE = re.compile(r"^Worker (\d+) is gone\.$", re.MULTILINE)
_RENEWED = "All workers are new."

LOOK_EVERY_SECONDS = 0.02
STOP_SECONDS = 30


@dataclass(frozen=True)
class ClusterWorker:
    """A worker as the supervisor has announced it."""

    pid: int
    url: str
    """Where it is reached by itself; the same for the one that replaces it."""


class Cluster:
    """Workers under a supervisor, PostgreSQL and Redis: each can be ended in any way, and is back.

    Workers are counted from 0.
    """

    def __init__(self, folder: Path, workers: int = 2, **environment: str) -> None:
        """`folder` takes data and logs; any user has to be able to pass through it.

        `environment` adds to the processes' variables.
        """
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "site.log"
        self.data = folder / "data"
        # One that keeps what it has acknowledged, however it ends.
        self.postgres = LocalPostgres(folder / "backing")
        self.redis = LocalRedis(folder / "backing")
        self.killed_at: list[int] = []
        """When a worker or PostgreSQL was ended in the middle of something, in milliseconds."""
        self._count = workers
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, **environment: str) -> None:
        """Start all, and wait until every worker serves; raises ServerFailed.

        `environment` adds to the variables that it was made with, from now on.
        """
        self._environment |= environment
        await asyncio.to_thread(self._start_backing)
        known = len(_AT.findall(self.output()))
        self._process = self._spawn()
        try:
            await self.until(lambda: len(_AT.findall(self.output())) - known >= self._count)
            await self.healthy()
        except BaseException:
            await self.kill()
            raise

    def _start_backing(self) -> None:
        for server in (self.postgres, self.redis):
            if not server.is_running:
                server.start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TRIPCHAT_")}
        own = {
            "PYTHONUNBUFFERED": "1",
            "TRIPCHAT_WORKERS": str(self._count),
            "TRIPCHAT_DATABASE_URL": self.postgres.url,
            "TRIPCHAT_REDIS_URL": self.redis.url,
        }
        command = [sys.executable, "-m", "tripchat", "run", "--port", str(self.port)]
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [*command, "--data", str(self.data)],
                cwd=ROOT,
                env=inherited | own | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something; raises ServerFailed when it takes too long or the site has ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if self._process is not None and self._process.poll() is not None:
                status = self._process.returncode
                raise ServerFailed(f"the site ended with {status}:\n{self.output()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"not within {PATIENCE_SECONDS} s:\n{self.output()}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def healthy(self, url: str | None = None) -> None:
        """Wait until the site, or the worker at `url`, is healthy; raises ServerFailed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while time.monotonic() < deadline:
                try:
                    if (await http.get(f"{url or self.url}/api/health")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise ServerFailed(f"not healthy within {PATIENCE_SECONDS} s:\n{self.output()}")

    # What is there.

    @property
    def workers(self) -> list[ClusterWorker]:
        """The workers as they were announced last, in order."""
        there: dict[int, ClusterWorker] = {}
        for line in self.output().splitlines():
            if at := _AT.match(line):
                there[int(at[1])] = ClusterWorker(int(at[2]), at[3])
            elif gone := _GONE.match(line):
                there.pop(int(gone[1]), None)
        return [there[number] for number in sorted(there)]

    @property
    def worker_urls(self) -> list[str]:
        """Where each worker is reached by itself."""
        return [worker.url for worker in self.workers]

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None
        return self._process.pid

    def output(self) -> str:
        """Everything the site has written so far, over all its starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def complaints(self, *expected: str) -> list[str]:
        """The lines of its log that nobody should ever find there.

        `expected` are patterns of lines that are right while something is broken.
        """
        return complaints_in(self.output(), *expected)

    # Workers.

    async def kill_worker(self, index: int) -> None:
        """End a worker with SIGKILL, and wait until another one serves in its place."""
        pid = self.workers[index].pid
        os.kill(pid, signal.SIGKILL)
        self._note_kill()
        await self.replaced(index, pid)

    def freeze_worker(self, index: int) -> int:
        """Stop a worker with SIGSTOP: it does nothing any more. Gives its process."""
        pid = self.workers[index].pid
        os.kill(pid, signal.SIGSTOP)
        return pid

    async def hang_worker(self, index: int) -> None:
        """Stop a worker with SIGSTOP, and wait until another one serves in its place."""
        frozen = self.freeze_worker(index)
        self._note_kill()
        await self.replaced(index, frozen)

    def _note_kill(self) -> None:
        self.killed_at.append(time.time_ns() // 1_000_000)

    async def replaced(self, index: int, pid: int) -> None:
        """Wait until another process than `pid` serves in a worker's place."""
        await self.until(lambda: self.workers[index].pid != pid)

    async def renew(self) -> None:
        """Replace all workers by new ones, one after the other, while people go on."""
        before = self.output().count(_RENEWED)
        os.kill(self.pid, signal.SIGHUP)
        await self.until(lambda: self.output().count(_RENEWED) > before)

    async def add_worker(self) -> None:
        """Have one worker more."""
        there = len(self.workers)
        os.kill(self.pid, signal.SIGTTIN)
        await self.until(lambda: len(self.workers) > there)

    async def remove_worker(self) -> None:
        """Have one worker fewer: the last one."""
        there = len(self.workers)
        os.kill(self.pid, signal.SIGTTOU)
        await self.until(lambda: len(self.workers) < there)

    # PostgreSQL and Redis: both come back at the same address.

    async def stop_redis(self) -> None:
        """End Redis in an orderly manner."""
        await asyncio.to_thread(self.redis.stop)

    async def kill_redis(self) -> None:
        """End Redis with SIGKILL."""
        await asyncio.to_thread(self.redis.kill)

    async def start_redis(self) -> None:
        """Have Redis back."""
        await asyncio.to_thread(self.redis.start)

    async def restart_redis(self) -> None:
        """End Redis, and have it back at once."""
        await self.stop_redis()
        await self.start_redis()

    async def stop_postgres(self) -> None:
        """End PostgreSQL in an orderly manner."""
        await asyncio.to_thread(self.postgres.stop)

    async def kill_postgres(self) -> None:
        """End PostgreSQL with SIGKILL."""
        await asyncio.to_thread(self.postgres.kill)
        self._note_kill()

    async def start_postgres(self) -> None:
        """Have PostgreSQL back."""
        await asyncio.to_thread(self.postgres.start)

    async def restart_postgres(self) -> None:
        """End PostgreSQL, and have it back at once."""
        await self.stop_postgres()
        await self.start_postgres()

    # The end.

    async def stop(self) -> None:
        """End the site with SIGTERM, then the rest; raises ServerFailed when it does not end."""
        process, self._process = self._process, None
        try:
            if process is not None:
                await self._stop(process)
        finally:
            await asyncio.to_thread(self._stop_backing)

    async def _stop(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerFailed(f"the site did not stop on SIGTERM:\n{self.output()}") from None

    async def kill(self) -> None:
        """End the supervisor with SIGKILL, which ends its workers as well, and the rest."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        await asyncio.to_thread(self._stop_backing)

    def _stop_backing(self) -> None:
        self.redis.stop()
        self.postgres.stop()


@asynccontextmanager
async def a_cluster(workers: int = 2, **environment: str) -> AsyncIterator[Cluster]:
    """A running site of several workers, in a temporary folder."""
    with a_folder() as folder:
        cluster = Cluster(folder, workers, **environment)
        try:
            await cluster.start()
            yield cluster
        finally:
            await cluster.stop()
