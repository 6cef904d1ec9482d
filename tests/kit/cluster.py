"""A real site of several workers, with its own PostgreSQL and Redis: all of it can be broken."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.backing import a_folder, a_shared_storage
from tests.kit.server import Server, Site, running
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis

_AT = re.compile(r"^Worker (\d+) \(process (\d+)\) is at (\S+)$", re.MULTILINE)
_GONE = re.compile(r"^Worker (\d+) is gone\.$", re.MULTILINE)
_RENEWED = "All workers are new."


@dataclass(frozen=True)
class ClusterWorker:
    """A worker as the supervisor has announced it."""

    pid: int
    url: str
    """Where it is reached by itself; the same for the one that replaces it."""


class Cluster(Site):
    """Workers under a supervisor, PostgreSQL and Redis: each can be ended in any way, and is back.

    Workers are counted from 0.
    """

    stop_seconds = 30.0

    def __init__(self, folder: Path, workers: int = 2, **environment: str) -> None:
        """Any user has to be able to pass through `folder`."""
        # One that keeps what it has acknowledged, however it ends.
        self.postgres = LocalPostgres(folder / "backing")
        self.redis = LocalRedis(folder / "backing")
        own = {
            "TRIPCHAT_WORKERS": str(workers),
            "TRIPCHAT_DATABASE_URL": self.postgres.url,
            "TRIPCHAT_REDIS_URL": self.redis.url,
        }
        super().__init__(folder, **own | environment)
        self._count = workers

    async def start(self, **environment: str) -> None:
        """Start all, and wait until every worker serves; raises ServerFailed.

        `environment` adds to the variables that it was made with, from now on.
        """
        self._environment |= environment
        await asyncio.to_thread(self._start_backing)
        known = len(_AT.findall(self.output()))
        self._spawn()
        try:
            await self.until(lambda: len(_AT.findall(self.output())) - known >= self._count)
            await self.answers()
        except BaseException:
            await self.kill()
            raise

    def _start_backing(self) -> None:
        for server in (self.postgres, self.redis):
            if not server.is_running:
                server.start()

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
        try:
            await super().stop()
        finally:
            await asyncio.to_thread(self._stop_backing)

    async def kill(self) -> None:
        """End the supervisor with SIGKILL, which ends its workers as well, and the rest."""
        await super().kill()
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


@asynccontextmanager
async def two_workers(postgres: LocalPostgres, redis: LocalRedis) -> AsyncIterator[list[Server]]:
    """A site of two servers with nobody above them."""
    with a_shared_storage(postgres) as shared, a_folder() as one, a_folder() as two:
        settings = shared | {"TRIPCHAT_REDIS_URL": redis.url}
        async with running(one, **settings) as first, running(two, **settings) as second:
            yield [first, second]
