"""The rooms that are open on this worker, kept equal to the database by the hub's changes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tripchat.hub import Change, MembersChanged, MessageAdded
from tripchat.realtime.broadcast import Broadcaster, Channel
from tripchat.realtime.room import WINDOW, GapError, Room
from tripchat.realtime.tasks import Tasks
from tripchat.services import members, messages, trips

KEEP_EMPTY_SECONDS = 60.0
"""How long a room without tabs stays open: a reload should find it."""


def room_group(trip_id: str) -> str:
    """The group of tabs that have this trip open."""
    return f"trip:{trip_id}"


@dataclass
class OpenRoom:
    """A room, its channel to the tabs, and the changes that came while it was loading."""

    channel: Channel
    loading: asyncio.Task[Room] | None = None
    room: Room | None = None
    backlog: list[Change] = field(default_factory=list)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the trip and its members are read anew."""
    tabs: dict[str, str] = field(default_factory=dict)
    """Socket id -> user id of the tabs that have the room open."""


class Rooms:
    """Opens rooms on demand and feeds them every change of their trip, in order."""

    def __init__(self, broadcaster: Broadcaster, state: str) -> None:
        """`state` is the full name of the Reflex state whose vars the rooms are."""
        self._broadcaster = broadcaster
        self._state = state
        self._open: dict[str, OpenRoom] = {}
        self._tasks = Tasks("a room could not follow its trip")

    def __len__(self) -> int:
        return len(self._open)

    def get(self, trip_id: str) -> Room | None:
        """The room if it is open and loaded."""
        entry = self._open.get(trip_id)
        return entry.room if entry else None

    async def open(self, trip_id: str) -> Room:
        """The room of a trip, loaded from the database when it is not open yet.

        Raises:
            NotFound: there is no such trip.
        """
        entry = self._open.get(trip_id)
        if entry is None:
            channel = Channel(self._broadcaster, self._state, room_group(trip_id))
            entry = self._open[trip_id] = OpenRoom(channel)
            entry.loading = asyncio.create_task(self._load(trip_id, entry))
        if entry.room is not None:
            return entry.room
        assert entry.loading is not None
        # Shielded: one tab that goes away while it waits must not take the others' room along.
        return await asyncio.shield(entry.loading)

    async def _load(self, trip_id: str, entry: OpenRoom) -> Room:
        try:
            room = Room(
                await trips.describe(trip_id),
                await members.members(trip_id),
                await messages.newest(trip_id, WINDOW),
            )
        except BaseException:
            del self._open[trip_id]
            raise
        entry.room = room
        entry.loading = None
        backlog, entry.backlog = entry.backlog, []
        for change in backlog:
            self._apply(entry, room, change)
        self._close_when_empty(trip_id)
        return room

    def on_change(self, change: Change) -> None:
        """Take a change from the hub."""
        if not isinstance(change, MessageAdded | MembersChanged):
            return
        entry = self._open.get(change.trip_id)
        if entry is None:
            return
        if entry.room is None:
            entry.backlog.append(change)
        else:
            self._apply(entry, entry.room, change)

    def _apply(self, entry: OpenRoom, room: Room, change: Change) -> None:
        if isinstance(change, MessageAdded):
            try:
                entry.channel.put(room.add(change.message))
            except GapError as gap:
                self._tasks.run(self._fill(entry, room, gap))
        else:
            self._tasks.run(self._describe(entry, room))

    async def _fill(self, entry: OpenRoom, room: Room, gap: GapError) -> None:
        """Read what is missing from the database: it is never guessed."""
        for message in await messages.between(room.trip_id, gap.last_seq, gap.seq):
            if message["seq"] == room.last_seq + 1:
                entry.channel.put(room.add(message))

    async def _describe(self, entry: OpenRoom, room: Room) -> None:
        # One after the other: of two descriptions on their way, the older must not arrive last.
        async with entry.reading:
            trip = await trips.describe(room.trip_id)
            entry.channel.put(room.describe(trip, await members.members(room.trip_id)))

    async def enter(self, sid: str, user_id: str, trip_id: str, seen: int | None) -> None:
        """Let a person's tab hear the room from now on, and send it what it has not got yet.

        `seen` is the room's version that the tab was hydrated with; None when it has nothing.
        """
        room = await self.open(trip_id)
        if not self._broadcaster.connected(sid):
            return  # it went away while the room was loading
        entry = self._open[trip_id]
        entry.tabs[sid] = user_id
        self._broadcaster.join(sid, room_group(trip_id))
        is_behind = seen != room.version
        entry.channel.put(room.present(user_id, True))
        if is_behind:
            await self._broadcaster.send(self._state, room.snapshot(), to=sid)

    def leave(self, sid: str, trip_id: str) -> None:
        """Let a tab hear the room no more."""
        self.forget(sid, trip_id)
        self._broadcaster.leave(sid, room_group(trip_id))

    def forget(self, sid: str, trip_id: str) -> None:
        """A tab that had the room open is gone."""
        if entry := self._open.get(trip_id):
            user_id = entry.tabs.pop(sid, None)
            if entry.room is not None and user_id is not None:
                here = user_id in entry.tabs.values()
                entry.channel.put(entry.room.present(user_id, here))
            self._close_when_empty(trip_id)

    def _close_when_empty(self, trip_id: str) -> None:
        entry = self._open[trip_id]
        if not entry.tabs:
            asyncio.get_running_loop().call_later(
                KEEP_EMPTY_SECONDS, self._close_if_empty, trip_id, entry
            )

    def _close_if_empty(self, trip_id: str, entry: OpenRoom) -> None:
        if self._open.get(trip_id) is entry and not entry.tabs and entry.room is not None:
            entry.channel.close()
            del self._open[trip_id]

    async def stop(self) -> None:
        """Let what rooms are still reading end."""
        await self._tasks.stop()
