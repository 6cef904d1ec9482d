"""A server to be attacked, without a browser; with one, everything that tests/e2e has."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import (  # noqa: F401  # for the tests in a browser
    comes_in,
    doors,
    person,
    pytest_runtest_makereport,
    server,
    visitor,
)
from tests.integration.realtime.conftest import served
from tests.kit.server import Server
from tests.security.fuzzed import Fuzzed
from tripchat import storage
from tripchat.services import previewing
from tripchat.settings import Settings
from tripchat.views import Preview

Attach = Callable[[str, list[tuple[str, str]]], None]
"""A trip's id; each of its messages' link, and the title of the page behind it."""


@pytest.fixture(scope="session")
def inputs(request: pytest.FixtureRequest) -> int:
    """How many inputs each part of the fuzzing makes."""
    return int(str(request.config.getoption("--inputs")))


@pytest.fixture
def fuzzed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuzzed]:
    """A server that is sent anything; at the end nothing stands in its log."""
    for attacked in served(request, tmp_path_factory.mktemp("fuzzed")):
        fuzzed = Fuzzed(attacked)
        yield fuzzed
        fuzzed.close()


@pytest.fixture
def attach(server: Server) -> Attach:  # noqa: F811
    """Stores previews as if the pages behind the links had been looked up; nobody is told."""

    async def add(trip_id: str, links: list[tuple[str, str]]) -> None:
        await storage.open_storage(Settings(data=server.data, database_url=None))
        for seq, (url, title) in enumerate(links, 1):
            site = "x.example"
            preview = {"url": url, "site": site, "title": title, "description": title}
            await previewing.attach(trip_id, seq, Preview(**preview))
        await storage.close_storage()

    return lambda trip_id, links: asyncio.run(add(trip_id, links))
