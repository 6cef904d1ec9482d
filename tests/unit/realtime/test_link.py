"""A link between an app that knows WebSockets only, and a page that has none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tripchat.errors import Conflict, NotFound
from tripchat.realtime import link as link_module
from tripchat.realtime.frames import MAX_BUFFERED_BYTES, TextFrame, writer_of
from tripchat.realtime.link import Link, Links

SHORT, LONG = 0.2, 600.0


class App:
    """Takes a WebSocket, and remembers what comes."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.disconnected = False
        self.scope: Any = None
        self.send: Callable[[Any], Awaitable[None]]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.send = scope, send
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.append(message["text"])
        self.disconnected = True

    def write(self, text: str) -> None:
        """Write a text, as a broadcast does."""
        writer = writer_of(self.scope)
        assert writer is not None
        writer.write_frame(TextFrame(text))


@asynccontextmanager
async def linked(app: Any, patience: float = LONG) -> AsyncIterator[tuple[Link, Links]]:
    links = Links()
    link = links.open(app, {}, "owner", patience)
    async with asyncio.timeout(10):
        yield link, links
        await links.stop()
        assert links.get(link.id) is None


async def events(link: Link, heard: int = 0) -> list[str]:
    """The next events, as many as come at once."""
    listener = link.listen(heard)
    assert listener is not None
    async for piece in listener:
        listener.close()
        return piece.decode().split("\n\n")[:-1]
    return []


async def test_the_app_has_a_websocket_and_the_page_has_events() -> None:
    app = App()
    async with linked(app) as (link, _):
        assert await link.accepted()
        assert app.scope["type"] == "websocket"
        await app.send({"type": "websocket.send", "text": "one", "bytes": None})
        app.write("two ✓")
        said = [f"id: {link.id}.1\ndata: one", f"id: {link.id}.2\ndata: two ✓"]
        assert await events(link) == said
        assert await events(link, 1) == said[1:]
        await link.take(1, ["a", "b"])
        assert app.heard == ["a", "b"]
    assert app.disconnected


async def test_an_app_that_refuses() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.close"})

    async with linked(app) as (link, _):
        assert not await link.accepted()
        assert link.listen() is None


async def test_posts_count_once_and_in_order() -> None:
    app = App()
    async with linked(app) as (link, _):
        await asyncio.gather(*(link.take(1, ["a"]) for _ in range(3)))
        with pytest.raises(Conflict):
            await link.take(3, ["c"])
        await asyncio.gather(link.take(2, ["b"]), link.take(1, ["a"]), link.take(2, ["b"]))
        await link.take(3, ["c"])
        assert app.heard == ["a", "b", "c"]


async def test_who_posts_too_much_waits_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "MESSAGES_AT_ONCE", 10)
    monkeypatch.setattr(link_module, "MESSAGES_PER_SECOND", 100)
    app, packets = App(), [f"m{number}" for number in range(30)]
    async with linked(app) as (link, _):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await link.take(1, packets)
        assert loop.time() - began >= (30 - 10) / 100 * 0.9
        assert app.heard == packets


@pytest.mark.parametrize("heard", [-1, 3, 99])
async def test_what_is_not_known_cannot_be_resumed(heard: int) -> None:
    app = App()
    async with linked(app) as (link, _):
        await link.accepted()
        app.write("one")
        app.write("two")
        await events(link)
        assert link.listen(heard) is None


async def test_a_new_listener_takes_over_and_gets_what_did_not_arrive() -> None:
    app = App()
    async with linked(app) as (link, _):
        await link.accepted()
        app.write("one")
        first = link.listen()
        assert first is not None
        pieces = aiter(first)
        assert b"one" in await anext(pieces)
        second = link.listen()
        assert second is not None
        assert first.closed.done()
        app.write("two")
        with pytest.raises(StopAsyncIteration):
            await anext(pieces)
        piece = await anext(aiter(second))
        assert piece.count(b"data: ") == 2
        # The first one's end is not the second one's.
        first.close()
        assert not second.closed.done()


async def test_a_link_that_nobody_listens_to_ends() -> None:
    never, once = App(), App()
    async with linked(never, patience=SHORT) as (one, _), linked(once, patience=SHORT) as (two, _):
        await two.accepted()
        once.write("one")
        await events(two)
        while not (never.disconnected and once.disconnected):  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert one.listen() is None
        assert two.listen(1) is None
        with pytest.raises(NotFound):
            await two.take(1, ["a"])


async def test_a_link_that_is_listened_to_does_not() -> None:
    app = App()
    async with linked(app, patience=SHORT) as (link, _):
        await link.accepted()
        listener = link.listen()
        await asyncio.sleep(2 * SHORT)
        assert not link.ended
        assert listener is not None
        assert not listener.closed.done()


async def test_a_listener_still_gets_what_was_written_before_the_end() -> None:
    app = App()
    async with linked(app) as (link, _):
        await link.accepted()
        listener = link.listen()
        assert listener is not None
        app.write("goodbye")
        await app.send({"type": "websocket.close"})
        app.write("too late")
        assert [piece async for piece in listener] == [
            f"id: {link.id}.1\ndata: goodbye\n\n".encode()
        ]


async def test_who_takes_nothing_is_given_up_before_too_much_waits() -> None:
    app = App()
    async with linked(app) as (link, _):
        await link.accepted()
        link.listen()
        sent = 0
        while not link.ended:
            app.write("x" * 100_000)
            sent += 100_000
        assert MAX_BUFFERED_BYTES < sent <= MAX_BUFFERED_BYTES + 100_000


async def test_a_page_that_says_goodbye_is_gone_at_once() -> None:
    app = App()
    async with linked(app) as (link, links):
        await link.take(1, ["a", "1"])
        assert app.heard == ["a", "1"]
        while links.get(link.id):  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert app.disconnected


async def test_an_app_that_leaves_lets_no_post_wait() -> None:
    leave = asyncio.Event()

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await leave.wait()

    async with linked(app) as (link, _):
        await link.accepted()
        post = asyncio.create_task(link.take(1, ["a"]))
        await asyncio.sleep(0)
        leave.set()
        await post
        with pytest.raises(NotFound):
            await link.take(2, ["b"])
