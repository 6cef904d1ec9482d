"""What was done lately, counted in Redis for all workers together."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from typing import Any

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tripchat.sealing import sealer

PREFIX = "tripchat:limits:"
"""And a name that depends on the key: several sites may share one Redis."""

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

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        options: dict[str, Any] = {"connection_pool": pool}
        prefix = PREFIX + sealer().name_for("limits")
        storage = RedisStorage(
            "async+redis://", implementation="redispy", key_prefix=prefix, **options
        )
        self._pool = pool
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._key = sealer().name_for("names of limits").encode()
        self._away_until = 0.0

    async def hit(self, key: str, rate: RateLimitItem, cost: int = 1) -> float:
        """Count something under a key if its rate allows it.

        Gives 0 if it was counted or Redis is away, otherwise the seconds until more is allowed.
        """
        name = self._name(key)
        async with self._asking():
            if await self._limiter.hit(rate, name, cost=cost):
                return 0.0
            stats = await self._limiter.get_window_stats(rate, name)
            return max(stats.reset_time - time.time(), 0.001)
        return 0.0

    async def forget(self, key: str, rate: RateLimitItem) -> None:
        """Begin anew under a key."""
        async with self._asking():
            await self._limiter.clear(rate, self._name(key))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()

    def _name(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=self._key, digest_size=16).hexdigest()

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Ask Redis something; ends without a word when it is away."""
