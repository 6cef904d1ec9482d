"""What was done lately, counted in Redis for all workers together."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tripchat.sealing import sealer
from tripchat.settings import Settings

PREFIX = "tripchat:limits"
"""And names that depend on the key: several sites may share one Redis."""

PATIENCE_SECONDS = 0.25
"""Whoever does something waits no longer for Redis."""

AWAY_SECONDS = 2.0
"""After Redis did not answer it is not asked again for so long."""

MOST_CONNECTIONS = 16

log = logging.getLogger(__name__)


class SharedCounts:
    """Sliding windows in Redis; while it is away nothing is counted there.

    Redis is told neither who did something nor what: its keys are hashes that only who has the
    master key can make.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        options: dict[str, Any] = {"connection_pool": pool}
        storage = RedisStorage(
            "async+redis://", implementation="redispy", key_prefix=PREFIX, **options
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    async def hit(self, key: str, rate: RateLimitItem, cost: int = 1) -> float:
        """Count something under a key if its rate allows it.

        Gives 0 if it was counted or Redis is away, otherwise the seconds until more is allowed.
        """
        name = self._name(key)

        async def hit() -> float:
            if await self._limiter.hit(rate, name, cost=cost):
                return 0.0
            stats = await self._limiter.get_window_stats(rate, name)
            return max(stats.reset_time - time.time(), 0.001)

        return await self._ask(hit)

    async def forget(self, key: str, rate: RateLimitItem) -> None:
        """Begin anew under a key."""
        name = self._name(key)

        async def forget() -> float:
            await self._limiter.clear(rate, name)
            return 0.0

        await self._ask(forget)

    async def _ask(self, question: Callable[[], Awaitable[float]]) -> float:
        """Redis's answer, or 0 while it is away."""
        if time.monotonic() < self._away_until:
            return 0.0
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            log.warning("limits are counted by each worker for itself: %s", type(error).__name__)
            return 0.0

    def _name(self, key: str) -> str:
        # The key of this moment: with another one, all workers begin to count anew.
        ours = sealer().current
        secret = ours.name_for("names of limits").encode()
        name = hashlib.blake2b(key.encode(), key=secret, digest_size=16).hexdigest()
        return f"{ours.name_for('limits')}/{name}"


@asynccontextmanager
async def counts_of(settings: Settings) -> AsyncIterator[SharedCounts | None]:
    """What the site's workers count together, for a while; None for one that has no Redis."""
    if settings.redis_url is None:
        yield None
        return
    pool = BlockingConnectionPool.from_url(
        settings.redis_url.get_secret_value(),
        max_connections=MOST_CONNECTIONS,
        timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        yield SharedCounts(pool)
    finally:
        await pool.disconnect()
