"""Frames encoded once are what any WebSocket peer reads; what comes in is read piece by piece."""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tripchat.realtime import frames
from tripchat.realtime.frames import PIECE_BYTES, FrameProtocol, TextFrame

Application = Callable[[Any, Any, Any], Awaitable[None]]

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPT = {"type": "websocket.accept"}


class Wire(asyncio.Transport):
    """The connection to a peer, of whom nothing is seen but what they write."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.closed = False
        self.written = b""

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def no_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait."""
    monkeypatch.setattr(frames, "MESSAGES_AT_ONCE", 1_000_000)


def connect(application: Application) -> tuple[FrameProtocol, Wire]:
    """A connection that `application` serves."""
    config = Config(application, ws=FrameProtocol, lifespan="off", log_level="critical")
    config.load()
    protocol, wire = FrameProtocol(config, ServerState(), {}), Wire()
    protocol.connection_made(wire)
    protocol.data_received(HANDSHAKE)
    return protocol, wire


def masked(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


@given(st.text(max_size=200) | st.integers(1, 70_000).map(lambda size: "é" * size))
def test_a_peer_reads_the_text_that_was_encoded(text: str) -> None:
    peer = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN, max_size=None)
    peer.receive_data(TextFrame(text).encoded)
    (frame,) = peer.events_received()
    assert isinstance(frame, Frame)
    assert frame.opcode is Opcode.TEXT
    assert bytes(frame.data).decode() == text


SIZES = st.lists(st.sampled_from([0, 1, 50, 300, PIECE_BYTES, 3 * PIECE_BYTES]), max_size=60)


@given(SIZES, st.lists(st.floats(0, 1), max_size=8))
def test_whatever_comes_is_read_in_order_and_never_much_of_it_ahead(
    sizes: list[int], cuts: list[float]
) -> None:
    texts = [f"{number} ".ljust(size, "x") for number, size in enumerate(sizes)]
    data = b"".join(map(masked, texts))
    ends = list(accumulate(len(masked(text)) for text in texts))
    at = sorted({0, len(data), *(int(cut * len(data)) for cut in cuts)})

    async def play() -> None:
        read: list[str] = []
        all_read = asyncio.Event()

        async def application(_scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send(ACCEPT)
            while len(read) < len(texts):
                read.append((await receive())["text"])
                # The shortest frame has eight bytes.
                assert protocol.queue.qsize() <= PIECE_BYTES / 8 + 1
                await asyncio.sleep(0)
            all_read.set()

        protocol, wire = connect(application)
        await asyncio.sleep(0)
        for start, end in pairwise(at):
            while not wire.reading:  # noqa: ASYNC110
                await asyncio.sleep(0)
            # More is taken only when nothing is left of what was taken before.
            assert len(read) + protocol.queue.qsize() == bisect_right(ends, start)
            protocol.data_received(data[start:end])
        async with asyncio.timeout(10):
            await all_read.wait()
        assert read == texts
        assert wire.reading

    asyncio.run(play())


async def test_who_sends_too_much_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MESSAGES_AT_ONCE", 10)
    monkeypatch.setattr(frames, "MESSAGES_PER_SECOND", 1)
    read: list[Any] = []

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        while True:
            read.append(await receive())

    protocol, wire = connect(application)
    protocol.data_received(masked("x") * 1000)
    async with asyncio.timeout(10):
        while len(read) < 10:  # noqa: ASYNC110
            await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(read) == 10
    assert not wire.reading


@pytest.mark.usefixtures("no_budget")
async def test_after_the_application_has_closed_the_peers_answer_is_found_behind_the_rest() -> None:
    closing = asyncio.Event()

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        await send({"type": "websocket.close"})
        closing.set()

    protocol, wire = connect(application)
    protocol.data_received(masked("x" * 100) * 1000)
    await closing.wait()
    close = Close(CloseCode.NORMAL_CLOSURE, "").serialize()
    protocol.data_received(Frame(Opcode.CLOSE, close).serialize(mask=True))
    assert wire.closed


async def test_nobody_waits_for_a_peer_who_does_not_read() -> None:
    closing = asyncio.Event()

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        protocol.pause_writing()
        await send({"type": "websocket.send", "text": "are you there?"})
        await send({"type": "websocket.close"})
        closing.set()

    protocol, wire = connect(application)
    async with asyncio.timeout(10):
        await closing.wait()
    assert b"are you there?" in wire.written
