"""A real server, and people who look at it through tabs without a browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kit.backing import a_database
from tests.kit.people import Account
from tests.kit.server import Server


def served(request: pytest.FixtureRequest, folder: Path, **environment: str) -> Iterator[Server]:
    """A server that runs for a while; at the end nothing stands in its log."""
    with ExitStack() as stack:
        if request.config.getoption("--database") == "postgresql":
            postgres = request.getfixturevalue("postgres")
            environment["TRIPCHAT_DATABASE_URL"] = stack.enter_context(a_database(postgres))
        server = Server(folder, **environment)
        asyncio.run(server.start())
        yield server
        asyncio.run(server.stop())
    assert server.complaints() == []


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all tests of this folder."""
    yield from served(request, tmp_path_factory.mktemp("realtime"))


@pytest.fixture(scope="session")
def servers(server: Server) -> list[Server]:
    """All servers of the site."""
    return [server]


@pytest.fixture(scope="session")
def impatient(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that soon takes a tab that does not answer for gone."""
    pings = {"REFLEX_SOCKET_INTERVAL": "500ms", "REFLEX_SOCKET_TIMEOUT": "1s"}
    yield from served(request, tmp_path_factory.mktemp("impatient"), **pings)


async def _signed_up(server: Server, name: str) -> AsyncIterator[Account]:
    account = await Account.sign_up(server.url, name)
    yield account
    await account.close()


@pytest.fixture
async def ana(server: Server) -> AsyncIterator[Account]:
    """Somebody with an account."""
    async for account in _signed_up(server, "Ana Lima"):
        yield account


@pytest.fixture
async def bo(server: Server) -> AsyncIterator[Account]:
    """Somebody else."""
    async for account in _signed_up(server, "Bo Berg"):
        yield account


@pytest.fixture
async def lea(impatient: Server) -> AsyncIterator[Account]:
    """Somebody with an account at the impatient server."""
    async for account in _signed_up(impatient, "Lea Roth"):
        yield account


@pytest.fixture
async def max_(impatient: Server) -> AsyncIterator[Account]:
    """Somebody else there."""
    async for account in _signed_up(impatient, "Max Adler"):
        yield account
