"""A tab without a browser: it speaks Reflex's protocol and applies the deltas that come."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

NAMESPACE = "/_event"
ROOT_STATE = "reflex___state____state"
ROOM_STATE = f"{ROOT_STATE}.tripchat___state___room____room_state"
LIST_STATE = f"{ROOT_STATE}.tripchat___state___trips____trips_state"
SESSION_STATE = f"{ROOT_STATE}.tripchat___state___session____session_state"
PATIENCE_SECONDS = 20.0

Vars = dict[str, Any]


class Tab:
    """One tab of the page at `path`, with whatever state the server has sent it so far."""

    def __init__(
        self, port: int, path: str, cookie: str = "", token: str = "", **headers: str
    ) -> None:
        """`cookie` is a session's token, `token` the tab's own name for itself."""
        self.state: dict[str, Vars] = {}
        self.frames: list[str] = []
        """Every update received, as it came over the wire."""
        self.heard: list[str] = []
        """All that the server has said, updates or not."""
        self.closed = False
        """Whether the connection has ended."""
        self.token = token or str(uuid.uuid4())
        self._port = port
        self._path = path
        self._headers = {"Cookie": f"tripchat_session={cookie}"} | headers
        self._changed = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self, *, hydrate: bool = True) -> Self:
        """Connect, and wait until the page could be used; without `hydrate` only connect."""
        address = f"ws://127.0.0.1:{self._port}/_event/?EIO=4&transport=websocket"
        self._socket = await connect(
            f"{address}&token={self.token}",
            additional_headers=self._headers,
            subprotocols=[version("reflex")],  # type: ignore[list-item]
            max_size=None,
        )
        await self._socket.recv()
        self._reader = asyncio.create_task(self._read(self._socket))
        if not hydrate:
            await self._socket.send(f"40{NAMESPACE},{{}}")
            return self
        boot = {"event": self._event(f"{ROOT_STATE}.hydrate_and_load", {})}
        await self._socket.send(f"40{NAMESPACE},{json.dumps(boot)}")
        await self.until(lambda: self.var(ROOT_STATE, "is_hydrated") is True)
        return self

    async def close(self) -> None:
        """Go away as a closed tab does."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def say(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        assert self._socket is not None
        await self._socket.send(frame)

    async def call(self, event: str, /, **payload: Any) -> None:
        """Call an event handler by its full name."""
        await self.say(f"42{NAMESPACE},{json.dumps(['event', self._event(event, payload)])}")

    async def sends(self, trip_id: str, text: Any, client_id: Any = None) -> None:
        """Send a text as the composer does."""
        await self.call(
            f"{ROOM_STATE}.send",
            trip_id=trip_id,
            client_id=client_id or uuid.uuid4().hex,
            kind="text",
            body={"text": text},
        )

    def var(self, state: str, name: str) -> Any:
        """A var's value as the page has it now, None when it was never sent."""
        return self.state.get(state, {}).get(f"{name}_rx_state_")

    @property
    def room(self) -> Vars:
        """What the tab shows of its trip: messages by `seq`, members, who is here."""
        vars = {
            name.removesuffix("_rx_state_"): value
            for name, value in self.state.get(ROOM_STATE, {}).items()
        }
        return {
            "trip": vars.get("trip"),
            "members": vars.get("members"),
            "here": sorted(name for name in vars if name.startswith("o_") and vars[name]),
            "messages": sorted(
                (
                    value
                    for name, value in vars.items()
                    if name[0] == "m" and name[1:].isdigit() and value
                ),
                key=lambda message: message["seq"],
            ),
        }

    @property
    def texts(self) -> list[str]:
        """The texts of the messages it shows, oldest first."""
        return [message["body"]["text"] for message in self.room["messages"]]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what has been received makes `condition` true; raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    def _event(self, name: str, payload: Vars) -> Vars:
        _, _, last = self._path.rpartition("/")
        parameter = {"trip": "trip_id", "join": "code"}.get(self._path.split("/")[1])
        return {
            "name": name,
            "payload": payload,
            "router_data": {
                "pathname": self._path,
                "asPath": self._path,
                "query": {parameter: last} if parameter else {},
            },
        }

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for content in socket:
                frame = content if isinstance(content, str) else content.decode(errors="replace")
                async with self._changed:
                    self.heard.append(frame)
                    self._changed.notify_all()
                if frame == "2":
                    await socket.send("3")
                elif frame.startswith(f"42{NAMESPACE},"):
                    await self._apply(frame)
        except ConnectionClosed:
            pass
        finally:
            async with self._changed:
                self.closed = True
                self._changed.notify_all()

    async def _apply(self, frame: str) -> None:
        event, content = json.loads(frame[len(f"42{NAMESPACE},") :])
        if event != "event":
            return
        async with self._changed:
            self.frames.append(frame)
            for state, vars in (content["delta"] or {}).items():
                self.state.setdefault(state, {}).update(vars)
            self._changed.notify_all()
