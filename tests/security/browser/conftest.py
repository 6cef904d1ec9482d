"""What attacks in a browser start from: all that tests/e2e has."""

import asyncio
from collections.abc import Callable

import pytest

from tests.e2e.conftest import comes_in, doors, person, pytest_runtest_makereport, server, visitor
from tests.kit.server import Server
from tripchat import storage
from tripchat.services import previewing
from tripchat.settings import Settings
from tripchat.views import Preview

__all__ = ["comes_in", "doors", "person", "pytest_runtest_makereport", "server", "visitor"]

Attach = Callable[[str, list[tuple[str, str]]], None]
"""A trip's id; each of its messages' link, and the title of the page behind it."""


@pytest.fixture
def attach(server: Server) -> Attach:
    """Stores previews as if the pages behind the links had been looked up; nobody is told."""

    async def add(trip_id: str, links: list[tuple[str, str]]) -> None:
        await storage.open_storage(Settings(data=server.data, database_url=None))
        for seq, (url, title) in enumerate(links, 1):
            site = "x.example"
            preview = {"url": url, "site": site, "title": title, "description": title}
            await previewing.attach(trip_id, seq, Preview(**preview))
        await storage.close_storage()

    return lambda trip_id, links: asyncio.run(add(trip_id, links))
