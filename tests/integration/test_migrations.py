import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from tests.kit import tables
from tests.kit.backing import a_database
from tripchat import migrations
from tripchat.errors import CannotStart
from tripchat.settings import Settings

WORKERS = 5
START = """
import asyncio, sys
from tripchat import migrations, storage
from tripchat.errors import CannotStart
from tripchat.settings import get_settings

async def main():
    await storage.open_storage(get_settings())
    await storage.close_storage()

try:
    migrations.upgrade(get_settings())
    asyncio.run(main())
except CannotStart as problem:
    sys.exit(str(problem))
"""


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a database without tables."""
    data = tmp_path / "empty"
    if request.config.getoption("--database") == "sqlite":
        yield Settings(data=data, database_url=None)
        return
    with a_database(request.getfixturevalue("postgres")) as url:
        yield Settings(data=data, database_url=url)


def tables_of(settings: Settings) -> set[str]:
    return tables.directly(settings, tables.names)


def test_the_migrations_make_what_the_models_say(settings: Settings):
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)

    assert tables.directly(settings, differences) == []


def test_a_first_start_makes_the_tables_and_a_second_changes_nothing(empty: Settings):
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    assert tables_of(empty) == set(SQLModel.metadata.tables)


def test_down_and_up_again(settings: Settings):
    command.downgrade(migrations.config(settings), "base")
    assert tables_of(settings) == set()
    migrations.upgrade(settings)
    assert tables_of(settings) == set(SQLModel.metadata.tables)


def started(settings: Settings, *folders: Path) -> list[str]:
    """What processes say that start at once, each with a data folder; nothing when all is well."""
    environment = {"PATH": "", "TRIPCHAT_DATABASE_URL": settings.database.replace("+asyncpg", "")}
    if "aiosqlite" in settings.database:
        environment["TRIPCHAT_DATABASE_URL"] = settings.database.replace("+aiosqlite", "")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", START],
            cwd=migrations.ROOT,
            env=environment | {"TRIPCHAT_DATA": str(folder)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    return [process.communicate(timeout=60)[1].strip() for process in processes]


def test_workers_that_start_at_once_migrate_once_and_agree_on_a_key(empty: Settings):
    assert started(empty, *[empty.data] * WORKERS) == [""] * WORKERS
    assert tables_of(empty) == set(SQLModel.metadata.tables)
    key = empty.key_file.read_bytes()
    assert started(empty, empty.data) == [""]
    assert empty.key_file.read_bytes() == key


def test_machines_that_start_at_once_with_keys_of_their_own_say_so(empty: Settings, tmp_path: Path):
    migrations.upgrade(empty)
    said = started(empty, *(tmp_path / f"machine{n}" for n in range(WORKERS)))
    assert said.count("") == 1
    for line in filter(None, said):
        assert (
            "does not open this database" in line or "the key of this database is missing" in line
        )
        assert "\n" not in line


@pytest.mark.only("sqlite")
def test_a_file_that_is_no_database_is_a_clear_line(tmp_path: Path):
    (tmp_path / "tripchat.db").write_bytes(b"these are my holiday pictures" * 100)
    with pytest.raises(CannotStart, match="cannot be brought up to date") as raised:
        migrations.upgrade(Settings(data=tmp_path))
    assert "\n" not in str(raised.value)


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("wrong", ["name", "password", "port"])
def test_a_database_that_lets_nobody_in_is_a_clear_line(empty: Settings, wrong: str):
    address, _, name = (empty.database_url or "").rpartition("/")
    others = {
        "name": f"{address}/{secrets.token_hex(4)}",
        "password": f"{address.replace('tripchat:', 'tripchat:x')}/{name}",
        "port": f"{address.rpartition(':')[0]}:1/{name}",
    }
    with pytest.raises(CannotStart, match="cannot be brought up to date") as raised:
        migrations.upgrade(Settings(database_url=others[wrong]))
    assert "\n" not in str(raised.value)
    assert "sqlalchemy" not in str(raised.value)
