"""The database: two engines, one that reads and one that writes.

Reads run statement by statement, outside a transaction. Writes run in one transaction each. Never
open a transaction inside another one.

Whatever cannot be done because the database is away or cannot keep up raises Unavailable, and
never later than after some seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.pool import QueuePool

from tripchat.db import outage
from tripchat.db.engines import Engines
from tripchat.db.postgresql import PostgreSQL
from tripchat.db.sqlite import SQLite

CONNECTIONS = 12
PING_SECONDS = 1.5
PING_ANEW_SECONDS = 3.0

T = TypeVar("T")

_engines: Engines | None = None


async def open_database(url: str, connections: int = CONNECTIONS) -> None:
    """Open the database at this SQLAlchemy URL; an open one is closed first.

    `connections` is the most that there may be to PostgreSQL.
    """
    global _engines
    await close_database()
    _engines = SQLite(url) if _is_file(url) else PostgreSQL(url, connections)


async def close_database() -> None:
    """Close all connections; does nothing when none are open."""
    global _engines
    await _outage.stop()
    if _engines is not None:
        engines, _engines = _engines, None
        await engines.close()


def engines() -> Engines:
    """The open engines; raises RuntimeError when the database is not open."""
    if _engines is None:
        raise RuntimeError("the database is not open: await open_database(url) first")
    return _engines


def writers() -> int:
    """How many transactions of one sort are worth running at once."""
    return engines().writers


@asynccontextmanager
async def _answered() -> AsyncIterator[None]:
    """Work with the database: what it cannot do now becomes Unavailable, within some seconds."""
    async with _noticed(), engines().deadline():
        yield


@asynccontextmanager
async def _noticed() -> AsyncIterator[None]:
    """Whatever the database cannot do now becomes Unavailable."""
    if _outage.is_on:
        raise outage.unavailable()
    try:
        yield
    except Exception as error:
        if outage.is_gone(error):
            if isinstance(error, TimeoutError):
                # Whatever else waits on such a line waits in vain, and so would the next.
                engines().cut()
            _outage.begin(error)
            raise outage.unavailable() from error
        if outage.is_busy(error):
            if _outage.is_on:  # whoever waited for a connection when it began
                raise outage.unavailable() from error
            _outage.note_busy(error)
            raise outage.busy() from error
        raise


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """A session in one writing transaction: committed at the end, rolled back on an exception."""
    async with (
        _answered(),
        engines().turn(),
        AsyncSession(engines().writing, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


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
        return await engines().write(work)


@asynccontextmanager
async def read_connection() -> AsyncIterator[AsyncConnection]:
    """Like `reading`, without a session's bookkeeping."""
    async with _answered(), engines().reading.connect() as connection:
        yield connection


async def read(work: Callable[[Connection], T]) -> T:
    """What `work`, plain synchronous SQLAlchemy, returns from reading."""
    async with read_connection() as connection:
        return await connection.run_sync(work)


async def wipe_log() -> None:
    """Empty SQLite's write-ahead log, where what was deleted would lie until it is overwritten.

    Somebody else's long read may prevent that; then the next call does it, or the last one to close
    the database.
    """
    await engines().wipe_log()


async def settled() -> None:
    """Wait until all writes that have begun are over, in whatever process they run.

    Each has a few seconds, so this has as well.
    """
    async with _noticed():
        await engines().settled()


async def wipe(*tables: str) -> None:
    """Leave nothing of what was deleted from these tables in the database's files.

    What disturbs others is not done: of a large table of PostgreSQL's, what was deleted is
    overwritten as people go on writing.
    """
    async with _noticed():
        await engines().wipe(tables)


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
    async with asyncio.timeout(PING_ANEW_SECONDS), engines().reading.connect() as connection:
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
    file = make_url(url).database
    if _is_file(url) and file not in (None, "", ":memory:"):
        Path(str(file)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_file(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"
