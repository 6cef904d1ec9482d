"""Somebody who listens to a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol


class Listener(Protocol):
    """Gives what is to be written, piece by piece, until it is closed.

    It ends by itself and is never broken off in the middle of what it does, such as a read.
    """

    closed: asyncio.Future[None]
    """Done as soon as nothing more is wanted, or there is nothing more to come."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def close(self) -> None:
        """Have it end soon; closing it again does nothing."""
