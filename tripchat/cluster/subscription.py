"""What the workers tell each other, as long as it is certain that it is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from tripchat.cluster.backoff import Backoff
from tripchat.cluster.connection import connected

SILENCE_SECONDS = 3.0
"""A worker hears its own beat each second. When it has not for so long, the subscription is lost,
whatever the connection looks like."""


class Subscription:
    """Listens to some channels, over one connection."""

    def __init__(
        self,
        url: str,
        channels: Callable[[], Collection[str]],
        on_payload: Callable[[bytes], bool],
        on_lost: Callable[[BaseException], None],
        on_confirmed: Callable[[], None],
    ) -> None:
        """`channels` says which these are now; there is always one.

        `on_payload` says whether what came proves that we hear what we say.
        """
        self._url = url
        self._channels = channels
        self._connection: Any = None
        self._followed: list[str] = []
        """The channels that were asked for on this connection."""
        self._last = b""
        """The one of them with which the subscription is complete."""
        self._on_payload = on_payload
        self._on_lost = on_lost
        self._on_confirmed = on_confirmed

    async def run(self) -> None:
        """Listen, and subscribe anew whenever that fails; never ends by itself."""
        backoff = Backoff()
        while True:
            try:
                async with connected(self._url) as self._connection:
                    async with asyncio.timeout(SILENCE_SECONDS) as silence:
                        self._followed = list(self._channels())
                        self._last = self._followed[-1].encode()
                        await self._connection.send_command("SUBSCRIBE", *self._followed)
                        while True:
                            if await self._hear():
                                backoff.reset()
                                now = asyncio.get_running_loop().time()
                                silence.reschedule(now + SILENCE_SECONDS)
            except Exception as error:  # whatever it is: a new connection is the way on
                self._connection = None
                self._on_lost(error)
            await asyncio.sleep(backoff.next())

    async def follow(self) -> None:
        """Listen to the channels that have come meanwhile as well."""
        new = [channel for channel in self._channels() if channel not in self._followed]
        if new and self._connection is not None:
            self._followed += new
            with suppress(Exception):  # it has been lost: the next one has all of them
                await self._connection.send_command("SUBSCRIBE", *new)

    async def _hear(self) -> bool:
        said = await self._connection.read_response(disconnect_on_error=False)
        kind, channel, payload = said
        if kind == b"subscribe":
            if channel == self._last:
                self._on_confirmed()
            return True
        # What still comes on a channel that is none of ours any more comes on another one, too.
        is_ours = kind == b"message" and channel.decode() in self._channels()
        return is_ours and self._on_payload(payload)
