"""Frames encoded once are what any WebSocket peer reads."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tripchat.realtime.frames import encode_text_frame


@given(st.text(max_size=200) | st.integers(1, 70_000).map(lambda size: "é" * size))
def test_a_peer_reads_the_text_that_was_encoded(text: str) -> None:
    peer = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN, max_size=None)
    peer.receive_data(encode_text_frame(text))
    (frame,) = peer.events_received()
    assert isinstance(frame, Frame)
    assert frame.opcode is Opcode.TEXT
    assert bytes(frame.data).decode() == text
