"""A connection to Redis that fails plainly: it neither retries nor reconnects behind our back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio.connection import AbstractConnection, ConnectionPool

CONNECT_SECONDS = 2.0


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AbstractConnection]:
    """A connection, signed in and ready; raises what Redis or the network do, in many classes.

    Nothing on it has a time limit of its own: whoever waits sets one.
    """
    connection: Any = ConnectionPool.from_url(url, socket_timeout=None).make_connection()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connection.connect()
        yield connection
    finally:
        await connection.disconnect(nowait=True)
