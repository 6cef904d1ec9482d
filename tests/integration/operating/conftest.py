"""Real servers, looked at by those who run them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.kit.server import Server


@asynccontextmanager
async def running(folder: Path, **environment: str) -> AsyncIterator[Server]:
    """A server for a while."""
    server = Server(folder, **environment)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
