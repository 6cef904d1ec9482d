"""One server for all tests; browsers of people for each."""

import itertools
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.conftest import PATIENCE_MS
from tests.e2e.person import NewDevice, NewPerson, NewVisitor, Person
from tests.e2e.watch import VIOLATIONS
from tests.kit.cluster import Cluster, a_cluster
from tests.kit.people import COOKIE, Account
from tests.kit.proxy import Proxy
from tests.kit.server import ROOT, Server

RESULTS = ROOT / "test-results"

EVERYDAY = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "timezone_id": "Europe/Lisbon",
}

DISTANCES = (0.0, 0.0, 0.1, 0.3)
"""Seconds each way. Who is near sees what happens long before who is far: a test that has waited
for one of them and means both does not pass often."""

_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave word for the fixtures' end whether the test failed."""
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server | Cluster]:
    """The server that all tests share; with `--cluster` one of two workers."""
    if request.config.getoption("--cluster"):
        async with a_cluster() as cluster:
            yield cluster
        assert not cluster.complaints(), cluster.output()
        return
    server = Server(tmp_path_factory.mktemp("server"))
    await server.start()
    yield server
    await server.stop()
    assert not server.complaints(), server.output()


@pytest.fixture(scope="session")
def doors(server: Server | Cluster) -> Iterator[str]:
    """Where one after the other comes in: at each worker in turn."""
    return itertools.cycle(server.worker_urls if isinstance(server, Cluster) else [server.url])


@pytest_asyncio.fixture(loop_scope="session")
async def own_server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that this test may stop and start."""
    server = Server(tmp_path)
    await server.start()
    yield server
    await server.stop()
    assert not server.complaints(), server.output()


@pytest_asyncio.fixture(loop_scope="session")
async def comes_in(
    request: pytest.FixtureRequest, doors: Iterator[str]
) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Gives the address where somebody comes in; with `--distant` they are some way off."""
    async with AsyncExitStack() as ways:

        async def address() -> str:
            url = next(doors)
            if not request.config.getoption("--distant"):
                return url
            way = await ways.enter_async_context(Proxy(urlsplit(url).port or 80))
            way.delay(secrets.choice(DISTANCES))
            return way.url

        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(
    server: Server,
    comes_in: Callable[[], Awaitable[str]],
    browser: Browser,
    request: pytest.FixtureRequest,
) -> AsyncIterator[NewVisitor]:
    """Brings people with a fresh browser, signed in with `account` if given.

    At the end every page has to have been free of errors; of a failed test the pages are kept.
    """
    people: list[Person] = []

    async def arrive(
        name: str = "visitor",
        account: Account | None = None,
        at: Server = server,
        **options: Any,
    ) -> Person:
        context = await browser.new_context(**{**EVERYDAY, **options})
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(VIOLATIONS)
        url = await comes_in() if at is server else at.url
        if account is not None:
            await context.add_cookies([{"name": COOKIE, "value": account.token, "url": url}])
        person = Person(name, context, await context.new_page(), url, account)
        people.append(person)
        return person

    yield arrive
    complaints = {
        person.name: tab.complaints for person in people for tab in person.tabs if tab.complaints
    }
    if complaints or request.node.stash.get(_failed, False):
        await _record(people, RESULTS / _file_name(request.node.name), server)
    for person in people:
        await person.context.close()
        if person.has_account:
            await person.account.close()
    assert not complaints, f"errors in the pages: {complaints}"


async def _record(people: list[Person], folder: Path, server: Server) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for person in people:
        for number, tab in enumerate(person.tabs, 1):
            await tab.is_recorded(folder / f"{_file_name(person.name)}-{number}")
    (folder / "server.log").write_text(server.output())


def _file_name(text: str) -> str:
    return re.sub(r"\W+", "-", text)[:100]


@pytest_asyncio.fixture(loop_scope="session")
async def person(server: Server, visitor: NewVisitor) -> NewPerson:
    """Brings somebody with an account, signed in."""

    async def arrive(name: str, *, at: Server = server, **options: Any) -> Person:
        account = await Account.sign_up(at.url, name)
        return await visitor(name, account=account, at=at, **options)

    return arrive


@pytest_asyncio.fixture(loop_scope="session")
async def device(visitor: NewVisitor) -> NewDevice:
    """Brings another device of somebody, where they have signed in as well."""

    async def arrive(owner: Person, **options: Any) -> Person:
        account = await owner.account.on_another_device()
        return await visitor(f"{owner.name}'s other device", account=account, **options)

    return arrive
