"""What a worker says of itself while its database and its Redis come and go."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio

from tests.kit.backing import a_postgres, a_redis
from tests.kit.cluster import two_workers
from tests.kit.server import Server
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMISED_SECONDS = 2.0
PATIENCE_SECONDS = 20.0

LOSSES = "tripchat_redis_subscriptions_lost_total"


@dataclass
class Site:
    """Two workers, and what they need."""

    workers: list[Server]
    postgres: LocalPostgres
    redis: LocalRedis
    http: httpx.AsyncClient

    async def asks(self, path: str = "/api/health", worker: int = 0) -> httpx.Response:
        """What a worker answers, in the time that is promised."""
        began = time.monotonic()
        answer = await self.http.get(self.workers[worker].url + path)
        assert time.monotonic() - began < PROMISED_SECONDS
        return answer

    async def comes_to(self, status: int, worker: int = 0, **parts: Any) -> None:
        """Wait until a worker says so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self.asks(worker=worker)
                if answer.json().items() >= parts.items():
                    break
                await asyncio.sleep(0.05)
        assert answer.status_code == status
        assert answer.json()["status"] == ("ok" if status == 200 else "down")
        await self.turns(worker)

    async def tells(self, metric: str) -> float:
        """A figure of the first worker."""
        [line] = re.findall(rf"^{metric} (\S+)$", (await self.asks("/metrics")).text, re.MULTILINE)
        return float(line)

    async def turns(self, worker: int = 0) -> None:
        """Whatever is down, a worker is alive."""
        answer = await self.asks("/api/health/live", worker)
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    with a_postgres() as postgres, a_redis() as redis:
        async with (
            two_workers(postgres, redis) as workers,
            httpx.AsyncClient(timeout=10) as http,
        ):
            yield Site(workers, postgres, redis, http)


async def test_each_worker_counts_them_all(site: Site):
    for worker in range(2):
        await site.comes_to(200, worker, database="ok", redis="ok", workers=2)


async def test_a_worker_that_is_gone_does_not_count(site: Site):
    await site.workers[1].kill()
    await site.comes_to(200, workers=1)
    await site.workers[1].start()
    await site.comes_to(200, workers=2)


async def test_redis_is_down_and_back(site: Site):
    losses = await site.tells(LOSSES)
    site.redis.kill()
    await site.comes_to(503, database="ok", redis="down")
    metrics = (await site.asks("/metrics")).text
    assert "tripchat_redis_up 0.0" in metrics
    site.redis.start()
    await site.comes_to(200, database="ok", redis="ok", workers=2)
    metrics = (await site.asks("/metrics")).text
    assert "tripchat_redis_up 1.0" in metrics
    assert "tripchat_redis_round_trip_seconds" in metrics
    assert await site.tells(LOSSES) == losses + 1


async def test_the_database_is_down_and_back(site: Site):
    site.postgres.kill()
    await site.comes_to(503, database="down", redis="ok")
    assert (await site.asks("/api/health/live")).json()["database"] == "down"
    assert "tripchat_database_up 0.0" in (await site.asks("/metrics")).text
    site.postgres.start()
    await site.comes_to(200, database="ok")
    assert (await site.asks("/api/health/live")).json()["database"] == "ok"


async def test_a_database_that_hangs_is_down(site: Site):
    hanging = [psutil.Process(site.postgres.pid)]
    hanging += hanging[0].children(recursive=True)
    for process in hanging:
        process.suspend()
    try:
        # Everybody asks at once, as pages do when something is wrong.
        answers = await asyncio.gather(*(site.asks() for _ in range(30)))
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["database"] for answer in answers} == {"down"}
        await site.turns()
    finally:
        for process in hanging:
            process.resume()
    await site.comes_to(200, database="ok")
