"""The database: two engines, one that reads and one that writes.

Reads run statement by statement, outside a transaction. Writes run in one transaction each.
SQLite takes one writer at a time, so its writing engine has a single connection: writers wait their
turn in order instead of polling the file's lock. Never open a transaction inside another one.

Whatever cannot be done because the database is away or cannot keep up raises Unavailable, and
never later than after some seconds.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.pool import QueuePool

from tripchat import outage

READERS = 8
CONNECTIONS = 12
BUSY_TIMEOUT = 5000  # ms that SQLite waits for another process's write
WIPE_TIMEOUT = 200  # ms that all writers of this process may wait for somebody else's long read

# PostgreSQL gives up first, and says why; whoever asks gives up when it says nothing at all.
CONNECT_SECONDS = 3.0
POOL_SECONDS = 3.0
ANSWER_SECONDS = 6.0
PING_SECONDS = 1.5
APPLICATION = "tripchat"
_ON_SERVER = {
    "application_name": APPLICATION,
    "statement_timeout": "5s",
    "lock_timeout": "3s",
    # A worker that hangs in the middle of a transaction would keep a trip locked.
    "idle_in_transaction_session_timeout": "5s",
    # Compiling a statement takes longer than any of ours runs.
    "jit": "off",
}

ATTEMPTS = 3
"""How often a write is tried that clashes with others."""


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

_lines: "WeakSet[Any]" = WeakSet()
"""The driver's connections to PostgreSQL."""


async def open_database(url: str, connections: int = CONNECTIONS) -> None:
    """Open the database at this SQLAlchemy URL; an open one is closed first.

    `connections` is the most that there may be to PostgreSQL.
    """
    global _engines
    await close_database()
    options: dict[str, Any] = {
        # A failed statement's parameters would end up in the log.
        "hide_parameters": True,
        # Every block below ends its transaction itself.
        "pool_reset_on_return": None,
        "max_overflow": 0,
    }
    sqlite = make_url(url).get_backend_name() == "sqlite"
    if not sqlite:
        options |= {
            "pool_timeout": POOL_SECONDS,
            "connect_args": {"timeout": CONNECT_SECONDS, "server_settings": _ON_SERVER},
        }
    writers = connections // 2
    reading = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_size=READERS if sqlite else connections - writers,
        **options,
    )
    writing = create_async_engine(url, pool_size=1 if sqlite else writers, **options)
    writer = _Writer(url) if sqlite else None
    if writer is not None:
        _tune_sqlite(reading.sync_engine, writing.sync_engine, writer.engine)
    else:
        _tune_postgresql(reading.sync_engine, writing.sync_engine)
    _engines = _Engines(reading, writing, writer)


async def close_database() -> None:
    """Close all connections; does nothing when none are open."""
    global _engines
    await _outage.stop()
    if _engines is not None:
        engines, _engines = _engines, None
        if engines.writer is None:
            # One that hangs would be waited for.
            await _dispose_within(CONNECT_SECONDS, engines.reading, engines.writing)
            return
        await engines.reading.dispose()
        await engines.writing.dispose()
        engines.writer.close()


async def _dispose_within(seconds: float, *engines: AsyncEngine) -> None:
    with contextlib.suppress(OSError):
        async with asyncio.timeout(seconds):
            for engine in engines:
                await engine.dispose()
    _cut()


def engines() -> _Engines:
    """The open engines; raises RuntimeError when the database is not open."""
    if _engines is None:
        raise RuntimeError("the database is not open: await open_database(url) first")
    return _engines


