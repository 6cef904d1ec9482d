"""A page's connection over plain HTTP, where no WebSocket gets through.

To the app a link is a WebSocket like any other: it is offered as one to the ASGI application, with
the headers of the request that opened it. So there is one way for states, rooms and handlers. To
the page it is a stream of server-sent events, which carry Engine.IO's packets down, and posts,
which carry them up. A stream that breaks is resumed where it was; a post that is repeated counts
once.

A link lives in the memory of one worker, whose id its own id begins with: a post that comes to
another worker is passed on.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message, Scope

from tripchat.cluster.workers import WORKER_ID
from tripchat.errors import Conflict, NotFound
from tripchat.realtime.budget import Budget
from tripchat.realtime.frames import (
    EXTENSION,
    MAX_BUFFERED_BYTES,
    MESSAGES_AT_ONCE,
    MESSAGES_PER_SECOND,
    TextFrame,
)
from tripchat.realtime.packets import Packets
from tripchat.realtime.tasks import Tasks

CLOSE = "1"
"""Engine.IO's packet by which a page says that it goes."""


class Link:
    """One page's connection; `FrameWriter` says what the app may do with it."""

    def __init__(self, owner: str, patience: float) -> None:
        """`owner` proves whose it is: the session's token, or nothing.

        `patience` is how long it goes on with nobody listening, in seconds.
        """
        self.id = f"{WORKER_ID}.{secrets.token_urlsafe(16)}"
        self.ended = False
        self._owner = owner
        self._patience = patience
        self._accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._packets = Packets()
        self._listener: LinkListener | None = None
        self._giving_up: asyncio.TimerHandle | None = None
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._posts = 0
        self._turn = asyncio.Lock()
        self._budget = Budget(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._wait_for_listener()

    # The app's side: a WebSocket.

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        """Be a WebSocket of this scope for the app, until one of the two ends it."""
        extensions = {**scope.get("extensions", {}), EXTENSION: self}
        scope = {**scope, "type": "websocket", "subprotocols": [], "extensions": extensions}
        try:
            await app(scope, self._receive, self._send)
        finally:
            self.end()
            while not self._incoming.empty():
                self._incoming.get_nowait()
                self._incoming.task_done()

    async def _receive(self) -> Message:
        """The next message, not before the link has budget for it."""
        message = await self._incoming.get()
        try:
            if message["type"] == "websocket.receive":
                wait = self._budget.spend(asyncio.get_running_loop().time())
                if wait and not self.ended:
                    await asyncio.sleep(wait)
        finally:
            self._incoming.task_done()
        return message

    async def _send(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            self._settle(True)
        elif message["type"] == "websocket.send":
            self.write_frame(TextFrame(message["text"]))
        elif message["type"] == "websocket.close":
            self.end()

    def write_frame(self, frame: TextFrame) -> None:
        """See `FrameWriter`. A link that nobody reads is ended when too much waits."""
        if self.ended:
            return
        self._packets.add(frame.content)
        if self._packets.waiting_bytes > MAX_BUFFERED_BYTES:
            self.end()
        elif self._listener is not None:
            self._listener.wake()

    def end(self) -> None:
        """See `FrameWriter`. A listener still gets what was written."""
        if self.ended:
            return
        self.ended = True
        self._settle(False)
        if self._giving_up is not None:
            self._giving_up.cancel()
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        if self._listener is not None:
            self._listener.close()

    def _settle(self, accepted: bool) -> None:
        if not self._accepted.done():
            self._accepted.set_result(accepted)

    # The page's side: a stream and posts.

    def belongs_to(self, owner: str) -> bool:
        """Whether this is who opened it."""
        return secrets.compare_digest(self._owner.encode(), owner.encode())

    async def accepted(self) -> bool:
        """Whether the app has taken the link as a WebSocket."""
        return await asyncio.shield(self._accepted)

    def listen(self, heard: int = 0) -> LinkListener | None:
        """What comes after packet `heard`; None when that is not known any more.

        There is one listener at a time: the one before may be a connection that is dead already.
        """
        if self.ended or not self._packets.resume(heard):
            return None
        before, self._listener = self._listener, LinkListener(self)
        if before is not None:
            before.close()
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
        return self._listener

    def left(self, listener: LinkListener) -> None:
        """A listener has gone; unless another one comes soon, the page has vanished."""
        if listener is self._listener and not self.ended:
            self._listener = None
            self._wait_for_listener()

    def _wait_for_listener(self) -> None:
        loop = asyncio.get_running_loop()
        self._giving_up = loop.call_later(self._patience, self.end)

    def pieces(self, listener: LinkListener) -> bytes:
        """The next events for a listener; nothing while there are none, or if it is not his."""
        if listener is not self._listener:
            return b""
        prefix = b"id: " + self.id.encode()
        return b"".join(
            b"%s.%d\ndata: %s\n\n" % (prefix, number, content)
            for number, content in self._packets.send()
        )

    async def take(self, number: int, packets: list[str]) -> None:
        """Hand packets to the app: post `number` of this link, counted from 1.

        Comes back when the app has read them, which is how a page that sends too much is slowed
        down. A post that is known already is dropped. Raises Conflict when one before it is
        missing, NotFound when the link has ended.
        """
        if number > self._posts + 1:
            raise Conflict(f"Post {self._posts + 1} of this link has not come yet.")
        async with self._turn:
            if number <= self._posts:
                return
            if self.ended:
                raise unknown_link()
            self._posts = number
            for packet in packets:
                self._incoming.put_nowait({"type": "websocket.receive", "text": packet})
            if CLOSE in packets:
                self.end()
            await self._incoming.join()


class LinkListener:
    """The page's end of a link's stream, see `Listener`."""

    def __init__(self, link: Link) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._link = link
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is something more to write."""
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The link's events; when it has ended, those that it still had."""
        while True:
            self._news.clear()
            if piece := self._link.pieces(self):
                yield piece
            elif self.closed.done():
                return
            else:
                await self._news.wait()

    def close(self) -> None:
        """See `Listener`."""
        if not self.closed.done():
            self.closed.set_result(None)
            self._news.set()
        self._link.left(self)


def worker_of(link_id: str) -> str:
    """The id of the worker that a link with this id lives in, if there is such a link."""
    return link_id.partition(".")[0]


def unknown_link() -> NotFound:
    """The refusal for a link that does not exist, or not any more."""
    return NotFound("There is no such link.")


class Links:
    """The links of this worker."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}
        self._tasks = Tasks("a link has failed")

    def get(self, link_id: str) -> Link | None:
        """The link with this id, if it has not ended."""
        return self._links.get(link_id)

    def open(self, app: ASGIApp, scope: Scope, owner: str, patience: float) -> Link:
        """Offer a new WebSocket with this scope to the app; for the rest see `Link`."""
        link = Link(owner, patience)
        self._links[link.id] = link
        self._tasks.run(self._serve(link, app, scope))
        return link

    async def _serve(self, link: Link, app: ASGIApp, scope: Scope) -> None:
        try:
            await link.serve(app, scope)
        finally:
            del self._links[link.id]

    async def stop(self) -> None:
        """End all links, and wait until the app has noticed."""
        for link in self._links.values():
            link.end()
        await self._tasks.stop()


links = Links()
