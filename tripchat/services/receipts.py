"""When messages were broadcast, and how many people that reached.

Both are known only after the commit. So they are kept here at first, and written to the messages'
rows later, many at once: no message waits for that. A crash loses those of the last second.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from tripchat import clock, db
from tripchat.errors import Unavailable
from tripchat.models import Message

log = logging.getLogger(__name__)

WRITES_EVERY_SECONDS = 1.0
MOST_TOGETHER = 500
"""In one transaction: what is sent meanwhile waits for it."""
MOST_WAITING = 10_000
REMEMBERED = 10_000
"""As many as may wait: what is forgotten has been written."""


@dataclass(slots=True)
class Receipt:
    """What became of one message."""

    message_id: str
    broadcast_at: int | None = None
    reached: int | None = None
    """People besides the author."""


_recent: OrderedDict[str, Receipt] = OrderedDict()


_elsewhere: OrderedDict[str, int] = OrderedDict()
"""When messages that another worker has stored were broadcast there."""


def expect(message_id: str) -> None:
    """A message is about to be stored: whoever is the first to read it is the first to be told."""
    _recent[message_id] = Receipt(message_id)
    if len(_recent) > REMEMBERED:
        _recent.popitem(last=False)


def told_at(message_id: str) -> int | None:
    """When a message was first told to anybody: now, if it was not; None if it is not recent.

    Between the commit and the broadcast somebody may read it. They must see the same moment as
    those to whom it is broadcast.
    """
    receipt = _recent.get(message_id)
    if receipt is None:
        return _elsewhere.get(message_id)
    if receipt.broadcast_at is None:
        receipt.broadcast_at = clock.now()
    return receipt.broadcast_at


def heard(message_id: str, moment: int) -> None:
    """A message that another worker has stored was broadcast there at this moment."""
    if message_id in _recent:
        return
    _elsewhere[message_id] = moment
    if len(_elsewhere) > REMEMBERED:
        _elsewhere.popitem(last=False)


async def written(message_ids: Sequence[str]) -> dict[str, int]:
    """When these messages were broadcast, as far as that has been written."""
    async with db.read_connection() as connection:
        found = await connection.execute(_WRITTEN, {"messages": message_ids})
        return {row.id: row.broadcast_at for row in found}


def broadcast(message_id: str) -> int:
    """A message that was expected is told to everybody now; gives the moment."""
    receipt = _recent[message_id]
    if receipt.broadcast_at is None:
        receipt.broadcast_at = clock.now()
    _writer.put(receipt)
    return receipt.broadcast_at


def reach(message_id: str, people: int) -> None:
    """So many people besides the author were just told a message."""
    if receipt := _recent.get(message_id):
        receipt.reached = people


def recent(message_id: str) -> Receipt | None:
    """What is known of a recent message, whether it has been written or not."""
    return _recent.get(message_id)


async def drain() -> None:
    """Write what waits, at once."""
    await _writer.drain()


class _Writer:
    """Writes receipts behind the sends."""

    def __init__(self) -> None:
        self._waiting: deque[Receipt] = deque()
        self._task: asyncio.Task[None] | None = None
        self._hurry: asyncio.Event

    def put(self, receipt: Receipt) -> None:
        """Write a receipt soon; when the database cannot keep up, never."""
        if len(self._waiting) >= MOST_WAITING:
            return
        self._waiting.append(receipt)
        if self._task is None or self._task.done():
            self._hurry = asyncio.Event()
            self._task = asyncio.create_task(self._write_waiting())

    async def drain(self) -> None:
        if self._task is not None and not self._task.done():
            self._hurry.set()
            await asyncio.wait({self._task})

    async def _write_waiting(self) -> None:
        waiting = self._waiting
        while waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(WRITES_EVERY_SECONDS):
                    await self._hurry.wait()
            for _ in range(0, len(waiting), MOST_TOGETHER):
                batch = [waiting.popleft() for _ in range(min(len(waiting), MOST_TOGETHER))]
                try:
                    await _write(batch)
                except Unavailable:
                    if self._hurry.is_set():
                        return
                    waiting.extendleft(reversed(batch))
                    break


async def _write(batch: list[Receipt]) -> None:
    rows = [
        {"message": each.message_id, "at": each.broadcast_at, "people": each.reached}
        for each in batch
    ]
    try:
        await db.write(lambda connection: connection.execute(_WRITE, rows))
    except DBAPIError as error:
        log.error("%d receipts could not be stored: %s", len(batch), error.orig)


_writer = _Writer()

_WRITE = (
    update(Message)
    .where(col(Message.id) == bindparam("message"))
    .values(broadcast_at=bindparam("at"), reached=bindparam("people"))
)

_WRITTEN = select(col(Message.id), col(Message.broadcast_at)).where(
    col(Message.id).in_(bindparam("messages", expanding=True)),
    col(Message.broadcast_at).is_not(None),
)
