"""A program that follows a trip, and keeps its messages as the events say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

import httpx

from tests.kit.people import Account
from tests.kit.sse import Event, events_of

PATIENCE_SECONDS = 20.0


class Feed:
    """One event stream, from its beginning to its end."""

    def __init__(
        self, account: Account, trip_id: str, after: int | None = None, last_event: str = ""
    ) -> None:
        """`last_event` is the id of the event that was the last one before it was cut off."""
        self.messages: dict[int, dict[str, Any]] = {}
        """Each message as it was told last, by its number."""
        self.events: list[Event] = []
        self.ended = False
        self._http = account.http
        self._path = f"/api/trips/{trip_id}/events"
        self._query = {} if after is None else {"after": after}
        self._headers = {"Last-Event-ID": last_event} if last_event else {}
        self._changed = asyncio.Condition()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        await self.until(lambda: self.events)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._listening is not None
        self._listening.cancel()
        await asyncio.wait({self._listening})

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what was told makes `condition` true; raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    @property
    def position(self) -> str:
        """The id of the last event."""
        return self.events[-1].id

    @property
    def texts(self) -> list[str | None]:
        """What the messages say, in order; None for deleted ones."""
        return [self.messages[seq].get("text") for seq in sorted(self.messages)]

    async def _listen(self) -> None:
        patience = httpx.Timeout(30, read=None)
        async with self._http.stream(
            "GET", self._path, params=self._query, headers=self._headers, timeout=patience
        ) as answer:
            assert answer.status_code == 200
            async for event in events_of(answer):
                async with self._changed:
                    self.take(event)
                    self._changed.notify_all()
        async with self._changed:
            self.ended = True
            self._changed.notify_all()

    def take(self, event: Event) -> None:
        """Take what an event tells."""
        self.events.append(event)
        if event.data:
            message = json.loads(event.data)
            self.messages[message["seq"]] = message
