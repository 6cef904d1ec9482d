"""The one writer of messages in a process: what waits is committed together, in order of arrival.

A transaction costs about the same for one message as for fifty. While one runs, sends gather; the
next takes them all. Each is refused alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from tripchat.errors import TooMany
from tripchat.services.storing import Draft, store
from tripchat.views import Sent

log = logging.getLogger(__name__)

MOST_TOGETHER = 64
MOST_WAITING = 5_000

Outcome = Sent | Exception
_Waiting = tuple[Draft, asyncio.Future[Sent]]

_waiting: deque[_Waiting] = deque()
_writer: asyncio.Task[None] | None = None


async def commit(draft: Draft) -> Sent:
    """Store and publish a message, or find the one it repeats.

    Raises NotFound, NotAMember, Invalid for `reply_to_seq`, TooMany when the database cannot keep
    up, and whatever the database raises.
    """
    global _writer
    if len(_waiting) >= MOST_WAITING:
        raise TooMany("Too many messages are waiting to be stored.", retry_after=1)
    answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
    _waiting.append((draft, answer))
    if _writer is None or _writer.done():
        _writer = asyncio.create_task(_write_waiting())
    return await answer


async def drain() -> None:
    """Wait until nothing is on its way."""
    while _writer is not None and not _writer.done():
        await asyncio.wait({_writer})


async def _write_waiting() -> None:
    try:
        while _waiting:
            batch = [_waiting.popleft() for _ in range(min(len(_waiting), MOST_TOGETHER))]
            outcomes = await _outcomes([draft for draft, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if answer.done():  # its sender stopped waiting; the message is stored all the same
                    continue
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)
    except asyncio.CancelledError:
        # The process stops: nobody may be left waiting for a writer that is gone.
        while _waiting:
            _waiting.popleft()[1].cancel()
        raise


async def _outcomes(drafts: Sequence[Draft]) -> list[Outcome]:
    try:
        return await store(drafts)
    except DBAPIError as error:
        # The driver's own words: it has seen sealed bodies only.
        log.error("%d messages could not be stored: %s", len(drafts), error.orig)
        if len(drafts) == 1:
            return [error]
        # One of them may be at fault: each on its own, so that it takes nobody with it.
        return [outcome for draft in drafts for outcome in await _outcomes([draft])]
    except Exception as error:
        log.error("%d messages could not be stored: %s", len(drafts), type(error).__name__)
        return [error] * len(drafts)
