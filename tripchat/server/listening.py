"""Sockets to listen at."""

from __future__ import annotations

import socket

from tripchat.errors import CannotStart


def listener_at(host: str, port: int) -> socket.socket:
    """A socket bound to this address, to a free port if that is 0; it does not listen yet.

    Raises:
        CannotStart: it is taken, or not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise CannotStart(f"cannot listen at {host} port {port}: {reason}") from None
    return listener
