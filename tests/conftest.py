"""What every level of tests starts from: settings of its own, or a browser."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from playwright.async_api import Browser, async_playwright, expect

from tests import chromium
from tests.kit.backing import a_database, a_postgres
from tripchat import hub, migrations
from tripchat.hub import Change
from tripchat.local.postgres import LocalPostgres
from tripchat.settings import Settings, get_settings

HERE = Path(__file__).parent
IN_A_BROWSER = {HERE / "e2e", HERE / "faults", HERE / "security" / "browser"}

PATIENCE_MS = 15_000
"""How long anything in a page is waited for. A busy machine is slow; that is no finding."""

# A busy machine is slow; that is no finding.
hypothesis.register_profile("tripchat", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("tripchat")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what the tests run against."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="integration tests: what stores",
    )
    parser.addoption(
        "--cluster",
        action="store_true",
        help="end-to-end tests: two workers on PostgreSQL and Redis, people on both of them",
    )
    parser.addoption(
        "--inputs",
        type=int,
        default=2000,
        help="security tests: how many inputs each part of the fuzzing makes",
    )
    parser.addoption(
        "--distant",
        action="store_true",
        help="end-to-end tests: what goes to and fro takes each person a time of their own",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marks that tests may bear."""
    config.addinivalue_line("markers", "only(database): a test about this database alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another database, and keep the browser in its one event loop."""
    in_cluster = config.getoption("--cluster")
    database = "postgresql" if in_cluster else str(config.getoption("--database"))
    others = [item for item in items if _is_about_another(item, database)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    for item in items:
        if IN_A_BROWSER & {*item.path.parents} and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def _is_about_another(item: pytest.Item, database: str) -> bool:
    only = item.get_closest_marker("only")
    return only is not None and only.args[0] != database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The one Chromium; contexts in it know nothing of each other."""
    executable = chromium.find()
    if executable is None:
        pytest.fail("no Chromium found: `python -m tests.chromium` installs one")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=chromium.ARGUMENTS
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied."""
    settings = Settings(data=tmp_path_factory.mktemp("migrated"), database_url=None)
    migrations.upgrade(settings)
    return settings.data / "tripchat.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """The one PostgreSQL of these tests."""
    with a_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_template(postgres: LocalPostgres) -> str:
    """An empty PostgreSQL database with all tables, to be copied."""
    postgres.create("migrated")
    migrations.upgrade(Settings(database_url=postgres.url_of("migrated")))
    return "migrated"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where this test's own empty database is; nothing for the SQLite file in its folder."""
    if request.config.getoption("--database") == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_database"), tmp_path / "tripchat.db")
        yield ""
        return
    template = request.getfixturevalue("migrated_template")
    with a_database(request.getfixturevalue("postgres"), template) as url:
        yield url


@pytest.fixture
def settings(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The settings of this test alone, with an empty database and no key yet."""
    monkeypatch.setenv("TRIPCHAT_DATA", str(tmp_path))
    monkeypatch.setenv("TRIPCHAT_DATABASE_URL", database_url)
    for name in ("SECRET_KEY", "OLD_SECRET_KEYS", "EXTENSIONS", "FILES_URL"):
        monkeypatch.delenv(f"TRIPCHAT_{name}", raising=False)
    get_settings.cache_clear()
    yield get_settings()
    get_settings.cache_clear()


@pytest.fixture
def heard() -> Iterator[list[Change]]:
    """What the hub has published since the test began."""
    changes: list[Change] = []
    stop = hub.subscribe(changes.append)
    yield changes
    stop()
