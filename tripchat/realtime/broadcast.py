"""From changed vars to the tabs: coalesced for a few milliseconds under load, sent once.

A Reflex state delta is `{state's full name: {var + marker: value}}`. The same delta serves every
tab of a group, so it is encoded once; which groups a tab belongs to is Socket.IO's room list.
"""

from __future__ import annotations

import asyncio
import time
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
        # The plain form of reflex.state.StateUpdate, which needs no serializer.
        update = {"delta": delta(state, changed), "events": []}
        await self.sio.emit("event", update, to=to, namespace=self.namespace)

    def connected(self, sid: str) -> bool:
        """Whether a tab is connected to this worker.

        One whose connect is still being answered counts: its first event comes with the connect.
        """
        manager = self.sio.manager
        going = manager.pending_disconnect.get(self.namespace, ())
        return sid not in going and sid in manager.rooms.get(self.namespace, {}).get(None, ())

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

    def __init__(self, broadcaster: Broadcaster, state: str, group: str) -> None:
        self._broadcaster = broadcaster
        self._state = state
        self._group = group
        self._changed: Vars = {}
        self._flush: asyncio.TimerHandle | asyncio.Handle | None = None
        self._sending: asyncio.Task[None] | None = None
        self._resume_at = 0.0

    def put(self, changed: Vars) -> None:
        """Send these vars soon; the latest value of each counts."""
        if not changed:
            return
        self._changed |= changed
        if self._flush is None:
            loop = asyncio.get_running_loop()
            wait = self._resume_at - time.monotonic()
            self._flush = (
                loop.call_later(wait, self._start) if wait > 0 else loop.call_soon(self._start)
            )

    def _start(self) -> None:
        self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        changed, self._changed = self._changed, {}
        started = time.monotonic()
        try:
            await self._broadcaster.send(self._state, changed, self._group)
        finally:
            took = time.monotonic() - started
            self._resume_at = started + took + max(COALESCE_SECONDS, took * REST_FACTOR)
            self._flush = None
            if self._changed:
                self.put({**self._changed})

    def close(self) -> None:
        """Send nothing more."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._changed = {}