def writers() -> int:
    """How many transactions of one sort are worth running at once."""
    return 1 if engines().writer is not None else 4


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Work with the database: what it cannot do now becomes Unavailable, within some seconds."""
    if _outage.is_on:
        raise outage.unavailable()
    deadline = nullcontext() if engines().writer else asyncio.timeout(ANSWER_SECONDS)
    try:
        async with deadline:
            yield
    except Exception as error:
        if outage.is_gone(error):
            if isinstance(error, TimeoutError):
                # Whatever else waits on such a line waits in vain, and so would the next.
                _cut()
            _outage.begin(error)
            raise outage.unavailable() from error
        if outage.is_busy(error):
            if _outage.is_on:  # whoever waited for a connection when it began
                raise outage.unavailable() from error
            _outage.note_busy(error)
            raise outage.busy() from error
        raise


def _cut() -> None:
    """End all lines to PostgreSQL at once."""
    for line in [*_lines]:
        line.terminate()
    _lines.clear()


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """A session in one writing transaction: committed at the end, rolled back on an exception."""
    async with (
        _answered(),
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
    async with _answered(), AsyncSession(engines().reading, expire_on_commit=False) as session:
        yield session


async def write(work: Callable[[Connection], T]) -> T:
    """What `work` returns, done in one writing transaction: for the path every message takes.

    `work` is plain synchronous SQLAlchemy and must not touch the event loop: with SQLite it runs in
    the writer's thread. It is done anew when its transaction clashes with another one.
    """
    async with _answered():
        writer = engines().writer
        if writer is not None:
            return await writer.write(work)
        for _ in range(ATTEMPTS - 1):
            try:
                return await _write(work)
            except Exception as error:
                if not outage.is_clash(error):
                    raise
        return await _write(work)


async def _write(work: Callable[[Connection], T]) -> T:
    async with engines().writing.begin() as connection:
        return await connection.run_sync(work)


@asynccontextmanager
async def read_connection() -> AsyncIterator[AsyncConnection]:
    """Like `reading`, without a session's bookkeeping."""
    async with _answered(), engines().reading.connect() as connection:
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


_pinging: asyncio.Task[None] | None = None


async def ping() -> None:
    """Ask the database for an answer; raises Unavailable when there is none within 1.5 seconds."""
    global _pinging
    if _outage.is_on:
        raise outage.unavailable()
    if _pinging is None or _pinging.done():
        # One for all who ask: a database that hangs is not asked again and again.
        _pinging = asyncio.create_task(_ask())
        _pinging.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait({_pinging}, timeout=PING_SECONDS)
    if not _pinging.done():
        raise outage.unavailable()
    _pinging.result()


async def _ask() -> None:
    async with read_connection() as connection:
        await connection.execute(_PING)


async def _ask_anew() -> None:
    """What tells that an outage is over."""
    async with asyncio.timeout(CONNECT_SECONDS), engines().reading.connect() as connection:
        await connection.execute(_PING)


_PING = text("SELECT 1")

_outage = outage.Outage(_ask_anew)


def is_away() -> bool:
    """Whether the database did not answer last."""
    return _outage.is_on


def on_back(listener: Callable[[], None]) -> Callable[[], None]:
    """Call a function whenever the database answers again; gives what ends that.

    What was being written when it went away may be stored or not: nobody was told.
    """
    return _outage.on_over(listener)


def connections_in_use() -> dict[str, int]:
    """How many connections of each pool are in use now; none while the database is not open."""
    if _engines is None:
        return {}
    pools = {"reading": _engines.reading.pool, "writing": _engines.writing.pool}
    return {name: pool.checkedout() for name, pool in pools.items() if isinstance(pool, QueuePool)}


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


def _tune_postgresql(*engines: Engine) -> None:
    for engine in engines:
        event.listen(engine, "connect", _note_line)
        event.listen(engine, "checkout", _refuse_dead)


def _note_line(connection: Any, _record: object) -> None:
    _lines.add(connection.driver_connection)


def _refuse_dead(connection: Any, _record: object, _proxy: object) -> None:
    # A server that ends says so on each line: that is known without asking.
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _open_writer(connection: Any, _record: object) -> None:
    # The driver would begin on its own, and late; `_begin` does it, at the right moment.
    connection.isolation_level = None
    _write_ahead(connection)
    _pragmas(
        connection,
        f"busy_timeout={BUSY_TIMEOUT}",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        # What was deleted is overwritten, not only forgotten.
        "secure_delete=ON",
    )


def _write_ahead(connection: Any) -> None:
    """Have a write-ahead log. Who else asks for one at the same time is refused without a wait."""
    until = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            _pragmas(connection, "journal_mode=WAL")
            return
        except Exception as error:
            if not outage.is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock now: what the transaction reads first cannot go stale.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
