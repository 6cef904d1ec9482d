"""The rooms that are open on this worker, kept equal to the database by the hub's changes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tripchat.hub import (
    Change,
    MemberLeft,
    MessageAdded,
    MessageChanged,
    PersonRenamed,
    Reacted,
    ReadMoved,
    SessionEnded,
    TripChanged,
    TripsChanged,
)
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.open_room import PATIENCE_SECONDS, OpenRoom
from tripchat.realtime.room import WINDOW, GapError, Room
from tripchat.realtime.tasks import Tasks
from tripchat.services import members, messages, receipts, trips

KEEP_EMPTY_SECONDS = 60.0
"""How long a room without tabs stays open: a reload should find it."""


@dataclass
class _Opening:
    """A room that is being loaded, and the changes that came meanwhile."""

    loading: asyncio.Task[OpenRoom]
    backlog: list[Change] = field(default_factory=list)


class Rooms:
    """Opens rooms on demand and feeds them every change of their trip, in order."""

    def __init__(self, broadcaster: Broadcaster, state: str) -> None:
        """`state` is the full name of the Reflex state whose vars the rooms are."""
        self._broadcaster = broadcaster
        self._state = state
        self._open: dict[str, OpenRoom] = {}
        self._opening: dict[str, _Opening] = {}
        self._tasks = Tasks("a room could not follow its trip")

    def __len__(self) -> int:
        return len(self._open)

    def get(self, trip_id: str) -> Room | None:
        """The room if it is open and loaded."""
        open_room = self._open.get(trip_id)
        return open_room.room if open_room else None

    async def open(self, trip_id: str) -> Room:
        """The room of a trip, loaded from the database when it is not open yet.

        Raises:
            NotFound: there is no such trip.
        """
        return (await self._opened(trip_id)).room

    async def settled(self, trip_id: str) -> Room:
        """The room of a trip, once it has all that it is reading anew; raises like `open`."""
        open_room = await self._opened(trip_id)
        async with open_room.reading:
            return open_room.room

    async def _opened(self, trip_id: str) -> OpenRoom:
        if open_room := self._open.get(trip_id):
            return open_room
        opening = self._opening.get(trip_id)
        if opening is None:
            opening = _Opening(asyncio.create_task(self._load(trip_id)))
            self._opening[trip_id] = opening
        # Shielded: one tab that goes away while it waits must not take the others' room along.
        return await asyncio.shield(opening.loading)

    async def _load(self, trip_id: str) -> OpenRoom:
        try:
            trip = await trips.describe(trip_id)
            last_rev, newest = await messages.window(trip_id, WINDOW)
            room = Room(trip, await members.members(trip_id), newest, last_rev)
        finally:
            backlog = self._opening.pop(trip_id).backlog
        open_room = self._open[trip_id] = OpenRoom(room, self._broadcaster, self._state)
        for change in backlog:
            self._apply(open_room, change)
        self._close_when_empty(open_room)
        return open_room

    def on_change(self, change: Change) -> None:
        """Take a change from the hub."""
        if isinstance(change, MessageAdded):
            self._note_reached(change)
        for trip_id in _trips_of(change):
            if open_room := self._open.get(trip_id):
                self._apply(open_room, change)
            elif opening := self._opening.get(trip_id):
                opening.backlog.append(change)

    def _note_reached(self, added: MessageAdded) -> None:
        """A message reaches those who have its room open."""
        open_room = self._open.get(added.trip_id)
        people = open_room.others(added.message["author_id"]) if open_room else 0
        receipts.reach(added.message["id"], people)

    def _apply(self, open_room: OpenRoom, change: Change) -> None:
        if isinstance(change, MessageAdded | MessageChanged | Reacted):
            if isinstance(change, MessageAdded):
                open_room.sent(change.message["author_id"])
            try:
                changed = open_room.room.apply(change)
                open_room.tell(changed, PATIENCE_SECONDS if isinstance(change, Reacted) else 0)
            except GapError as gap:
                self._tasks.run(self._catch_up(open_room, gap.rev))
        elif isinstance(change, ReadMoved):
            open_room.tell(open_room.room.read(change.user_id, change.seq))
        elif isinstance(change, MemberLeft):
            open_room.lose(change.user_id)
        elif isinstance(change, TripChanged):
            self._tasks.run(self._describe(open_room))
        else:
            self._tasks.run(self._seat(open_room))

    # Read from the database one after the other: what is read last is told last.

    async def _catch_up(self, open_room: OpenRoom, rev: int) -> None:
        """Read what is missing up to `rev`: it is never guessed."""
        room = open_room.room
        async with open_room.reading:
            if room.last_rev < rev:
                for message in await messages.changed(room.trip_id, room.last_rev):
                    open_room.tell(room.take(message))

    async def _describe(self, open_room: OpenRoom) -> None:
        room = open_room.room
        async with open_room.reading:
            open_room.tell(room.describe(await trips.describe(room.trip_id)))

    async def _seat(self, open_room: OpenRoom) -> None:
        room = open_room.room
        async with open_room.reading:
            open_room.tell(room.seat(await members.members(room.trip_id)))

    async def enter(self, sid: str, user_id: str, trip_id: str, seen: int | None) -> None:
        """Let a person's tab hear the room from now on, and send it what it has not got yet.

        `seen` is the room's version that the tab was hydrated with; None when it has nothing.
        """
        open_room = await self._opened(trip_id)
        if self._broadcaster.connected(sid):  # it may have gone while the room was loading
            await open_room.enter(sid, user_id, seen)

    def leave(self, sid: str, trip_id: str) -> None:
        """Let a tab hear the room no more."""
        if open_room := self._open.get(trip_id):
            open_room.leave(sid)
            self._close_when_empty(open_room)

    def forget(self, sid: str, trip_id: str) -> None:
        """A tab that had the room open is gone."""
        if open_room := self._open.get(trip_id):
            open_room.forget(sid)
            self._close_when_empty(open_room)

    def types(self, sid: str, trip_id: str) -> None:
        """Keys are pressed in a tab that has the room open."""
        if open_room := self._open.get(trip_id):
            open_room.types(sid)

    def _close_when_empty(self, open_room: OpenRoom) -> None:
        if open_room.is_empty:
            asyncio.get_running_loop().call_later(
                KEEP_EMPTY_SECONDS, self._close_if_empty, open_room
            )

    def _close_if_empty(self, open_room: OpenRoom) -> None:
        trip_id = open_room.room.trip_id
        if self._open.get(trip_id) is open_room and open_room.is_empty:
            open_room.close()
            del self._open[trip_id]

    async def stop(self) -> None:
        """Let what rooms are still reading end."""
        await self._tasks.stop()


def _trips_of(change: Change) -> tuple[str, ...]:
    """The trips whose rooms a change is about."""
    if isinstance(change, PersonRenamed):
        return change.trip_ids
    return () if isinstance(change, TripsChanged | SessionEnded) else (change.trip_id,)
