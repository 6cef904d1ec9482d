"""Runs the migrations on the settings' database, SQLite or PostgreSQL: all of them or none."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import tripchat.models  # noqa: F401  # fills the metadata
from tripchat.settings import get_settings


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transactional_ddl=True,
        # SQLite changes a table by copying it.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def online(url: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", prepare)
        event.listen(engine.sync_engine, "begin", begin)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def prepare(connection: Any, _record: object) -> None:
    # SQLite's driver would commit before every CREATE: a failure would leave half a migration.
    connection.isolation_level = None
    cursor = connection.cursor()
    # The old copy of a table that is changed holds messages that may be deleted one day.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


if context.is_offline_mode():
    raise SystemExit("TripChat's migrations need the database: run them without --sql")
asyncio.run(online(context.config.attributes.get("url") or get_settings().database))
