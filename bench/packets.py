"""The few Engine.IO v4 and Socket.IO v5 packets a tab exchanges, as text frames."""

import json
from typing import Any

# Engine.IO packets are one digit; a Socket.IO packet is a digit more after the MESSAGE one.
OPEN, ENGINE_CLOSE, PING, PONG = b"0", b"1", b"2", b"3"
CONNECT, DISCONNECT, EVENT, CONNECT_ERROR = b"40", b"41", b"42", b"44"


def connect_packet(namespace: str, auth: dict[str, Any] | None = None) -> bytes:
    """Joins `namespace`, carrying `auth` to its connect handler."""
    return CONNECT + f"{namespace},{_json(auth or {})}".encode()


def disconnect_packet(namespace: str) -> bytes:
    """Leaves `namespace`."""
    return DISCONNECT + f"{namespace},".encode()


def event_packet(namespace: str, event: str, data: Any) -> bytes:
    """An event with one argument."""
    return EVENT + f"{namespace},{_json([event, data])}".encode()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
