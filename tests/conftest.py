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
from tripchat import hub, migrations
from tripchat.hub import Change
from tripchat.settings import Settings, get_settings

HERE = Path(__file__).parent
IN_A_BROWSER = {HERE / "e2e", HERE / "faults"}

PATIENCE_MS = 15_000
"""How long anything in a page is waited for. A busy machine is slow; that is no finding."""

# A busy machine is slow; that is no finding.
hypothesis.register_profile("tripchat", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("tripchat")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives in one event loop; so do all tests that use it."""
    for item in items:
        if IN_A_BROWSER & {*item.path.parents} and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


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


@pytest.fixture
def settings(
    tmp_path: Path, migrated_database: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The settings of this test alone, with an empty database and no key yet."""
    monkeypatch.setenv("TRIPCHAT_DATA", str(tmp_path))
    for name in ("DATABASE_URL", "SECRET_KEY", "EXTENSIONS"):
        monkeypatch.delenv(f"TRIPCHAT_{name}", raising=False)
    shutil.copy(migrated_database, tmp_path / "tripchat.db")
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
