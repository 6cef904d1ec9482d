"""What the two databases have to offer each in its own way."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


class Engines(Protocol):
    """An open database."""

    reading: AsyncEngine
    """Its statements run one by one, outside a transaction."""
    writing: AsyncEngine
    writers: int
    """How many transactions of one sort are worth running at once."""

    def turn(self) -> AbstractAsyncContextManager[object]:
        """What one has to hold while writing."""
        ...

    def deadline(self) -> AbstractAsyncContextManager[object]:
        """Raises TimeoutError in whoever works with the database for too long."""
        ...

    def cut(self) -> None:
        """End all lines to a database that does not answer: who waits on one waits in vain."""
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, in one writing transaction."""
        ...

    async def settled(self) -> None:
        """Wait until all writes that have begun are over, in whatever process they run."""
        ...

    async def wipe_log(self) -> None:
        """Empty the log where what was deleted would lie until it is overwritten."""
        ...

    async def wipe(self, tables: Sequence[str]) -> None:
        """Leave nothing of what was deleted from these tables, as far as that disturbs nobody."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


OPTIONS = {
    # A failed statement's parameters would end up in the log.
    "hide_parameters": True,
    # Every block of ours ends its transaction itself.
    "pool_reset_on_return": None,
    "max_overflow": 0,
}
"""Of every engine."""

READS = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
"""Of those that only read."""

REWRITTEN_BYTES = 64 * 1024 * 1024
"""So large may be what is written anew to forget what was deleted: that takes about a second, and
in larger ones the room is used again as people go on writing."""
