"""What the database's errors mean, and whether it answers at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tripchat.errors import Unavailable

log = logging.getLogger(__name__)

TRY_EVERY_SECONDS = 0.5
BUSY_LINE_EVERY_SECONDS = 10.0

_GONE = ("08", "57P", "28", "3D")
"""SQLSTATEs: no connection, the server ends or starts, or it lets nobody in."""

_BUSY = ("53", "55P03", "57014", "58", "25006", "25P03", "40")
"""Out of something, a lock or statement that took too long, read only, transactions that clash."""

_CLASH = ("40001", "40P01")
"""Two transactions were in each other's way: done again, either goes through."""

_SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


def is_gone(error: BaseException) -> bool:
    """Whether the database could not be reached, or went away."""
    if isinstance(error, PoolTimeout):
        return False
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # An error with a file's name has nothing to do with a connection.
    unreachable = isinstance(error, OSError) and error.filename is None
    return unreachable or _state(error).startswith(_GONE)


def is_busy(error: BaseException) -> bool:
    """Whether the database is there and could not do this now."""
    original = getattr(error, "orig", error)
    name = getattr(original, "sqlite_errorname", "")
    return (
        isinstance(error, PoolTimeout)
        or _state(error).startswith(_BUSY)
        or name.startswith(_SQLITE_BUSY)
    )


def is_held(error: BaseException) -> bool:
    """Whether somebody else held a lock for longer than it was waited for."""
    return _state(error) == "55P03"


def is_clash(error: BaseException) -> bool:
    """Whether doing the whole transaction again is likely to help."""
    return _state(error) in _CLASH


def _state(error: BaseException) -> str:
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def unavailable() -> Unavailable:
    """The refusal while the database is away."""
    return Unavailable("TripChat cannot reach its database at the moment. Try again soon.")


def busy() -> Unavailable:
    """The refusal of a database that cannot keep up."""
    return Unavailable("TripChat is too busy to do this at the moment. Try again soon.")


class Outage:
    """Knows whether the database is away; meanwhile nobody waits for it, and one task looks."""

    def __init__(self, ping: Callable[[], Awaitable[None]]) -> None:
        """`ping` asks the database for an answer, past this."""
        self._ping = ping
        self._watch: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._busy_told_at = float("-inf")

    @property
    def is_on(self) -> bool:
        """Whether the database did not answer last."""
        return self._watch is not None and not self._watch.done()

    def on_over(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function whenever the database answers again; gives what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def begin(self, error: BaseException) -> None:
        """The database did not answer; look from now on until it does."""
        if not self.is_on:
            log.error("the database does not answer: %s", _line(error))
            self._watch = asyncio.create_task(self._wait())

    def note_busy(self, error: BaseException) -> None:
        """The database could not do something: one line for all in a while."""
        now = time.monotonic()
        if now - self._busy_told_at > BUSY_LINE_EVERY_SECONDS:
            self._busy_told_at = now
            log.warning("the database cannot keep up: %s", _line(error))

    async def _wait(self) -> None:
        began = time.monotonic()
        while True:
            try:
                await self._ping()
                break
            except Exception:
                await asyncio.sleep(TRY_EVERY_SECONDS)
        log.warning("the database answers again, after %.1f s", time.monotonic() - began)
        self._watch = None
        for listener in [*self._listeners]:
            listener()

    async def stop(self) -> None:
        """Look no more."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch


def _line(error: BaseException) -> str:
    """The driver's own words, in one line; parameters are hidden."""
    original = getattr(error, "orig", None) or error
    said = str(original).split("\n", 1)[0]
    return f"{type(original).__name__}: {said}" if said else type(original).__name__
