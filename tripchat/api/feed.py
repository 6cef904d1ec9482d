"""What happens to a trip's messages, for programs: every change from a position on, then live."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response

from tripchat import hub
from tripchat.api.endpoint import identity_of
from tripchat.api.event_stream import EventStream
from tripchat.api.messages import outside
from tripchat.errors import Malformed, Refused
from tripchat.hub import (
    Change,
    MemberLeft,
    MessageAdded,
    MessageChanged,
    Missed,
    Reacted,
    SessionEnded,
)
from tripchat.services import following
from tripchat.services.following import Position
from tripchat.services.sessions import Identity
from tripchat.views import MessageView

HEARTBEAT_SECONDS = 15.0
"""How long nothing is said: only writing shows that nobody is there any more."""

HEARTBEAT = b":\n\n"

_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_POSITION = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})", re.ASCII)


async def follow(request: Request) -> Response:
    """Open a feed from where `Last-Event-ID` or else `after` says, or from now on."""
    identity = await identity_of(request)
    trip_id = request.path_params["trip_id"]
    position = await following.begin(identity.user_id, trip_id, _after(request), _known(request))
    return EventStream(Feed(request, identity, trip_id, position))


def _after(request: Request) -> int | None:
    if (after := request.query_params.get("after")) is None:
        return None
    if not _NUMBER.fullmatch(after):
        raise Malformed("after must be a whole number.")
    return int(after)


def _known(request: Request) -> Position | None:
    if (last_event := request.headers.get("last-event-id")) is None:
        return None
    if (known := _POSITION.fullmatch(last_event)) is None:
        raise Malformed("Last-Event-ID must be the id of an event of this trip.")
    return Position(int(known[1]), int(known[2]))


class Feed:
    """One listener's way through a trip's changes, see `Listener`.

    The hub only says that there is something new. What it is comes from the database, for who
    catches up as for who was there.
    """

    def __init__(
        self, request: Request, identity: Identity, trip_id: str, position: Position
    ) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._identity = identity
        self._trip_id = trip_id
        self._position = position
        self._news = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Each changed message as it is now, and a sign of life where there is none."""
        unsubscribe = hub.subscribe(self._on_change)
        try:
            # Whoever is cut off before anything happens goes on from here, too.
            yield b"id: %d.%d\n\n" % self._position
            while not self.closed.done():
                self._news.clear()
                if piece := await self._read():
                    yield piece
                elif not self._news.is_set() and not await self._is_news():
                    yield HEARTBEAT
        finally:
            unsubscribe()

    async def _read(self) -> bytes:
        """The next events; nothing when there are none, or for those who may not know."""
        try:
            await identity_of(self._request)
            changes = await following.next_changes(
                self._identity.user_id, self._trip_id, self._position
            )
        except Refused:
            self.close()
            return b""
        # What was read before the trip was lost is not told after it.
        if self.closed.done() or not changes:
            return b""
        self._position = changes[-1][0]
        return b"".join(_event(position, message) for position, message in changes)

    async def _is_news(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await self._news.wait()
        except TimeoutError:
            return False

    def _on_change(self, change: Change) -> None:
        if isinstance(change, MessageAdded | MessageChanged | Reacted):
            if change.trip_id == self._trip_id:
                self._news.set()
        elif isinstance(change, Missed):
            self._news.set()
        elif isinstance(change, MemberLeft):
            if (change.trip_id, change.user_id) == (self._trip_id, self._identity.user_id):
                self.close()
        elif isinstance(change, SessionEnded) and change.session_id == self._identity.session_id:
            self.close()

    def close(self) -> None:
        """See `Listener`."""
        if not self.closed.done():
            self.closed.set_result(None)
            self._news.set()


def _event(position: Position, message: MessageView) -> bytes:
    data = orjson.dumps(outside(message))
    return b"id: %d.%d\nevent: message\ndata: %s\n\n" % (*position, data)
