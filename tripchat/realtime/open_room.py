"""A room that is open on this worker: the projection, its tabs, and its way to them."""

from __future__ import annotations

import asyncio
from collections import Counter

from tripchat import hub
from tripchat.cluster.workers import WORKER_ID
from tripchat.hub import MessageChange
from tripchat.realtime.around import Around
from tripchat.realtime.broadcast import Broadcaster, Channel
from tripchat.realtime.room import Room, Vars, is_change

MARKERS_SECONDS = 1.0
"""Read markers of one trip are sent together, at most once in this time: when a message comes,
everybody's moves."""

PATIENCE_SECONDS = 0.02
"""Typing, presence and reactions wait so long for a message to go along with: with many people in a
room they come more often than those, and no message should have to wait for them."""

AWAY_SECONDS = 0.6
"""Whoever comes back within this time, as a reload does, was never away."""


def room_group(trip_id: str) -> str:
    """The group of tabs that have this trip open."""
    return f"trip:{trip_id}"


class OpenRoom:
    """Knows which tabs have the room open, and tells them what changes."""

    def __init__(self, room: Room, around: Around, broadcaster: Broadcaster, state: str) -> None:
        """`state` is the full name of the Reflex state whose vars the room is."""
        self.room = room
        self.early: dict[int, MessageChange] = {}
        """Changes that came before the ones they follow, by their `rev`."""
        self.reading = asyncio.Lock()
        """Held while something of the trip is read anew."""
        self._around = around
        self._broadcaster = broadcaster
        self._state = state
        self._group = room_group(room.trip_id)
        self._channel = Channel(broadcaster, state, self._group, every=is_change)
        self._markers = Channel(broadcaster, state, self._group, MARKERS_SECONDS)
        self._typing = around.typing
        self._typing_ends: asyncio.TimerHandle | None = None
        self._tabs: dict[str, str] = {}
        """Socket id -> user id of the tabs that have the room open."""
        self._present: Counter[str] = Counter()
        """User id -> how many of these tabs are theirs."""
        self._going: dict[str, asyncio.TimerHandle] = {}
        """User id of whoever has closed their last tab -> when that is told."""
        for user_id in around.elsewhere:
            room.present(user_id, True)
        self.tell_typing()

    @property
    def is_empty(self) -> bool:
        """Whether no tab has it open."""
        return not self._tabs

    async def enter(self, sid: str, user_id: str, seen: int | None) -> None:
        """Let a person's tab hear the room from now on, and send it what it has not got yet.

        `seen` is the room's version that the tab was hydrated with; None when it has nothing.
        """
        self._remove(sid)
        self._tabs[sid] = user_id
        self._present[user_id] += 1
        if going := self._going.pop(user_id, None):
            going.cancel()
        elif self._present[user_id] == 1:
            self._say_here(user_id, True)
        self._broadcaster.join(sid, self._group)
        is_behind = seen != self.room.version
        self.tell_presence(user_id)
        if is_behind:
            await self._broadcaster.send(self._state, self.room.snapshot(), to=sid)

    def leave(self, sid: str) -> None:
        """Let a tab hear the room no more."""
        self.forget(sid)
        self._broadcaster.leave(sid, self._group)

    def lose(self, user_id: str) -> None:
        """Somebody is no longer in the trip: nobody waits for them to come back."""
        for sid in [sid for sid, owner in self._tabs.items() if owner == user_id]:
            self.leave(sid)
        if going := self._going.pop(user_id, None):
            going.cancel()
            self._say_here(user_id, False)
        self.tell_presence(user_id)
        self.tell_typing()

    def forget(self, sid: str) -> None:
        """A tab that had the room open is gone."""
        user_id = self._remove(sid)
        if user_id is None:
            return
        if self._typing.types_on(user_id, sid):
            self._typing.left(user_id, sid)
            self.tell_typing()
            if not any(self._typing.types_on(user_id, other) for other in self._tabs):
                hub.publish(hub.Types(WORKER_ID, self.room.trip_id, user_id, False))
        if user_id not in self._present:
            loop = asyncio.get_running_loop()
            self._going[user_id] = loop.call_later(AWAY_SECONDS, self._went_away, user_id)

    def _remove(self, sid: str) -> str | None:
        user_id = self._tabs.pop(sid, None)
        if user_id is not None:
            self._present[user_id] -= 1
            if not self._present[user_id]:
                del self._present[user_id]
        return user_id

    @property
    def people(self) -> Counter[str]:
        """Who has the room open on this worker: how many tabs, by user id."""
        return self._present

    def _went_away(self, user_id: str) -> None:
        del self._going[user_id]
        self._say_here(user_id, False)
        self.tell_presence(user_id)

    def _say_here(self, user_id: str, here: bool) -> None:
        hub.publish(hub.Here(WORKER_ID, self.room.trip_id, user_id, here))

    def tell_presence(self, user_id: str) -> None:
        """Somebody may have come or gone, on whatever worker."""
        here = any(user_id in each for each in (self._present, self._going, self._around.elsewhere))
        self.tell(self.room.present(user_id, here), PATIENCE_SECONDS)

    def types(self, sid: str) -> None:
        """A tab that has the room open says that keys are pressed."""
        if user_id := self._tabs.get(sid):
            self._typing.goes_on(user_id, sid, _now())
            self.tell_typing()
            hub.publish(hub.Types(WORKER_ID, self.room.trip_id, user_id, True))

    @property
    def typing_here(self) -> list[str]:
        """Who types in a tab of this worker."""
        now = _now()
        return [
            user_id
            for user_id in self._typing.user_ids(now)
            if any(self._typing.types_on(user_id, sid) for sid in self._tabs)
        ]

    def tell_typing(self) -> None:
        """Somebody may have begun to type or ended, on whatever worker."""
        self.tell(self.room.type(self._typing.user_ids(_now())), PATIENCE_SECONDS)
        if self._typing_ends is not None:
            self._typing_ends.cancel()
            self._typing_ends = None
        if (end := self._typing.next_end()) is not None:
            self._typing_ends = asyncio.get_running_loop().call_at(end, self.tell_typing)

    def tell(self, changed: Vars, patience: float = 0.0) -> None:
        """Send changed vars of the room to its tabs; with `patience`, in seconds, not at once."""
        # All read markers go one way, or an older one could arrive last.
        markers = {name: value for name, value in changed.items() if name.startswith("k_")}
        self._markers.put(markers)
        others = {name: changed[name] for name in changed.keys() - markers.keys()}
        self._channel.put(others, patience)

    def close(self) -> None:
        """Send nothing more."""
        self._channel.close()
        self._markers.close()
        if self._typing_ends is not None:
            self._typing_ends.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
