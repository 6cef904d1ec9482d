"""Runs the migrations on the settings' database, SQLite or PostgreSQL: all of them or none.

One process at a time: others that start wait, and find nothing left to do.
"""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import tripchat.models  # noqa: F401  # fills the metadata
from tripchat.settings import get_settings

LOCK = 0x7472697063686174
"""Whoever migrates a PostgreSQL database holds this advisory lock."""

PATIENCE_SECONDS = {
    "sqlite": {"timeout": 60},  # for the others that migrate
    "postgresql": {"timeout": 10},  # for a connection; for the others as long as it takes
}


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # SQLite has locked the whole file already.
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
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
    patience = PATIENCE_SECONDS[make_url(url).get_backend_name()]
    engine = create_async_engine(url, poolclass=NullPool, connect_args=patience)
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
