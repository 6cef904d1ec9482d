"""The rooms that are open on this worker, kept equal to the database by the hub's changes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tripchat import hub
from tripchat.cluster.workers import WORKER_ID
from tripchat.hub import (
    Asked,
    Change,
    Everybody,
    Here,
    MemberLeft,
    MembersChanged,
    MessageAdded,
    MessageChange,
    MessageChanged,
    PersonRenamed,
    Reacted,
    ReadMoved,
    TripChanged,
    TripErased,
    Types,
)
from tripchat.observability import metrics
from tripchat.realtime.around import Changed, Trips
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.open_room import AWAY_SECONDS, PATIENCE_SECONDS, OpenRoom
from tripchat.realtime.parts import in_parts
from tripchat.realtime.room import WINDOW, GapError, Room
from tripchat.realtime.tasks import Tasks
from tripchat.services import members, messages, receipts, trips

HOLD_SECONDS = 0.02
"""Several workers store in one trip, and their changes overtake each other on the way. One that is
early waits so long for those before it; then these are read from the database."""

ROOMS_TOGETHER = 20
"""So many are looked up at once when something may have been missed."""

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
        self._around = Trips()
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
        """The room of a trip, once it has all that is known to be missing; raises like `open`."""
        open_room = await self._opened(trip_id)
        if open_room.early:
            await self._fill(open_room, max(open_room.early))
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
        open_room = self._open[trip_id] = OpenRoom(
            room, self._around.of(trip_id), self._broadcaster, self._state
        )
        for change in backlog:
            self._apply(open_room, change)
        self._close_when_empty(open_room)
        return open_room

    def on_change(self, change: Change) -> None:
        """Take a change from the hub."""
        if isinstance(change, MessageAdded):
            self._note_sent(change)
        elif isinstance(change, MemberLeft):
            self._around.of(change.trip_id).lose(change.user_id)
        elif isinstance(change, Here | Types):
            self._note_around(change)
        elif isinstance(change, Everybody):
            self._note_everybody(change)
        elif isinstance(change, Asked):
            self._say_everybody()
        elif isinstance(change, TripErased):
            self._erase(change.trip_id)
        for trip_id in _trips_of(change):
            if open_room := self._open.get(trip_id):
                self._apply(open_room, change)
            elif opening := self._opening.get(trip_id):
                opening.backlog.append(change)

    def _erase(self, trip_id: str) -> None:
        """Nobody has the room open any more; what it holds goes at once."""
        if open_room := self._open.pop(trip_id, None):
            open_room.close()

    def _note_sent(self, added: MessageAdded) -> None:
        """A message reaches those who have its room open; its author types it no more."""
        author_id = added.message["author_id"]
        around = self._around.of(added.trip_id)
        open_room = self._open.get(added.trip_id)
        people = {*around.elsewhere, *(open_room.people if open_room else ())} - {author_id}
        receipts.reach(added.message["id"], len(people))
        around.typing.sent(author_id)
        if "broadcast_at" in added.message:
            receipts.heard(added.message["id"], added.message["broadcast_at"])

    def _apply(self, open_room: OpenRoom, change: Change) -> None:
        if isinstance(change, MessageAdded | MessageChanged | Reacted):
            self._apply_next(open_room, change)
        elif isinstance(change, ReadMoved):
            open_room.tell(open_room.room.read(change.user_id, change.seq))
        elif isinstance(change, MemberLeft):
            open_room.lose(change.user_id)
        elif isinstance(change, TripChanged):
            self._tasks.run(self._describe(open_room))
        else:
            self._tasks.run(self._seat(open_room))

    def _apply_next(self, open_room: OpenRoom, change: MessageChange) -> None:
        """Take a change of a message, and those that waited for it."""
        room, early = open_room.room, open_room.early
        if isinstance(change, MessageAdded):
            open_room.tell_typing()
        try:
            open_room.tell(room.apply(change), _patience(change))
        except GapError as gap:
            early[gap.rev] = change
            self._tasks.run(self._fill(open_room, gap.rev))
            return
        self._apply_early(open_room)

    def _apply_early(self, open_room: OpenRoom) -> None:
        room, early = open_room.room, open_room.early
        while change := early.pop(room.last_rev + 1, None):
            open_room.tell(room.apply(change), _patience(change))

    # Who is around on other workers.

    def _note_around(self, change: Here | Types) -> None:
        if change.worker_id == WORKER_ID:
            return
        around = self._around.of(change.trip_id)
        if isinstance(change, Here):
            around.put(change.user_id, change.worker_id, change.here)
        elif change.there:
            around.typing.goes_on(change.user_id, change.worker_id, _now())
        else:
            around.typing.left(change.user_id, change.worker_id)
        self._tell_around({change.trip_id: {change.user_id}})

    def _note_everybody(self, change: Everybody) -> None:
        if change.worker_id != WORKER_ID:
            everybody = change.here, change.typing
            self._tell_around(self._around.replace(change.worker_id, *everybody, _now()))

    def _say_everybody(self) -> None:
        rooms = {trip_id: each for trip_id, each in self._open.items() if not each.is_empty}
        here = {trip_id: list(each.people) for trip_id, each in rooms.items()}
        typing = {trip_id: there for trip_id, each in rooms.items() if (there := each.typing_here)}
        hub.publish(Everybody(WORKER_ID, here, typing))

    def worker_gone(self, worker_id: str) -> None:
        """Another worker is there no more; whoever comes to a new one in time was never away."""
        gone = self._around.gone(worker_id)
        asyncio.get_running_loop().call_later(AWAY_SECONDS, self._tell_around, gone)

    def _tell_around(self, changed: Changed) -> None:
        for trip_id, user_ids in changed.items():
            if open_room := self._open.get(trip_id):
                for user_id in user_ids:
                    open_room.tell_presence(user_id)
                open_room.tell_typing()

    # Read from the database one after the other: what is read last is told last.

    async def _fill(self, open_room: OpenRoom, rev: int) -> None:
        """Give what is missing before `rev` a moment, and then read it: it is never guessed."""
        await asyncio.sleep(HOLD_SECONDS)
        await self._read_upto(open_room, rev)

    async def _read_upto(self, open_room: OpenRoom, rev: int) -> None:
        """Read what is missing up to `rev`, if it still is."""
        room, early = open_room.room, open_room.early
        async with open_room.reading:
            if room.last_rev < rev:
                missed = await messages.changed(room.trip_id, room.last_rev)
                metrics.caught_up.inc(len(missed))
                for message in missed:
                    open_room.tell(room.take(message))
                for known in [known for known in early if known <= room.last_rev]:
                    open_room.tell(room.apply(early.pop(known)))
                self._apply_early(open_room)

    async def catch_up(self) -> None:
        """Read what the open rooms may have missed."""
        metrics.catch_ups.inc()
        self._around.forget(_now(), self._open)
        for some in in_parts(list(self._open.values()), ROOMS_TOGETHER):
            trip_ids = [each.room.trip_id for each in some]
            last_revs: dict[str, int] = {}
            async with AsyncExitStack() as reading:
                for each in some:
                    await reading.enter_async_context(each.reading)
                found = await trips.describe_all(trip_ids)
                seated = await members.members_of(trip_ids)
                for each in some:
                    if each.room.trip_id not in found:
                        self._erase(each.room.trip_id)
                        continue
                    trip, last_revs[each.room.trip_id] = found[each.room.trip_id]
                    each.tell(each.room.describe(trip))
                    each.tell(each.room.seat(seated.get(each.room.trip_id, [])))
            for each in some:
                if each.room.trip_id in last_revs:
                    await self._read_upto(each, last_revs[each.room.trip_id])
                    await self._date(each)

    async def _date(self, open_room: OpenRoom) -> None:
        """Messages that were read early have to be told when they were broadcast."""
        if undated := open_room.room.undated:
            for message_id, moment in (await receipts.written(list(undated))).items():
                open_room.tell(open_room.room.date(undated[message_id], moment))

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
    """The trips whose rooms have to follow a change."""
    if isinstance(change, PersonRenamed):
        return change.trip_ids
    return (change.trip_id,) if isinstance(change, _OF_ONE_TRIP) else ()


_OF_ONE_TRIP = (
    *(MessageAdded, MessageChanged, Reacted),
    *(MembersChanged, MemberLeft, ReadMoved, TripChanged),
)


def _patience(change: MessageChange) -> float:
    return PATIENCE_SECONDS if isinstance(change, Reacted) else 0


def _now() -> float:
    return asyncio.get_running_loop().time()
