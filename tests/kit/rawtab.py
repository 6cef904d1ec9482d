"""A tab without a browser: it speaks the page's protocol, and says whatever it likes."""

import asyncio
import json
import secrets
import uuid
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.kit.people import COOKIE, Account
from tests.kit.server import Server

NAMESPACE = "/_event"
ROOT_STATE = "reflex___state____state"
NOTICE = f"{ROOT_STATE}.tripchat___state___notice____notice_state"
PATIENCE_SECONDS = 15


class RawTab:
    """One connection. Every frame that comes in is kept in `frames`."""

    def __init__(self, socket: ClientConnection, token: str, page: dict[str, Any]) -> None:
        self.frames: list[str] = []
        self.token = token
        self._page = page
        self._socket = socket
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls,
        server: Server,
        account: Account | None = None,
        *,
        trip_id: str | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Self:
        """Connect as somebody's tab on a trip's page, or on the start page, and hydrate."""
        token = token or str(uuid.uuid4())
        page: dict[str, Any] = {"pathname": "/", "asPath": "/"}
        if trip_id is not None:
            page = {
                "pathname": "/trip/[trip_id]",
                "asPath": f"/trip/{trip_id}",
                "query": {"trip_id": trip_id},
            }
        cookie = {"Cookie": f"{COOKIE}={account.token}"} if account else {}
        socket = await connect(
            f"{server.url.replace('http', 'ws')}{NAMESPACE}/"
            f"?EIO=4&transport=websocket&token={token}",
            additional_headers=cookie | (headers or {}),
            max_size=None,
        )
        tab = cls(socket, token, page)
        await tab.hears("0{")
        await tab.says_raw(f"40{NAMESPACE},{json.dumps({'event': tab.event(HYDRATE)})}")
        await tab.hears(f"40{NAMESPACE}")
        return tab

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()
        await self._reading

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                text = frame if isinstance(frame, str) else frame.decode(errors="replace")
                if text == "2":
                    await self._socket.send("3")
                async with self._news:
                    self.frames.append(text)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            async with self._news:
                self._news.notify_all()

    async def hears(self, words: str) -> str:
        """Wait for a frame with these words; gives it.

        Raises TimeoutError, or EOFError when the server has closed the connection.
        """
        looked = 0
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            while True:
                for frame in self.frames[looked:]:
                    if words in frame:
                        return frame
                looked = len(self.frames)
                if self._reading.done():
                    raise EOFError(f"the server closed the connection before it said {words!r}")
                await self._news.wait()

    @property
    def heard(self) -> str:
        """All that the server has said."""
        return "\n".join(self.frames)

    def event(self, name: str, /, **payload: Any) -> dict[str, Any]:
        """A call of an event handler by its full name, as the page would send it."""
        return {"name": name, "payload": payload, "router_data": self._page}

    async def calls(self, name: str, /, **payload: Any) -> None:
        """Call an event handler by its full name."""
        await self.says("event", self.event(name, **payload))

    async def says(self, event: str, *arguments: Any) -> None:
        """Send a Socket.IO event."""
        await self.says_raw(f"42{NAMESPACE},{json.dumps([event, *arguments])}")

    async def says_raw(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        await self._socket.send(frame)

    async def is_served(self) -> None:
        """All calls so far have been handled, and the tab can still be used."""
        words = secrets.token_hex(8)
        await self.calls(f"{NOTICE}.show", text=words)
        await self.hears(words)


HYDRATE = f"{ROOT_STATE}.hydrate_and_load"
