"""Writes that wait for each other are committed together, in order of arrival.

A transaction costs about the same for one message as for fifty. While one runs, writes gather; the
next takes them all. Each is refused alone.

Every write has a lane, the trip that it is about: one lane's writes are in one transaction at a
time, in their order. Where the database takes several writers, other lanes have others. Lanes that
another worker is writing to wait for it a moment, all together; one that stays locked waits alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import IntEnum
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from tripchat import db
from tripchat.errors import TooMany, Unavailable

log = logging.getLogger(__name__)

MOST_TOGETHER = 64
MOST_WAITING = 5_000
MOST_PATIENT = 2
"""Transactions that may wait for somebody else's lock, besides those that do not."""

Item = TypeVar("Item")
Result = TypeVar("Result")
_Entry = tuple[Item, asyncio.Future[Result]]


class Patience(IntEnum):
    """What a transaction does about what somebody else has locked, one attempt after the other."""

    BRIEF = 0
    """Wait a moment for all of it: another worker's transaction is soon over."""
    SKIP = 1
    """Leave it out: it keeps up the rest."""
    LONG = 2
    """Wait for it, with nothing else in the transaction."""


class Locked(Exception):
    """Somebody else is writing where this item belongs: it has to wait with more patience."""


class GroupCommit(Generic[Item, Result]):
    """The writers of one sort of thing in a process."""

    def __init__(
        self,
        things: str,
        write: Callable[[Sequence[Item], Patience], Awaitable[list[Result | Exception]]],
        lane: Callable[[Item], str],
    ) -> None:
        """`write` stores several in one transaction and says for each what became of it.

        Of what it has not waited for long enough it says `Locked`; with long patience it does not.
        """
        self._things = things
        self._write = write
        self._lane = lane
        self._lanes: dict[str, deque[_Entry[Item, Result]]] = {}
        """What waits; the lane that is to be served next comes first."""
        self._waiting = 0
        self._busy: set[str] = set()
        """The lanes in a transaction."""
        self._locked: dict[str, Patience] = {}
        """Those that have to wait for somebody else's lock, and how."""
        self._writers: set[asyncio.Task[None]] = set()
        self._patient = 0
        self._starting = False
        _all.append(self)

    async def commit(self, item: Item) -> Result:
        """Store an item.

        Raises what `write` says of it, TooMany when the database cannot keep up, and whatever the
        database raises.
        """
        if self._waiting >= MOST_WAITING:
            raise TooMany(f"Too many {self._things} are waiting to be stored.", retry_after=1)
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._lanes.setdefault(self._lane(item), deque()).append((item, answer))
        self._waiting += 1
        self._start_soon()
        return await answer

    async def drain(self) -> None:
        """Wait until nothing is on its way."""
        while self._lanes or self._writers:
            await (asyncio.wait(self._writers) if self._writers else asyncio.sleep(0))

    def _start_soon(self) -> None:
        """Start writers once all that comes at this moment is there."""
        if not self._starting:
            self._starting = True
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        """Start the writers that there is something to do for."""
        self._starting = False
        while self._lanes and len(self._writers) - self._patient < db.writers():
            lanes = [lane for lane in self._free if lane not in self._locked]
            if not lanes:
                break
            self._run(lanes, Patience.BRIEF)
        if (lanes := self._waiting_for(Patience.SKIP)) and self._patient < MOST_PATIENT:
            self._run(lanes, Patience.SKIP)
        for lane in self._waiting_for(Patience.LONG)[: MOST_PATIENT - self._patient]:
            self._run([lane], Patience.LONG)

    @property
    def _free(self) -> list[str]:
        return [lane for lane in self._lanes if lane not in self._busy]

    def _waiting_for(self, patience: Patience) -> list[str]:
        return [lane for lane in self._free if self._locked.get(lane) is patience]

    def _run(self, lanes: Sequence[str], patience: Patience) -> None:
        batch = self._take(lanes)
        taken = {self._lane(item) for item, _ in batch}
        self._busy |= taken
        self._patient += patience > 0
        task = asyncio.create_task(self._write_batch(batch, patience))
        self._writers.add(task)
        task.add_done_callback(lambda _: self._ended(task, taken, patience))

    def _take(self, lanes: Sequence[str]) -> list[_Entry[Item, Result]]:
        batch: list[_Entry[Item, Result]] = []
        for lane in lanes:
            if len(batch) == MOST_TOGETHER:
                break
            waiting = self._lanes.pop(lane)
            while waiting and len(batch) < MOST_TOGETHER:
                batch.append(waiting.popleft())
            if waiting:
                self._lanes[lane] = waiting  # behind the others
        self._waiting -= len(batch)
        return batch

    def _ended(self, task: asyncio.Task[None], lanes: set[str], patience: Patience) -> None:
        self._writers.discard(task)
        self._busy -= lanes
        self._patient -= patience > 0
        for lane in lanes:
            if self._locked.get(lane) is patience:  # it has not waited in vain
                del self._locked[lane]
        if task.cancelled():
            # The process stops: nobody may be left waiting for a writer that is gone.
            for waiting in self._lanes.values():
                for _, answer in waiting:
                    answer.cancel()
            self._lanes.clear()
            self._locked.clear()
            self._waiting = 0
            return
        self._start()

    async def _write_batch(self, batch: Sequence[_Entry[Item, Result]], patience: Patience) -> None:
        outcomes = await self._outcomes([item for item, _ in batch], patience)
        later: list[_Entry[Item, Result]] = []
        for entry, outcome in zip(batch, outcomes, strict=True):
            item, answer = entry
            if isinstance(outcome, Locked):
                later.append(entry)
                self._locked[self._lane(item)] = Patience(patience + 1)
            elif answer.done():  # nobody waits for it any more; it is stored all the same
                continue
            elif isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
        for item, answer in reversed(later):
            self._lanes.setdefault(self._lane(item), deque()).appendleft((item, answer))
        self._waiting += len(later)

    async def _outcomes(
        self, items: Sequence[Item], patience: Patience
    ) -> list[Result | Exception]:
        try:
            return await self._write(items, patience)
        except Unavailable as error:
            return [error] * len(items)
        except DBAPIError as error:
            # The driver's own words: it has seen sealed bodies only.
            log.error("%d %s could not be stored: %s", len(items), self._things, error.orig)
            if len(items) == 1:
                return [error]
            # One of them may be at fault: each on its own, so that it takes nobody with it.
            return [outcome for item in items for outcome in await self._outcomes([item], patience)]
        except Exception as error:
            log.error(
                "%d %s could not be stored: %s", len(items), self._things, type(error).__name__
            )
            return [error] * len(items)


_all: list[GroupCommit] = []


async def drain() -> None:
    """Wait until nothing of any sort is on its way."""
    for each in _all:
        await each.drain()
