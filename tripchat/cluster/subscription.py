"""What the workers tell each other, as long as it is certain that it is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tripchat.cluster.backoff import Backoff
from tripchat.cluster.connection import connected

SILENCE_SECONDS = 3.0
"""A worker hears its own beat each second. When it has not for so long, the subscription is lost,
whatever the connection looks like."""


class Subscription:
    """Listens to one channel, over one connection."""

    def __init__(
        self,
        url: str,
        channel: str,
        on_payload: Callable[[bytes], bool],
        on_lost: Callable[[BaseException], None],
        on_confirmed: Callable[[], None],
    ) -> None:
        """`on_payload` says whether what came proves that we hear what we say."""
        self._url = url
        self._channel = channel
        self._on_payload = on_payload
        self._on_lost = on_lost
        self._on_confirmed = on_confirmed

    async def run(self) -> None:
        """Listen, and subscribe anew whenever that fails; never ends by itself."""
        backoff = Backoff()
        while True:
            try:
                async with connected(self._url) as connection:
                    async with asyncio.timeout(SILENCE_SECONDS) as silence:
                        await connection.send_command("SUBSCRIBE", self._channel)
                        while True:
                            if await self._hear(connection):
                                backoff.reset()
                                now = asyncio.get_running_loop().time()
                                silence.reschedule(now + SILENCE_SECONDS)
            except Exception as error:  # whatever it is: a new connection is the way on
                self._on_lost(error)
            await asyncio.sleep(backoff.next())

    async def _hear(self, connection: Any) -> bool:
        kind, _channel, payload = await connection.read_response(disconnect_on_error=False)
        if kind == b"subscribe":
            self._on_confirmed()
            return True
        return kind == b"message" and self._on_payload(payload)
