"""From changed vars to the tabs: coalesced for a few milliseconds under load, sent once.

A Reflex state delta is `{state's full name: {var + marker: value}}`. The same delta serves every
tab of a group, so it is encoded once; which groups a tab belongs to is Socket.IO's room list.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

from reflex_base.constants.state import FIELD_MARKER
from socketio import AsyncServer

from tripchat.realtime.frames import writer_of
from tripchat.realtime.room import Vars

COALESCE_SECONDS = 0.004
"""Shortest pause between two broadcasts to one group. The first change after a pause goes out at
once; only what follows within the pause waits for it."""

REST_FACTOR = 1.0
"""A broadcast that took long is followed by a pause this many times as long, so that sending to a
large group under load leaves the worker time to read and to store."""


def delta(state: str, changed: Vars) -> dict[str, dict[str, Any]]:
    """The Reflex delta that sets `changed` in `state`."""
    return {state: {name + FIELD_MARKER: value for name, value in changed.items()}}


class Broadcaster:
    """Sends deltas of states to groups of tabs on this worker."""

    def __init__(self, sio: AsyncServer, namespace: str) -> None:
        self.sio = sio
        self.namespace = namespace

    async def send(self, state: str, changed: Vars, to: str) -> None:
        """Send a delta at once to a group, or to one tab by its socket id."""
        await self._emit({"delta": delta(state, changed), "events": []}, to)

    async def call(self, handler: str, to: str, **payload: Any) -> None:
        """Have a tab call an event handler, by its full name."""
        await self._emit({"delta": {}, "events": [{"name": handler, "payload": payload}]}, to)

    async def answer(self, sid: str, answer: Vars) -> None:
        """Tell one tab what became of what it asked for."""
        await self.sio.emit("answer", answer, to=sid, namespace=self.namespace)

    async def tell(self, event: str, to: str) -> None:
        """Tell one tab something that is no news of a state."""
        await self.sio.emit(event, to=to, namespace=self.namespace)

    async def again(self) -> None:
        """Have all tabs ask again for what could not be answered."""
        await self.sio.emit("again", namespace=self.namespace)

    async def _emit(self, update: dict[str, Any], to: str) -> None:
        # The plain form of reflex.state.StateUpdate, which needs no serializer.
        await self.sio.emit("event", update, to=to, namespace=self.namespace)

    def connected(self, sid: str) -> bool:
        """Whether a tab is connected to this worker.

        One whose connect is still being answered counts: its first event comes with the connect.
        """
        manager = self.sio.manager
        going = manager.pending_disconnect.get(self.namespace, ())
        return sid not in going and sid in manager.rooms.get(self.namespace, {}).get(None, ())

    def connected_tabs(self) -> list[str]:
        """The tabs that are connected to this worker."""
        return list(self.sio.manager.rooms.get(self.namespace, {}).get(None, ()))

    def join(self, sid: str, group: str) -> None:
        """Let a tab hear what is sent to a group; unknown tabs are passed over."""
        if self.connected(sid):
            self.sio.manager.basic_enter_room(sid, self.namespace, group)

    def leave(self, sid: str, group: str) -> None:
        """Let a tab hear a group no more, from this moment on."""
        self.sio.manager.basic_leave_room(sid, self.namespace, group)

    def has(self, group: str) -> bool:
        """Whether any tab on this worker hears a group."""
        return bool(self.sio.manager.rooms.get(self.namespace, {}).get(group))

    async def disconnect(self, sid: str) -> None:
        """End a tab's connection, down to its WebSocket."""
        environ = self.sio.get_environ(sid, self.namespace)
        await self.sio.disconnect(sid, namespace=self.namespace)
        # Engine.IO asks the browser to close; whoever does not is not asked twice.
        if environ is not None and (writer := writer_of(environ["asgi.scope"])) is not None:
            writer.end()


class Channel:
    """One state's changes for one group of tabs, coalesced."""

    def __init__(
        self,
        broadcaster: Broadcaster,
        state: str,
        group: str,
        pause: float = COALESCE_SECONDS,
        every: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """`pause` is the shortest time between two broadcasts, in seconds.

        `every` says of which vars every value counts, not only the latest.
        """
        self._broadcaster = broadcaster
        self._pause = pause
        self._every = every
        self._state = state
        self._group = group
        self._waiting: list[Vars] = []
        """What goes out next, one after the other: all but always a single one."""
        self._due = math.inf
        """When it goes out."""
        self._is_pressing = False
        """Whether there is anything in it that should not wait."""
        self._flush: asyncio.TimerHandle | asyncio.Handle | None = None
        self._sending: asyncio.Task[None] | None = None
        self._resume_at = 0.0

    def put(self, changed: Vars, patience: float = 0.0) -> None:
        """Send these vars soon; the latest value of each counts.

        With `patience`, in seconds, they wait so long for others to go along with; when these go
        out alone, whatever comes next need not keep the pause.
        """
        if not changed:
            return
        if not self._waiting or any(
            name in self._waiting[-1] and self._every(name) for name in changed
        ):
            self._waiting.append({})
        self._waiting[-1].update(changed)
        self._is_pressing |= not patience
        self._schedule(time.monotonic() + patience)

    def _schedule(self, due: float) -> None:
        due = max(due, self._resume_at)
        if due >= self._due:
            return
        self._due = due
        if self._sending is None:
            self._await_flush()

    def _await_flush(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
        loop = asyncio.get_running_loop()
        wait = self._due - time.monotonic()
        self._flush = (
            loop.call_later(wait, self._start) if wait > 0 else loop.call_soon(self._start)
        )

    def _start(self) -> None:
        self._flush = None
        self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        was_pressing, self._is_pressing = self._is_pressing, False
        self._due = math.inf
        started = time.monotonic()
        try:
            for changed in waiting:
                await self._broadcaster.send(self._state, changed, self._group)
        finally:
            self._sending = None
            if was_pressing:
                ended = time.monotonic()
                rest = max(self._pause, (ended - started) * REST_FACTOR)
                self._resume_at = ended + rest
            if self._waiting:
                self._due = max(self._due, self._resume_at)
                self._await_flush()

    def close(self) -> None:
        """Send nothing more."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._waiting = []
