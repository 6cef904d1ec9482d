"""Trip lists that stay true while one looks at something else.

What a list shows of a trip is the same for all its members, so it is one delta for everybody who
has the trip in a list; how far each has read and how often they are named beyond that is that
person's alone. The vars are named after the trip, and are null when the list was read after them:

    t_<trip_id>   its newest message
    d_<trip_id>   its title, destination, days and number of members
    r_<trip_id>   a read marker
    n_<trip_id>   the number of unread messages that name the person
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from weakref import WeakValueDictionary

from tripchat.hub import (
    Change,
    MembersChanged,
    MessageAdded,
    MessageChanged,
    PersonRenamed,
    ReadMoved,
    TripChanged,
)
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.open_room import room_group
from tripchat.realtime.parts import in_parts
from tripchat.realtime.room import Vars
from tripchat.realtime.rooms import Rooms
from tripchat.realtime.tabs import Tab
from tripchat.realtime.tasks import Tasks
from tripchat.services import opening, reading, trips
from tripchat.services.reading import Standing
from tripchat.services.trips import Summary


def list_group(trip_id: str) -> str:
    """The tabs that show this trip in a list and do not have it open."""
    return f"list:{trip_id}"


def user_group(user_id: str) -> str:
    """The tabs of one person."""
    return f"user:{user_id}"


def _groups(trip_id: str) -> tuple[str, str]:
    """All tabs that show a trip in a list."""
    return list_group(trip_id), room_group(trip_id)


class TripLists:
    """Tells each trip's news to the lists that it stands in."""

    def __init__(self, broadcaster: Broadcaster, rooms: Rooms, state: str) -> None:
        """`state` is the full name of the Reflex state that holds the list."""
        self._broadcaster = broadcaster
        self._rooms = rooms
        self._state = state
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._summaries: dict[str, Summary] = {}
        """What the lists here show of each trip, or something older."""
        self._standings: dict[str, dict[str, Standing]] = {}
        """What they show of each person's own, by user id and trip id."""
        self._tasks = Tasks("a trip list could not follow a change")

    def on_change(self, change: Change) -> None:
        """Take a change from the hub, after the rooms did."""
        if isinstance(change, MessageAdded | MessageChanged):
            self._tell_message(change)
        elif isinstance(change, ReadMoved):
            if self._broadcaster.has(user_group(change.user_id)):
                self._tasks.run(self._tell_read(change))
        elif isinstance(change, PersonRenamed):
            for trip_id in filter(self._is_listed, change.trip_ids):
                self._tasks.run(self._tell_newest(trip_id))
        elif isinstance(change, TripChanged | MembersChanged):
            groups = _groups(change.trip_id)
            if any(map(self._broadcaster.has, groups)):
                self._tasks.run(self._tell_trip(change.trip_id, groups))

    def _is_listed(self, trip_id: str) -> bool:
        return self._broadcaster.has(list_group(trip_id))

    def _tell_message(self, change: MessageAdded | MessageChanged) -> None:
        if self._is_listed(change.trip_id):
            self._tasks.run(self._tell_newest(change.trip_id, change.message["seq"]))
        named = set(change.message["body"].get("mentions", ()))
        if isinstance(change, MessageChanged):
            named |= change.named_before
        for user_id in named:
            if self._broadcaster.has(user_group(user_id)):
                self._tasks.run(self._tell_mentions(change.trip_id, user_id))

    async def _tell_newest(self, trip_id: str, changed_seq: int | None = None) -> None:
        """Tell a trip's newest message, unless only an older one has changed."""
        room = await self._rooms.settled(trip_id)
        message = room.newest()
        if message is None or (changed_seq is not None and changed_seq < message["seq"]):
            return
        newest = {
            "last_seq": message["seq"],
            "last_rev": message["rev"],
            "last_at": message["sent_at"],
            "last_author_id": message["author_id"],
            "last_author": room.name_of(message["author_id"]),
            "last_line": opening.line_of(message),
        }
        await self._send({f"t_{trip_id}": newest}, list_group(trip_id))

    async def _tell_trip(self, trip_id: str, groups: tuple[str, ...]) -> None:
        room = await self._rooms.settled(trip_id)
        for group in groups:
            await self._send({f"d_{trip_id}": room.card()}, group)

    async def _tell_read(self, change: ReadMoved) -> None:
        async with self._turn_of(change.user_id):
            room = self._rooms.get(change.trip_id)
            at_end = room is not None and change.seq >= room.last_seq
            count = 0 if at_end else await reading.unread_mentions(change.user_id, change.trip_id)
            await self._tell_standing(change.user_id, change.trip_id, Standing(change.seq, count))

    async def _tell_mentions(self, trip_id: str, user_id: str) -> None:
        async with self._turn_of(user_id):
            count = await reading.unread_mentions(user_id, trip_id)
            self._note_standing(user_id, trip_id, mentions=count)
            await self._send({f"n_{trip_id}": count}, user_group(user_id))

    async def _tell_standing(self, user_id: str, trip_id: str, standing: Standing) -> None:
        self._note_standing(user_id, trip_id, **standing._asdict())
        told = {f"r_{trip_id}": standing.read_seq, f"n_{trip_id}": standing.mentions}
        await self._send(told, user_group(user_id))

    def _note_standing(self, user_id: str, trip_id: str, **changed: int) -> None:
        standings = self._standings.get(user_id, {})
        if trip_id in standings:
            standings[trip_id] = standings[trip_id]._replace(**changed)

    def _turn_of(self, user_id: str) -> asyncio.Lock:
        """Held while something of one person's lists is read and told: read last is told last."""
        return self._turns.setdefault(user_id, asyncio.Lock())

    async def _send(self, changed: Vars, group: str) -> None:
        await self._broadcaster.send(self._state, changed, group)

    async def load(self, tab: Tab) -> None:
        """Send a tab its person's list and let it hear of every change from now on.

        The tab hears first and the list is read afterwards: a message that comes in between is
        in both, never in neither.
        """
        assert tab.identity is not None
        user_id = tab.identity.user_id
        async with self._turn_of(user_id):
            tab.has_list = tab.awaits_list = True
            losses = tab.losses.copy()
            trip_ids = await trips.ids_of(user_id)
            await self._hear(
                tab, {each for each in trip_ids if not tab.has_lost(each, losses[each])}
            )
            if new := trip_ids - self._summaries.keys():
                self._summaries = await trips.summaries(list(new)) | self._summaries
            cards = await trips.mine(user_id)
            self._standings[user_id] = {
                card["trip_id"]: Standing(card["read_seq"], card["mentions"]) for card in cards
            }
            counts = {f"n_{card['trip_id']}": card["mentions"] for card in cards}
            await self._send({"cards": cards} | counts, tab.sid)
            tab.awaits_list = False

    async def _hear(self, tab: Tab, trip_ids: set[str]) -> None:
        """Let a tab hear of exactly these trips; the one it has open tells it more already."""
        new = trip_ids - tab.listed
        for trip_id in tab.listed - (trip_ids - {tab.trip_id}):
            self.lose(tab, trip_id)
        for trip_id in new - {tab.trip_id}:
            self._broadcaster.join(tab.sid, list_group(trip_id))
            tab.listed.add(trip_id)
        # What it heard of them long ago must not stand above what is read now.
        if old := {f"{var}_{trip_id}": None for var in "td" for trip_id in new}:
            await self._send(old, tab.sid)

    def lose(self, tab: Tab, trip_id: str) -> None:
        """Let a tab hear of this trip no more."""
        tab.listed.discard(trip_id)
        self._broadcaster.leave(tab.sid, list_group(trip_id))

    # What was missed.

    async def catch_up(self) -> None:
        """Read what the lists may have missed of the trips in them."""
        listed = {
            trip_id
            for trip_id in self._summaries
            if any(map(self._broadcaster.has, _groups(trip_id)))
        }
        for trip_id in self._summaries.keys() - listed:
            del self._summaries[trip_id]
        for some in in_parts(listed):
            for trip_id, summary in (await trips.summaries(some)).items():
                known = self._summaries.get(trip_id)
                self._summaries[trip_id] = summary
                if known is None or known.newest != summary.newest:
                    await self._tell_newest(trip_id)
                if known is None or known.description != summary.description:
                    await self._tell_trip(trip_id, _groups(trip_id))

    async def catch_up_with(self, user_id: str, found: dict[str, Standing]) -> None:
        """Tell a person's tabs what has changed of their own, where that is not known yet."""
        known = self._standings.get(user_id, {})
        for trip_id in [each for each in found if each in known and known[each] != found[each]]:
            async with self._turn_of(user_id):
                # Read again: what was read before this turn may be older than what was told.
                now = (await reading.standings([user_id]))[user_id].get(trip_id)
                if now is not None:
                    await self._tell_standing(user_id, trip_id, now)

    def forget_people(self, here: Container[str]) -> None:
        """Forget all who have no tab here any more."""
        for user_id in [each for each in self._standings if each not in here]:
            del self._standings[user_id]

    async def stop(self) -> None:
        """Let what is still being told end."""
        await self._tasks.stop()
