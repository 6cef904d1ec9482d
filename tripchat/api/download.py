"""Answers that are files: written as fast as they are taken, and ended when they may not go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tripchat import hub
from tripchat.api.event_stream import TRANSPORT
from tripchat.api.problem import log_fault
from tripchat.errors import Refused
from tripchat.files.store import BlobMissing
from tripchat.hub import Change, MemberLeft, Missed, SessionEnded
from tripchat.sealing import SealBroken

log = logging.getLogger(__name__)

STALLED_SECONDS = 60.0
"""How long one piece may wait to be taken: then its reader is gone, or holds on for nothing."""

LOOK_EVERY_SECONDS = 10.0
"""How often it is asked anew who may read, however little is heard."""


class FileResponse(Response):
    """A file, for somebody who may have it until the hub says otherwise."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        *,
        trip_id: str,
        user_id: str,
        session_id: str,
        may_go_on: Callable[[], Awaitable[object]],
        status_code: int,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        """`may_go_on` raises Refused for who may have it no more."""
        super().__init__(None, status_code, headers, media_type)
        self._pieces = pieces
        self._trip_id = trip_id
        self._user_id = user_id
        self._session_id = session_id
        self._may_go_on = may_go_on
        self._is_whole = False
        self._ended = asyncio.Event()
        self._in_doubt = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = scope.get("extensions", {}).get(TRANSPORT)
        unsubscribe = hub.subscribe(self._on_change)
        writing = asyncio.create_task(self._write(send))
        watching = [
            asyncio.create_task(each)
            for each in (self._ended.wait(), self._until_gone(receive), self._until_refused())
        ]
        try:
            # What was asked before this was subscribed to may have ended in between.
            self._in_doubt.set()
            await asyncio.wait([writing, *watching], return_when=asyncio.FIRST_COMPLETED)
            if not self._is_whole and transport is not None:
                # A length was promised: only a broken connection says that this is not all.
                transport.abort()
        finally:
            unsubscribe()
            for task in (writing, *watching):
                task.cancel()
            await asyncio.gather(writing, *watching, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        try:
            async for piece in self._pieces:
                async with asyncio.timeout(STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except TimeoutError:
            return
        except Refused:
            return
        except (BlobMissing, SealBroken) as error:
            log.error("a file cannot be read: %s", type(error).__name__)
            return
        except Exception as error:
            # The answer has begun: all that can be done is to break it off.
            log_fault(error)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        self._is_whole = True

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _until_refused(self) -> None:
        """Ask again when something may have been missed, and every now and then."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._in_doubt.wait()
            except TimeoutError:
                pass
            self._in_doubt.clear()
            try:
                await self._may_go_on()
            except Refused:
                return

    def _on_change(self, change: Change) -> None:
        if isinstance(change, MemberLeft):
            if (change.trip_id, change.user_id) == (self._trip_id, self._user_id):
                self._ended.set()
        elif isinstance(change, SessionEnded):
            if change.session_id == self._session_id:
                self._ended.set()
        elif isinstance(change, Missed):
            self._in_doubt.set()
