"""A real server, and people who look at it through tabs without a browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.kit.people import Account
from tests.kit.server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this folder; at the end nothing stands in its log."""
    server = Server(tmp_path_factory.mktemp("realtime"))
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    assert server.complaints() == []


@pytest.fixture
async def ana(server: Server) -> AsyncIterator[Account]:
    """Somebody with an account."""
    account = await Account.sign_up(server.url, "Ana Lima")
    yield account
    await account.close()


@pytest.fixture
async def bo(server: Server) -> AsyncIterator[Account]:
    """Somebody else."""
    account = await Account.sign_up(server.url, "Bo Berg")
    yield account
    await account.close()
