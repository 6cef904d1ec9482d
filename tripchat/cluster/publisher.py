"""What this worker tells the others: in order, together where it waits, again when it failed.

It is said under each key that is here, the other workers may not have all of them: whoever shares
one of them hears it, and takes it once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from tripchat.cluster.backoff import Backoff
from tripchat.cluster.connection import connected
from tripchat.cluster.wire import Envelope, Item, channel_of, packed
from tripchat.sealing import sealer

log = logging.getLogger(__name__)

MOST_TOGETHER = 256
MOST_WAITING = 20_000
"""While Redis is away. Beyond that the others are not told but made to look."""

MOST_ECHOES = 1000
"""Envelopes remembered until they are heard: opening one's own would be work for nothing."""

PATIENCE_SECONDS = 2.0
"""How long Redis may take for one PUBLISH."""


class Publisher:
    """Publishes on the channels of this worker's keys, over one connection."""

    def __init__(
        self,
        url: str,
        worker_id: str,
        on_lost: Callable[[BaseException], None],
        on_back: Callable[[], None],
    ) -> None:
        self._url = url
        self._worker_id = worker_id
        self._on_lost = on_lost
        self._on_back = on_back
        self._items: deque[Item] = deque()
        self._number = 0
        """Of the last envelope. A number that nobody gets is seen to be missing."""
        self._sending: deque[tuple[str, bytes]] = deque()
        """An envelope for each channel. The first may or may not have arrived: it is sent again as
        it is."""
        self._echoes: dict[bytes, Sequence[Item]] = {}
        self._news = asyncio.Event()
        self._idle = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How much has not gone out yet."""
        return len(self._items) + bool(self._sending)

    def put(self, item: Item) -> None:
        """Publish something as soon as possible."""
        if len(self._items) >= MOST_WAITING:
            self._items.clear()
            self._number += 1
        self._items.append(item)
        self._idle.clear()
        self._news.set()

    async def run(self) -> None:
        """Publish whatever comes, and reconnect whenever that fails; never ends by itself."""
        backoff = Backoff()
        while True:
            try:
                async with connected(self._url) as connection:
                    self._on_back()
                    while True:
                        await self._news.wait()
                        while (addressed := self._next()) is not None:
                            async with asyncio.timeout(PATIENCE_SECONDS):
                                await connection.send_command("PUBLISH", *addressed)
                                await connection.read_response()
                            self._sending.popleft()
                            backoff.reset()
                        self._news.clear()
                        self._idle.set()
            except Exception as error:  # whatever it is: a new connection is the way on
                self._on_lost(error)
            await asyncio.sleep(backoff.next())

    def _next(self) -> tuple[str, bytes] | None:
        """The next channel, and what goes there."""
        while not self._sending and self._items:
            count = min(len(self._items), MOST_TOGETHER)
            items = [self._items.popleft() for _ in range(count)]
            self._number += 1
            try:
                self._pack(Envelope(self._worker_id, self._number, items))
            except TypeError:
                # The others see that a number is missing, and read from the database.
                log.error("%d changes cannot be told to other workers", count)
        return self._sending[0] if self._sending else None

    def _pack(self, envelope: Envelope) -> None:
        ours = sealer()
        for key in ours.keys:
            payload = packed(envelope, ours, key)
            self._sending.append((channel_of(key), payload))
            self._await_echo(payload, envelope.items)

    def _await_echo(self, payload: bytes, items: Sequence[Item]) -> None:
        self._echoes[payload] = items
        if len(self._echoes) > MOST_ECHOES:
            del self._echoes[next(iter(self._echoes))]

    def echo_of(self, payload: bytes) -> Sequence[Item] | None:
        """What was published in these bytes, once; None unless it was published here, lately."""
        return self._echoes.pop(payload, None)

    async def flushed(self, patience: float) -> None:
        """Wait until all that was put has gone out, but not for long."""
        try:
            async with asyncio.timeout(patience):
                while self.waiting:
                    await self._idle.wait()
        except TimeoutError:
            pass
