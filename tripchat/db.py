"""The database: two engines, one that reads and one that writes.

Reads run statement by statement, outside a transaction. Writes run in one transaction each.
SQLite takes one writer at a time, so its writing engine has a single connection: writers wait their
turn in order instead of polling the file's lock. Never open a transaction inside another one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)

READERS = 8
BUSY_TIMEOUT = 5000  # ms that SQLite waits for another process's write
WIPE_TIMEOUT = 200  # ms that all writers of this process may wait for somebody else's long read


T = TypeVar("T")


class _Writer:
    """SQLite's second way to write: a connection and a thread of its own."""

    def __init__(self, url: str) -> None:
        # Two ways to the one writer: whoever has the turn writes.
        self.turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self.engine = create_engine(
            make_url(url).set(drivername="sqlite"),
            hide_parameters=True,
            pool_reset_on_return=None,
            pool_size=1,
            max_overflow=0,
        )

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self.turn:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._in_transaction, work
            )

    async def wipe_log(self) -> None:
        async with self.turn:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._wipe_log)

    def _wipe_log(self) -> None:
        connection = self.engine.raw_connection()
        try:
            _pragmas(
                connection,
                f"busy_timeout={WIPE_TIMEOUT}",
                "wal_checkpoint(TRUNCATE)",
                f"busy_timeout={BUSY_TIMEOUT}",
            )
        finally:
            connection.close()

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        self._thread.submit(self.engine.dispose)
        self._thread.shutdown()


@dataclass(frozen=True)
class _Engines:
    reading: AsyncEngine
    writing: AsyncEngine
    writer: _Writer | None
    """Only with SQLite."""


_engines: _Engines | None = None


async def open_database(url: str) -> None:
    """Open the database at this SQLAlchemy URL; an open one is closed first."""
    global _engines
    await close_database()
    options: dict[str, Any] = {
        # A failed statement's parameters would end up in the log.
        "hide_parameters": True,
        # Every block below ends its transaction itself.
        "pool_reset_on_return": None,
    }
    sqlite = make_url(url).get_backend_name() == "sqlite"
    reading = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=not sqlite,
        **options,
    )
    writing = create_async_engine(
        url,
        pool_size=1 if sqlite else READERS,
        max_overflow=0,
        pool_pre_ping=not sqlite,
        **options,
    )
    writer = _Writer(url) if sqlite else None
    if writer is not None:
        _tune_sqlite(reading.sync_engine, writing.sync_engine, writer.engine)
    _engines = _Engines(reading, writing, writer)


async def close_database() -> None:
    """Close all connections; does nothing when none are open."""
    global _engines
    if _engines is not None:
        engines, _engines = _engines, None
        await engines.reading.dispose()
        await engines.writing.dispose()
        if engines.writer is not None:
            engines.writer.close()


def engines() -> _Engines:
    """The open engines; raises RuntimeError when the database is not open."""
    if _engines is None:
        raise RuntimeError("the database is not open: await open_database(url) first")
    return _engines


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """A session in one writing transaction: committed at the end, rolled back on an exception."""
    async with (
        _turn(),
        AsyncSession(engines().writing, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def _turn() -> Any:
    """SQLite's one turn to write; nothing to wait for elsewhere."""
    writer = engines().writer
    return nullcontext() if writer is None else writer.turn


@asynccontextmanager
async def reading() -> AsyncIterator[AsyncSession]:
    """A session that only reads; each statement sees what is committed at its own moment."""
    async with AsyncSession(engines().reading, expire_on_commit=False) as session:
        yield session


async def write(work: Callable[[Connection], T]) -> T:
    """What `work` returns, done in one writing transaction: for the path every message takes.

    `work` is plain synchronous SQLAlchemy and must not touch the event loop: with SQLite it runs in
    the writer's thread.
    """
    writer = engines().writer
    if writer is not None:
        return await writer.write(work)
    async with engines().writing.begin() as connection:
        return await connection.run_sync(work)


@asynccontextmanager
async def read_connection() -> AsyncIterator[AsyncConnection]:
    """Like `reading`, without a session's bookkeeping."""
    async with engines().reading.connect() as connection:
        yield connection


async def wipe_log() -> None:
    """Empty SQLite's write-ahead log, where what was deleted would lie until it is overwritten.

    Somebody else's long read may prevent that; then the next call does it, or the last one to close
    the database.
    """
    writer = engines().writer
    if writer is not None:
        await writer.wipe_log()


async def read(work: Callable[[Connection], T]) -> T:
    """What `work`, plain synchronous SQLAlchemy, returns from reading."""
    async with read_connection() as connection:
        return await connection.run_sync(work)


async def ping() -> None:
    """Ask the database for an answer; raises what its driver raises when there is none."""
    async with read_connection() as connection:
        await connection.execute(text("SELECT 1"))


def prepare_folder(url: str) -> None:
    """Make the folder of an SQLite file, readable to its owner alone."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        Path(str(parsed.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _tune_sqlite(reading: Engine, *writing: Engine) -> None:
    @event.listens_for(reading, "connect")
    def _reader(connection: Any, _record: object) -> None:
        _pragmas(connection, f"busy_timeout={BUSY_TIMEOUT}", "query_only=ON")

    for engine in writing:
        event.listen(engine, "connect", _open_writer)
        event.listen(engine, "begin", _begin)


def _open_writer(connection: Any, _record: object) -> None:
    # The driver would begin on its own, and late; `_begin` does it, at the right moment.
    connection.isolation_level = None
    _pragmas(
        connection,
        f"busy_timeout={BUSY_TIMEOUT}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        # What was deleted is overwritten, not only forgotten.
        "secure_delete=ON",
    )


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock now: what the transaction reads first cannot go stale.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
