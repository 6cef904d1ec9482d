"""SQLite: one writer at a time, and as many readers as one likes.

Its writing engine has a single connection: writers wait their turn in order instead of polling the
file's lock.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from tripchat.db import outage
from tripchat.db.engines import OPTIONS, READS, REWRITTEN_BYTES

READERS = 8
BUSY_TIMEOUT = 5000  # ms that it waits for another process's write
WIPE_TIMEOUT = 200  # ms that all writers of this process may wait for somebody else's long read

T = TypeVar("T")


class SQLite:
    """An open file."""

    writers = 1

    def __init__(self, url: str) -> None:
        """`url` is its SQLAlchemy URL."""
        self.reading = create_async_engine(url, pool_size=READERS, **READS, **OPTIONS)
        self.writing = create_async_engine(url, pool_size=1, **OPTIONS)
        # A second way to write, with a connection and a thread of its own: whoever has the turn
        # writes.
        plain = make_url(url).set(drivername="sqlite")
        self.direct = create_engine(plain, pool_size=1, **OPTIONS)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._turn = asyncio.Lock()
        event.listen(self.reading.sync_engine, "connect", _open_reader)
        for engine in (self.writing.sync_engine, self.direct):
            event.listen(engine, "connect", _open_writer)
            event.listen(engine, "begin", _begin)

    def turn(self) -> AbstractAsyncContextManager[object]:
        """The one turn to write."""
        return self._turn

    def deadline(self) -> AbstractAsyncContextManager[object]:
        """None: it has its own, and is never further away than its file."""
        return nullcontext()

    def cut(self) -> None:
        """Nothing: there are no lines."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, in one writing transaction, in the writer's thread."""
        return await self._in_thread(lambda: self._in_transaction(work))

    async def settled(self) -> None:
        """Wait until all writes that have begun are over: there is one at a time."""
        await self.write(lambda connection: None)

    async def wipe_log(self) -> None:
        """Empty the write-ahead log, unless somebody else's long read prevents it."""
        await self._in_thread(self._wipe_log)

    async def wipe(self, tables: Sequence[str]) -> None:
        """Write the file anew if it is not large, and empty the log.

        What is deleted is overwritten at once; but of what was moved before, when its page was
        full, a copy may lie in the room that was left.
        """
        await self._in_thread(self._rewrite)
        await self.wipe_log()

    async def close(self) -> None:
        """Close all connections."""
        await self.reading.dispose()
        await self.writing.dispose()
        self._thread.submit(self.direct.dispose)
        self._thread.shutdown()

    async def _in_thread(self, function: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        with self.direct.begin() as connection:
            return work(connection)

    def _rewrite(self) -> None:
        connection = self.direct.raw_connection()
        try:
            cursor = connection.cursor()
            [[pages]] = cursor.execute("PRAGMA page_count")
            [[page_bytes]] = cursor.execute("PRAGMA page_size")
            if pages * page_bytes <= REWRITTEN_BYTES:
                cursor.execute("VACUUM")
            cursor.close()
        finally:
            connection.close()

    def _wipe_log(self) -> None:
        connection = self.direct.raw_connection()
        try:
            _pragmas(
                connection,
                f"busy_timeout={WIPE_TIMEOUT}",
                "wal_checkpoint(TRUNCATE)",
                f"busy_timeout={BUSY_TIMEOUT}",
            )
        finally:
            connection.close()


def _open_reader(connection: Any, _record: object) -> None:
    _pragmas(connection, f"busy_timeout={BUSY_TIMEOUT}", "query_only=ON")


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
