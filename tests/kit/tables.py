"""A database's tables, looked at and filled past the services."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tripchat.settings import Settings

T = TypeVar("T")
Row = dict[str, Any]


def directly(settings: Settings, work: Callable[[sa.Connection], T]) -> T:
    """What `work` returns, done in one transaction; call it where no event loop runs."""

    async def run() -> T:
        engine = create_async_engine(settings.database, poolclass=NullPool)
        async with engine.begin() as connection:
            done = await connection.run_sync(work)
        await engine.dispose()
        return done

    return asyncio.run(run())


def insert(connection: sa.Connection, table: str, rows: Sequence[Row]) -> None:
    """Put rows into a table as it is now, which the models may not know."""
    if rows:
        columns = sa.Table(table, sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(columns), rows)


def rows(connection: sa.Connection, table: str, order: str) -> tuple[list[Any], list[Any]]:
    """A table's columns, and all its rows."""
    found = sa.Table(table, sa.MetaData(), autoload_with=connection)
    columns = [(column.name, str(column.type), column.nullable) for column in found.columns]
    everything = connection.execute(sa.select(found).order_by(found.c[order])).all()
    return sorted(columns), [sorted(row._mapping.items(), key=str) for row in everything]


def names(connection: sa.Connection) -> set[str]:
    """The tables there are, other than the migrations' own."""
    return {*sa.inspect(connection).get_table_names()} - {"alembic_version"}
