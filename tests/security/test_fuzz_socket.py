"""Anything on the WebSocket: events with any arguments, packets, frames and bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.kit.handlers import handlers
from tests.kit.tab import NAMESPACE, Tab
from tests.security.fuzzed import Fuzzed
from tests.security.inputs import anything, filled, objects, texts
from tests.security.test_fuzz_http import PER_EXAMPLE, SEED, fuzzing

HANDLERS = sorted(handlers())

Say = tuple[str, Any]
"""What is done, and with what."""


@st.composite
def events(draw: st.DrawFn) -> Say:
    """An event of the app, mostly with the arguments that it has."""
    name, arguments = draw(st.sampled_from(HANDLERS))
    if draw(st.integers(0, 19)) == 0:
        name = draw(st.one_of(st.just(name + draw(st.text(max_size=3))), st.text(max_size=9)))
    payload = draw(objects(arguments)) if draw(st.integers(0, 9)) else draw(anything)
    return "event", {"name": name, "payload": payload}


@st.composite
def odd_events(draw: st.DrawFn) -> Say:
    """What a page's event has, each part of it anything."""
    name, _ = draw(st.sampled_from(HANDLERS))
    router = st.one_of(
        anything,
        st.fixed_dictionaries(
            {"pathname": texts, "query": st.dictionaries(st.just("trip_id"), anything)},
            optional={"asPath": texts},
        ),
    )
    return "packet", [
        draw(st.sampled_from(["event", "event", "ping", "connect", "disconnect", "x"])),
        draw(
            st.fixed_dictionaries(
                {}, optional={"name": st.just(name), "payload": anything, "router_data": router}
            )
        ),
    ]


PACKETS = st.one_of(
    st.text("0123456789/_,-[]{}\"abn", max_size=30),
    st.builds(lambda start, rest: f"{start}{json.dumps(rest)}", st.sampled_from(
        [f"42{NAMESPACE},", "42", f"43{NAMESPACE},1", f"40{NAMESPACE},", f"451-{NAMESPACE},", "46-"]
    ), anything),
    st.sampled_from(
        [
            *("2", "3", "1", "5", "6", "2probe", "40", "41", f"41{NAMESPACE},", "44{}"),
            f"42{NAMESPACE}," + "[" * 20_000,
            f"42{NAMESPACE},99999999999999999999[]",
            f'459999999999-{NAMESPACE},["event",{{"_placeholder":true,"num":0}}]',
            f'42{NAMESPACE},["event",' + "9" * 6000 + "]",
        ]
    ),
)  # fmt: skip

FRAMES = st.builds(
    lambda opcode, content, fin, rsv, mask: _frame(opcode, content, fin, rsv, mask),
    st.sampled_from([0, 1, 1, 2, 3, 7, 8, 9, 10, 11, 15]),
    st.one_of(st.binary(max_size=130), st.just(b"x" * 70_000)),
    st.booleans(),
    st.sampled_from([0, 0, 0, 0x40, 0x70]),
    st.sampled_from([True, True, True, False]),
)


def _frame(opcode: int, content: bytes, fin: bool, rsv: int, mask: bool) -> bytes:
    """A frame that a library would not send."""
    whole = bytearray(Frame(Opcode.BINARY, content).serialize(mask=mask))
    whole[0] = (0x80 if fin else 0) | rsv | opcode
    return bytes(whole)


def _in_pieces(text: str) -> bytes:
    """A text in frames of a few bytes each."""
    content = text.encode(errors="replace")
    pieces = [content[at : at + 7] for at in range(0, len(content), 7)] or [b""]
    return b"".join(
        _frame(1 if number == 0 else 0, piece, number == len(pieces) - 1, 0, True)
        for number, piece in enumerate(pieces)
    )


SAYS: st.SearchStrategy[Say] = st.one_of(
    events(),
    events(),
    events(),
    odd_events(),
    st.tuples(st.just("text"), PACKETS),
    st.tuples(st.just("pieces"), PACKETS),
    st.tuples(st.just("bytes"), st.binary(max_size=60)),
    st.tuples(st.just("frame"), FRAMES),
    st.tuples(st.just("raw"), st.binary(min_size=1, max_size=60)),
)


async def _say(fuzzed: Fuzzed, tab: Tab, what: str, content: Any) -> None:
    write: Callable[[bytes], None] = tab._socket.transport.write
    if what == "event":
        event = tab.event(content["name"], filled(content["payload"], fuzzed.ids))
        await tab.say(f"42{NAMESPACE},{json.dumps(['event', event])}")
    elif what == "packet":
        await tab.say(f"42{NAMESPACE},{json.dumps(filled(content, fuzzed.ids))}")
    elif what == "text":
        await tab.say(content.encode(errors="replace").decode())
    elif what == "bytes":
        await tab.say(content)
    else:
        write(_in_pieces(content) if what == "pieces" else content)


def _is_last(what: str, content: Any) -> bool:
    """Whether a connection rightly ends with this."""
    return what in ("frame", "raw") or (what == "packet" and content[0] == "disconnect")


async def _fire(fuzzed: Fuzzed, says: list[Say], as_member: bool) -> None:
    await fuzzed.is_ready()
    token = fuzzed.member.token if as_member else ""
    path = f"/trip/{fuzzed.ids['$trip']}"

    async def connected() -> Tab:
        fuzzed.counts[" connections"] += 1
        return await Tab(fuzzed.server.port, path, token).open()

    tab = await connected()
    for what, content in says:
        if tab.closed:
            tab = await connected()
        fuzzed.counts[what] += 1
        with contextlib.suppress(ConnectionClosed):
            await _say(fuzzed, tab, what, content)
        if _is_last(what, content):
            await _hangs_up(tab)
    await _hangs_up(tab)


async def _hangs_up(tab: Tab) -> None:
    """End a connection as it is: maybe in the middle of a frame, after which nothing is heard."""
    tab._socket.transport.close()
    await tab.until(lambda: tab.closed)


async def _is_heard(fuzzed: Fuzzed) -> None:
    """Whoever comes now is served, and hears what is written."""
    await fuzzed.is_ready()
    trip = fuzzed.ids["$trip"]
    async with Tab(fuzzed.server.port, f"/trip/{trip}", fuzzed.member.token) as tab:
        seq = (await tab.answer_to(await tab.sends(trip, "still there")))["seq"]
        await tab.until(lambda: tab.last_seq >= seq)


def test_every_handler_and_the_protocols_below_stand_anything(
    fuzzed: Fuzzed, inputs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    @seed(SEED)
    @fuzzing(inputs)
    @given(st.lists(SAYS, min_size=PER_EXAMPLE, max_size=PER_EXAMPLE), st.integers(0, 3))
    def fuzz(says: list[Say], who: int) -> None:
        fuzzed.run(_fire(fuzzed, says, as_member=who > 0))
        assert fuzzed.complains() == [], says

    fuzz()
    fuzzed.run(_is_heard(fuzzed))
    fuzzed.run(fuzzed.still_serves())
    fuzzed.run(asyncio.sleep(0))
    assert fuzzed.complains() == []
    with capsys.disabled():
        print(f"\n{fuzzed.tell('WebSocket')}")  # noqa: T201
