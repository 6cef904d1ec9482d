"""A site to be attacked, with settings of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.kit.server import Server


def served(folder: Path, **environment: str) -> Iterator[Server]:
    """A server that runs for a while; at the end nothing stands in its log."""
    server = Server(folder, **environment)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    assert server.complaints() == []
