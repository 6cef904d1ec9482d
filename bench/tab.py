"""A browser tab as the server sees it: one WebSocket, one Socket.IO namespace, what comes in."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench import packets
from bench.arrivals import Arrivals
from bench.websocket import Inbox, WebSocket

HOST = "127.0.0.1"
NAMESPACE = "/_event"
PING_BYTES = 3  # of the frame that asks whether a tab is still there
HYDRATED = re.compile(rb'"is_hydrated_rx_state_":\s*true')


class TabClosed(Exception):
    """The server refused or dropped the tab; the text says why."""


class Tab:
    """A tab that is open as soon as the server has let it into the namespace."""

    def __init__(self, index: int, inbox: Inbox, port: int) -> None:
        self.index = index  # its place among the tabs of one measurement
        self.arrivals: Arrivals | None = None
        self.listener: Callable[[bytes], None] | None = None  # gets each frame with an event
        self._pings = 0
        self._inbox = inbox
        self._port = port
        self._socket: WebSocket | None = None
        self._opened: asyncio.Future[float] | None = None

    @property
    def received(self) -> int:
        """Bytes the tab has read from its socket so far, frame headers included.

        Without the pings, which come now and then whatever goes on.
        """
        return self._socket.received - PING_BYTES * self._pings if self._socket else 0

    async def open(self, patience: float = 30.0) -> float:
        """Connects and waits until the tab can be used; returns the seconds that took.

        Raises:
            TabClosed: the server refused the tab, or it was not ready within `patience` seconds.
        """
        self._opened = opened = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(patience):
                self._socket = WebSocket(self._inbox, self._frame)
                self._socket.closed.add_done_callback(self._lost)
                await self._socket.connect(HOST, self._port, self._path(), self._headers())
                return await opened - began
        except TimeoutError:
            self.close()
            raise TabClosed(f"tab {self.index} was not ready within {patience:.0f} s") from None

    @property
    def socket(self) -> WebSocket:
        """The tab's connection, once it is open."""
        assert self._socket is not None
        return self._socket

    def emit(self, event: str, data: Any) -> None:
        """Sends a Socket.IO event."""
        assert self._socket is not None
        self._socket.send(packets.event_packet(NAMESPACE, event, data))

    def close(self) -> None:
        """Leaves as a page does that is closed: with the packets that say so."""
        if self._socket is not None:
            self._socket.close(packets.disconnect_packet(NAMESPACE), packets.ENGINE_CLOSE)

    # What kinds of tab differ in.

    def _path(self) -> str:
        return f"{NAMESPACE}/?EIO=4&transport=websocket"

    def _headers(self) -> dict[str, str]:
        return {}

    def _auth(self) -> dict[str, Any]:
        return {}

    def _joined(self, when: float) -> None:
        self._ready(when)

    def _opening(self, when: float, frame: bytes) -> None:
        """Looks at a frame that came before the tab was ready."""

    # What comes in.

    def _frame(self, when: float, frame: bytes) -> None:
        if frame.startswith(packets.EVENT):
            if self.arrivals is not None:
                self.arrivals.arrived(self.index, when, frame)
            if self.listener is not None:
                self.listener(frame)
            if self._opened is not None:
                self._opening(when, frame)
        elif frame == packets.PING:
            assert self._socket is not None
            self._pings += 1
            self._socket.send(packets.PONG)
        elif frame.startswith(packets.OPEN):
            assert self._socket is not None
            self._socket.send(packets.connect_packet(NAMESPACE, self._auth()))
        elif frame.startswith(packets.CONNECT):
            self._joined(when)
        elif frame.startswith((packets.CONNECT_ERROR, packets.DISCONNECT)):
            self._fail(frame.decode(errors="replace"))

    def _ready(self, when: float) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(when)
        self._opened = None

    def _fail(self, why: str) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_exception(TabClosed(why))
        self._opened = None

    def _lost(self, closed: "asyncio.Future[str]") -> None:
        self._fail(closed.result())


@dataclass(frozen=True)
class Page:
    """The page a tab shows: what Reflex's browser side sends along with every event."""

    path: str = "/"
    parameters: dict[str, str] = field(default_factory=dict)

    def router_data(self) -> dict[str, Any]:
        """The event's `router_data`."""
        data: dict[str, Any] = {"pathname": self.path, "asPath": self.path}
        if self.parameters:
            data["query"] = self.parameters
        return data


class ReflexTab(Tab):
    """A tab of a Reflex app; open once it is hydrated and has seen what it waits for.

    It always asks for the whole state, as a browser does when it reconnects; on its very first
    connection a browser may get less, the values that differ from those built into the page.
    """

    def __init__(
        self,
        index: int,
        inbox: Inbox,
        port: int,
        page: Page,
        reflex_version: str,
        cookie: str = "",
        waits_for: bytes = b"",
    ) -> None:
        super().__init__(index, inbox, port)
        self.token = str(uuid.uuid4())
        self._page = page
        self._reflex_version = reflex_version
        self._cookie = cookie
        self._waits_for = waits_for
        self._seen = not waits_for

    def send_event(self, name: str, payload: dict[str, Any]) -> None:
        """Calls the event handler of that full name."""
        self.emit("event", self._event(name, payload))

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "payload": payload, "router_data": self._page.router_data()}

    def _path(self) -> str:
        return f"{super()._path()}&token={self.token}"

    def _headers(self) -> dict[str, str]:
        headers = {"Sec-WebSocket-Protocol": self._reflex_version}
        if self._cookie:
            headers["Cookie"] = self._cookie
        return headers

    def _auth(self) -> dict[str, Any]:
        # As in Reflex's utils/state.js (bootAuth): the hydrate event rides in the CONNECT packet.
        hydrate = self._event("reflex___state____state.hydrate_and_load", {})
        return {"event": hydrate, "state_schema": None}

    def _joined(self, when: float) -> None:
        pass  # ready only when hydrated

    def _opening(self, when: float, frame: bytes) -> None:
        self._seen = self._seen or self._waits_for in frame
        if HYDRATED.search(frame):
            if self._seen:
                self._ready(when)
            else:
                missing = self._waits_for.decode()
                self._fail(f"hydrated without {missing!r}: {json.dumps(frame.decode()[:200])}")
