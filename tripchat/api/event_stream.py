"""Answers that go on: server-sent events, for as long as somebody listens."""

from __future__ import annotations

import asyncio
from weakref import WeakSet

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tripchat.api.problem import log_fault
from tripchat.realtime.listener import Listener

TRANSPORT = "tripchat.transport"
"""Key in the ASGI scope's ``extensions`` under which the connection's transport stands."""

RETRY = b"retry: 500\n\n"
"""How soon a listener that was cut off comes back, in milliseconds."""

HEADERS = {
    "Cache-Control": "no-store, no-transform",
    # What a proxy holds back to send it with more comes too late.
    "X-Accel-Buffering": "no",
}

_open: WeakSet[EventStream] = WeakSet()
_stopped = False


class EventStream(StreamingResponse):
    """What a listener is given: until they hang up, nothing more can come, or the server stops."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener, headers=HEADERS, media_type="text/event-stream")
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._is_writing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._transport = scope.get("extensions", {}).get(TRANSPORT)
        self._listener.closed.add_done_callback(self._hang_up)
        if _stopped or scope["method"] == "HEAD":
            self._listener.close()
        _open.add(self)
        watching = asyncio.create_task(self._watch(receive))
        try:
            await self.stream_response(send)
        finally:
            watching.cancel()
            self._listener.close()

    async def stream_response(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        await self._write(send, RETRY)
        try:
            async for piece in self._listener:
                await self._write(send, piece)
        except Exception as error:
            # The answer has begun: all that can be done is to end it.
            log_fault(error)
        await self._write(send, b"", more=False)

    async def _write(self, send: Send, piece: bytes, *, more: bool = True) -> None:
        self._is_writing = True
        if self._listener.closed.done():
            # Not before this has been tried: what is left to say may be taken.
            asyncio.get_running_loop().call_soon(self._hang_up)
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        self._is_writing = False

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.close()

    def end(self) -> None:
        """End it now."""
        self._listener.close()

    def _hang_up(self, _closed: object = None) -> None:
        # Who is being written to at this moment takes nothing: it would be waited for.
        if self._is_writing and self._transport is not None:
            self._transport.abort()


def end_all() -> None:
    """End every stream, and those that would begin from now on: the server stops."""
    global _stopped
    _stopped = True
    for stream in list(_open):
        stream.end()
