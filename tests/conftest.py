"""What every level of tests starts from: settings of its own, in a folder of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from tripchat import hub, migrations
from tripchat.hub import Change
from tripchat.settings import Settings, get_settings

# A busy machine is slow; that is no finding.
hypothesis.register_profile("tripchat", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("tripchat")


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
