"""Writes that wait for each other are committed together, in order of arrival.

A transaction costs about the same for one message as for fifty. While one runs, writes gather; the
next takes them all. Each is refused alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from tripchat.errors import TooMany

log = logging.getLogger(__name__)

MOST_TOGETHER = 64
MOST_WAITING = 5_000

Item = TypeVar("Item")
Result = TypeVar("Result")

_all: list["GroupCommit"] = []


class GroupCommit(Generic[Item, Result]):
    """The one writer of one sort of thing in a process."""

    def __init__(
        self, things: str, write: Callable[[Sequence[Item]], Awaitable[list[Result | Exception]]]
    ) -> None:
        """`write` stores several in one transaction and says for each what became of it."""
        self._things = things
        self._write = write
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._writer: asyncio.Task[None] | None = None
        _all.append(self)

    async def commit(self, item: Item) -> Result:
        """Store an item.

        Raises what `write` says of it, TooMany when the database cannot keep up, and whatever the
        database raises.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise TooMany(f"Too many {self._things} are waiting to be stored.", retry_after=1)
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        return await answer

    async def drain(self) -> None:
        """Wait until nothing is on its way."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait({self._writer})

    async def _write_waiting(self) -> None:
        waiting = self._waiting
        try:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(len(waiting), MOST_TOGETHER))]
                outcomes = await self._outcomes([item for item, _ in batch])
                for (_, answer), outcome in zip(batch, outcomes, strict=True):
                    if answer.done():  # nobody waits for it any more; it is stored all the same
                        continue
                    if isinstance(outcome, Exception):
                        answer.set_exception(outcome)
                    else:
                        answer.set_result(outcome)
        except asyncio.CancelledError:
            # The process stops: nobody may be left waiting for a writer that is gone.
            while waiting:
                waiting.popleft()[1].cancel()
            raise

    async def _outcomes(self, items: Sequence[Item]) -> list[Result | Exception]:
        try:
            return await self._write(items)
        except DBAPIError as error:
            # The driver's own words: it has seen sealed bodies only.
            log.error("%d %s could not be stored: %s", len(items), self._things, error.orig)
            if len(items) == 1:
                return [error]
            # One of them may be at fault: each on its own, so that it takes nobody with it.
            return [outcome for item in items for outcome in await self._outcomes([item])]
        except Exception as error:
            log.error(
                "%d %s could not be stored: %s", len(items), self._things, type(error).__name__
            )
            return [error] * len(items)


async def drain() -> None:
    """Wait until nothing of any sort is on its way."""
    for each in _all:
        await each.drain()
