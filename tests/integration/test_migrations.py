from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

from tripchat import migrations
from tripchat.errors import CannotStart
from tripchat.settings import Settings


def tables(settings: Settings) -> set[str]:
    engine = create_engine(f"sqlite:///{settings.data}/tripchat.db")
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names - {"alembic_version"}


def test_the_migrations_make_what_the_models_say(settings: Settings):
    engine = create_engine(f"sqlite:///{settings.data}/tripchat.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    engine.dispose()


def test_a_first_start_makes_folder_and_tables_and_a_second_changes_nothing(tmp_path: Path):
    settings = Settings(data=tmp_path / "new" / "data")
    migrations.upgrade(settings)
    migrations.upgrade(settings)
    assert tables(settings) == set(SQLModel.metadata.tables)


def test_down_and_up_again(settings: Settings):
    command.downgrade(migrations.config(settings), "base")
    assert tables(settings) == set()
    migrations.upgrade(settings)
    assert tables(settings) == set(SQLModel.metadata.tables)


def test_a_file_that_is_no_database_is_a_clear_line(tmp_path: Path):
    (tmp_path / "tripchat.db").write_bytes(b"these are my holiday pictures" * 100)
    with pytest.raises(CannotStart, match="cannot be brought up to date") as raised:
        migrations.upgrade(Settings(data=tmp_path))
    assert "\n" not in str(raised.value)
