"""PostgreSQL: many writers, over lines that may break or hang.

It gives up first, and says why; whoever asks gives up when it says nothing at all.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from tripchat.db import outage
from tripchat.db.engines import OPTIONS, READS, REWRITTEN_BYTES

CONNECT_SECONDS = 3.0
POOL_SECONDS = 3.0
ANSWER_SECONDS = 6.0
APPLICATION = "tripchat"
ON_SERVER = {
    "application_name": APPLICATION,
    "statement_timeout": "5s",
    "lock_timeout": "3s",
    # A worker that hangs in the middle of a transaction would keep a trip locked.
    "idle_in_transaction_session_timeout": "5s",
    # Compiling a statement takes longer than any of ours runs.
    "jit": "off",
}
"""The settings of each line."""

ASIDE = {"statement_timeout": "0", "lock_timeout": "1s"}
"""What is different for lines on which something may take long: they do not wait in front of
others."""

SETTLING_SECONDS = 0.05

ATTEMPTS = 3
"""How often a write is tried that clashes with others."""

_NOW = text("SELECT clock_timestamp()")

_WRITING = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = :name AND pid <> pg_backend_pid() AND xact_start < :began"
).bindparams(name=APPLICATION)

_SIZE = text("SELECT pg_total_relation_size(CAST(:table AS regclass))")

T = TypeVar("T")


class PostgreSQL:
    """An open database."""

    writers = 4

    def __init__(self, url: str, connections: int) -> None:
        """`url` is its SQLAlchemy URL; there are never more than so many connections."""
        self._lines: WeakSet[Any] = WeakSet()
        """The driver's connections."""
        options = OPTIONS | {
            "pool_timeout": POOL_SECONDS,
            "connect_args": {"timeout": CONNECT_SECONDS, "server_settings": ON_SERVER},
        }
        writers = connections // 2
        readers = connections - writers
        self.reading = create_async_engine(url, pool_size=readers, **READS, **options)
        self.writing = create_async_engine(url, pool_size=writers, **options)
        for engine in (self.reading.sync_engine, self.writing.sync_engine):
            event.listen(engine, "connect", self._note_line)
            event.listen(engine, "checkout", _refuse_dead)

    def turn(self) -> AbstractAsyncContextManager[object]:
        """Nothing: others may write as well."""
        return nullcontext()

    def deadline(self) -> AbstractAsyncContextManager[object]:
        """For a server that says nothing at all."""
        return asyncio.timeout(ANSWER_SECONDS)

    def cut(self) -> None:
        """End all lines at once."""
        for line in [*self._lines]:
            line.terminate()
        self._lines.clear()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, in one writing transaction: another one if that clashes."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._write(work)
            except Exception as error:
                if not outage.is_clash(error):
                    raise
        return await self._write(work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        async with self.writing.begin() as connection:
            return await connection.run_sync(work)

    async def settled(self) -> None:
        """Wait until all writes that have begun are over; each has some seconds at most."""
        async with self._aside() as connection:
            began = (await connection.execute(_NOW)).scalar_one()
            while True:
                if (await connection.execute(_WRITING, {"began": began})).first() is None:
                    return
                await asyncio.sleep(SETTLING_SECONDS)

    async def wipe_log(self) -> None:
        """Nothing: its log is its own affair."""

    async def wipe(self, tables: Sequence[str]) -> None:
        """Have these tables vacuumed; small ones are written anew, for which all others wait."""
        async with self._aside() as connection:
            for table in tables:
                name = self.writing.dialect.identifier_preparer.quote(table)
                size = (await connection.execute(_SIZE, {"table": name})).scalar_one()
                if size > REWRITTEN_BYTES or not await _rewritten(connection, name):
                    await connection.execute(text(f"VACUUM {name}"))

    @contextlib.asynccontextmanager
    async def _aside(self) -> AsyncIterator[AsyncConnection]:
        """A line for what takes long, and holds nobody up."""
        patient = {"server_settings": ON_SERVER | ASIDE, "timeout": CONNECT_SECONDS}
        engine = create_async_engine(
            self.writing.url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=patient
        )
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()

    async def close(self) -> None:
        """Close all connections; one that hangs is not waited for."""
        with contextlib.suppress(OSError):
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.reading.dispose()
                await self.writing.dispose()
        self.cut()

    def _note_line(self, connection: Any, _record: object) -> None:
        self._lines.add(connection.driver_connection)


async def _rewritten(connection: AsyncConnection, name: str) -> bool:
    """Write a table anew; False when somebody has been using it for long."""
    try:
        await connection.execute(text(f"VACUUM (FULL) {name}"))
    except DBAPIError as error:
        if outage.is_held(error):
            return False
        raise
    return True


def _refuse_dead(connection: Any, _record: object, _proxy: object) -> None:
    # A server that ends says so on each line: that is known without asking.
    if connection.driver_connection.is_closed():
        raise DisconnectionError
