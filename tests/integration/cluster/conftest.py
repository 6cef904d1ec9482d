"""Two workers on one PostgreSQL and one Redis, each on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.kit.backing import a_postgres, a_redis, a_shared_storage
from tests.kit.people import Account
from tests.kit.server import Server
from tripchat.local.postgres import LocalPostgres
from tripchat.local.redis import LocalRedis


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """One PostgreSQL for all tests of this folder."""
    with a_postgres() as postgres:
        yield postgres


@pytest.fixture(scope="session")
def redis() -> Iterator[LocalRedis]:
    """One Redis."""
    with a_redis() as redis:
        yield redis


@pytest.fixture(scope="session")
def shared(postgres: LocalPostgres) -> Iterator[dict[str, str]]:
    """What all workers of one site have in common, but for Redis."""
    with a_shared_storage(postgres) as shared:
        yield shared


@pytest.fixture(scope="session")
def workers(
    tmp_path_factory: pytest.TempPathFactory, shared: dict[str, str], redis: LocalRedis
) -> Iterator[list[Server]]:
    """Two workers; at the end nothing stands in their logs."""
    environment = shared | {"TRIPCHAT_REDIS_URL": redis.url}
    both = [Server(tmp_path_factory.mktemp("worker"), **environment) for _ in range(2)]
    for each in both:
        asyncio.run(each.start())
    yield both
    for each in both:
        asyncio.run(each.stop())
        assert each.complaints() == []


@pytest.fixture(scope="session")
def servers(workers: list[Server]) -> list[Server]:
    """All servers of the site."""
    return workers


@pytest.fixture
async def ana(workers: list[Server]) -> AsyncIterator[Account]:
    """Somebody with an account, who acts through the first worker."""
    account = await Account.sign_up(workers[0].url, "Ana Lima")
    yield account
    await account.close()


@pytest.fixture
async def bo(workers: list[Server]) -> AsyncIterator[Account]:
    """Somebody else, who acts through the second worker."""
    account = await Account.sign_up(workers[1].url, "Bo Berg")
    yield account
    await account.close()
