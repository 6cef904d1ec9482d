"""A tab without a browser: it speaks Reflex's protocol and applies the deltas that come."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any, Protocol, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.kit.people import Account
from tests.kit.seen import SeenTrip, SeenTrips
from tests.kit.server import Site

NAMESPACE = "/_event"
ROOT_STATE = "reflex___state____state"
ROOM_STATE = f"{ROOT_STATE}.tripchat___state___room____room_state"
LIST_STATE = f"{ROOT_STATE}.tripchat___state___trips____trips_state"
SESSION_STATE = f"{ROOT_STATE}.tripchat___state___session____session_state"
NAVIGATION = f"{ROOT_STATE}.reflex___state____on_load_internal_state.on_load_internal"
PATIENCE_SECONDS = 20.0

Vars = dict[str, Any]


class Line(Protocol):
    """A tab's way to the server: Engine.IO's packets in both directions."""

    async def send(self, packet: str | bytes, /) -> None:
        """Send one packet."""

    async def recv(self) -> str | bytes:
        """The next packet."""
        ...

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """All packets that come, until it is closed."""
        ...

    async def close(self) -> None:
        """Go away in an orderly manner."""


class Tab:
    """One tab of the page at `path`, with whatever state the server has sent it so far."""

    def __init__(
        self, port: int, path: str, cookie: str = "", token: str = "", **headers: str
    ) -> None:
        """`cookie` is a session's token, `token` the tab's own name for itself."""
        self.state: dict[str, Vars] = {}
        self.trips = SeenTrips()
        self.frames: list[str] = []
        """Every update received, as it came over the wire."""
        self.answers: dict[str, Vars] = {}
        """What became of what was asked for, by its client id."""
        self.heard: list[str] = []
        """All that the server has said, updates or not."""
        self.greeting: Vars = {}
        """What the server said first: how often it pings, and how long it waits for an answer."""
        self.closed = False
        """Whether the connection has ended."""
        self.token = token or str(uuid.uuid4())
        self._port = port
        self.path = path
        self._headers = {"Cookie": f"tripchat_session={cookie}"} | headers
        self._changed = asyncio.Condition()
        self._line: Line | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def reopened(self) -> Tab:
        """The same page after a reload, not open yet."""
        tab = type(self)(self._port, self.path, token=self.token)
        tab._headers = self._headers
        return tab

    async def open(self, *, hydrate: bool = True) -> Self:
        """Connect, and wait until the page could be used; without `hydrate` only connect.

        Raises ConnectionError when the server ends the connection before that.
        """
        self._line = await self._connect()
        self.greeting = json.loads(str(await self._line.recv())[1:])
        self._reader = asyncio.create_task(self._read(self._line))
        if not hydrate:
            await self._line.send(f"40{NAMESPACE},{{}}")
            return self
        boot = {"event": self.event(f"{ROOT_STATE}.hydrate_and_load", {})}
        await self._line.send(f"40{NAMESPACE},{json.dumps(boot)}")
        await self.until(lambda: self.closed or self.var(ROOT_STATE, "is_hydrated") is True)
        if self.closed:
            raise ConnectionError(f"{self.path} was refused")
        return self

    async def _connect(self) -> Line:
        address = f"ws://127.0.0.1:{self._port}/_event/?EIO=4&transport=websocket"
        return await connect(
            f"{address}&token={self.token}",
            additional_headers=self._headers,
            subprotocols=[version("reflex")],  # type: ignore[list-item]
            max_size=None,
        )

    @property
    def _socket(self) -> ClientConnection:
        assert isinstance(self._line, ClientConnection)
        return self._line

    async def close(self) -> None:
        """Go away as a closed tab does."""
        if self._line is not None:
            await self._line.close()
        if self._reader is not None:
            await asyncio.wait({self._reader})

    def vanish(self) -> None:
        """Answer and take nothing any more, as when the network is gone."""
        assert self._reader is not None
        self._reader.cancel()
        self._socket.transport.pause_reading()
        # The kernel would go on taking some megabytes.
        self._socket.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)

    async def say(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        assert self._line is not None
        await self._line.send(frame)

    def floods(self, event: str, times: int) -> None:
        """Call an event handler this often, faster than any page could."""
        content = json.dumps(["event", self.event(event, {})])
        frame = Frame(Opcode.TEXT, f"42{NAMESPACE},{content}".encode()).serialize(mask=True)
        self._socket.transport.write(frame * times)

    async def call(self, event: str, /, **payload: Any) -> None:
        """Call an event handler by its full name."""
        await self.say(f"42{NAMESPACE},{json.dumps(['event', self.event(event, payload)])}")

    async def goes(self, path: str) -> None:
        """Go to another page, as a link within the site does."""
        self.path = path
        await self.call(NAVIGATION)

    async def does(self, action: str, trip_id: str, **arguments: Any) -> str:
        """Do something in a trip, by the handler's name; gives its client id."""
        client_id = arguments.setdefault("client_id", uuid.uuid4().hex)
        await self.call(f"{ROOM_STATE}.{action}", trip_id=trip_id, **arguments)
        return client_id

    async def sends(self, trip_id: str, text: Any, client_id: Any = None, **more: Any) -> str:
        """Send a text as the composer does; gives its client id."""
        more |= {"client_id": client_id} if client_id else {}
        return await self.does("send", trip_id, kind="text", body={"text": text}, **more)

    async def reacts(self, trip_id: str, seq: int, emoji: str, there: bool = True) -> str:
        """Put an emoji under a message, or take it away; gives the action's client id."""
        return await self.does("react", trip_id, seq=seq, emoji=emoji, there=there)

    async def answer_to(self, client_id: str) -> Vars:
        """What became of what was asked for under this name."""
        await self.until(lambda: client_id in self.answers)
        return self.answers[client_id]

    async def marks_read(self, trip_id: str, seq: int) -> None:
        """Move one's read marker."""
        await self.call(f"{ROOM_STATE}.mark_read", trip_id=trip_id, seq=seq)

    async def types(self) -> None:
        """Say that keys are pressed."""
        await self.call(f"{ROOM_STATE}.types")

    def var(self, state: str, name: str) -> Any:
        """A var's value as the page has it now, None when it was never sent."""
        return self.state.get(state, {}).get(f"{name}_rx_state_")

    @property
    def room(self) -> Vars:
        """What the tab shows of the trip that it has open, to be compared with another tab's."""
        seen = self.trips.open
        return {
            "trip": self.trips.room.get("trip"),
            "members": self.trips.members,
            "typing": self.typing,
            "messages": seen.shown if seen else [],
        }

    @property
    def seen(self) -> SeenTrip:
        """The messages of the open trip."""
        assert self.trips.open is not None
        return self.trips.open

    @property
    def texts(self) -> list[str | None]:
        """The texts of the newest messages, oldest first; None for one that has none."""
        return [message["body"].get("text") for message in self.room["messages"]]

    @property
    def typing(self) -> list[str]:
        """The ids of those who type."""
        return self.trips.room.get("typing") or []

    @property
    def online(self) -> set[str]:
        """The ids of those who have the open trip open."""
        return {user_id for user_id, one in self.trips.members.items() if one["online"]}

    @property
    def last_seq(self) -> int:
        """The newest message of the open trip."""
        return self.trips.open.last_seq if self.trips.open else 0

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what has been received makes `condition` true; raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    def event(self, name: str, payload: Vars) -> Vars:
        """An event as the page sends it: the handler's full name, and what it is given."""
        _, _, last = self.path.rpartition("/")
        parameter = {"trip": "trip_id", "join": "code", "reset": "token"}.get(
            self.path.split("/")[1]
        )
        return {
            "name": name,
            "payload": payload,
            "router_data": {
                "pathname": self.path,
                "asPath": self.path,
                "query": {parameter: last} if parameter else {},
            },
        }

    async def _read(self, line: Line) -> None:
        try:
            async for content in line:
                frame = content if isinstance(content, str) else content.decode(errors="replace")
                async with self._changed:
                    self.heard.append(frame)
                    self._changed.notify_all()
                if frame == "2":
                    await line.send("3")
                elif frame.startswith(f"42{NAMESPACE},"):
                    await self._apply(frame)
        except ConnectionClosed:
            pass
        finally:
            async with self._changed:
                self.closed = True
                self._changed.notify_all()

    async def _apply(self, frame: str) -> None:
        event, *said = json.loads(frame[len(f"42{NAMESPACE},") :])
        if not said:
            return  # such as that the worker is about to stop
        (content,) = said
        if event == "answer":
            async with self._changed:
                self.answers[content["client_id"]] = content
                self._changed.notify_all()
        if event != "event":
            return
        async with self._changed:
            self.frames.append(frame)
            delta = content.get("delta") or {}
            for state, vars in delta.items():
                self.state.setdefault(state, {}).update(vars)
            if LIST_STATE in delta:
                self.trips.list |= _named(delta[LIST_STATE])
            if ROOM_STATE in delta:
                user_id = self.var(SESSION_STATE, "user_id") or ""
                self.trips.take_room(_named(delta[ROOM_STATE]), user_id)
            self._changed.notify_all()
        for called in content.get("events") or ():
            if not called["name"].startswith("_"):  # those are for a browser alone
                await self.call(called["name"], **called["payload"])


def tab_of(server: Site, account: Account, path: str) -> Tab:
    """A tab of somebody who is signed in, not open yet."""
    return Tab(server.port, path, account.token)


def _named(vars: Vars) -> Vars:
    """Vars by the names that the server's code knows them by."""
    return {name.removesuffix("_rx_state_"): value for name, value in vars.items()}
