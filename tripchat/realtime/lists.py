"""Trip lists that stay true while one looks at something else.

A trip's summary (newest message, when, by whom) is the same for all its members, so it is one
delta for everybody who has the trip in a list; how far each has read is that person's alone. The
vars are named after the trip: `t_<trip_id>` a summary, `r_<trip_id>` a read marker.
"""

from __future__ import annotations

from tripchat.hub import Change, MessageAdded, ReadMoved
from tripchat.kinds.registry import kind
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.room import Vars
from tripchat.realtime.rooms import Rooms
from tripchat.realtime.tabs import Tab
from tripchat.services import trips
from tripchat.views import MessageView


def list_group(trip_id: str) -> str:
    """The tabs that show this trip in a list and do not have it open."""
    return f"list:{trip_id}"


def user_group(user_id: str) -> str:
    """The tabs of one person."""
    return f"user:{user_id}"


class TripLists:
    """Sends each trip's newest message to the lists that it stands in."""

    def __init__(self, broadcaster: Broadcaster, rooms: Rooms, state: str) -> None:
        """`state` is the full name of the Reflex state that holds the list."""
        self._broadcaster = broadcaster
        self._rooms = rooms
        self._state = state

    def wants(self, change: Change) -> bool:
        """Whether a change is news to any list on this worker."""
        if isinstance(change, MessageAdded):
            return self._broadcaster.has(list_group(change.trip_id))
        return isinstance(change, ReadMoved) and self._broadcaster.has(user_group(change.user_id))

    async def tell(self, change: MessageAdded | ReadMoved) -> None:
        """Send a change that is wanted."""
        if isinstance(change, ReadMoved):
            marker = {f"r_{change.trip_id}": change.seq}
            await self._broadcaster.send(self._state, marker, user_group(change.user_id))
        else:
            summary = {f"t_{change.trip_id}": await self._summary(change.message, change.trip_id)}
            await self._broadcaster.send(self._state, summary, list_group(change.trip_id))

    async def _summary(self, message: MessageView, trip_id: str) -> Vars:
        room = await self._rooms.open(trip_id)
        return {
            "last_seq": message["seq"],
            "last_at": message["sent_at"],
            "last_author_id": message["author_id"],
            "last_author": room.name_of(message["author_id"]),
            "last_line": kind(message["kind"]).line(message["body"]),
        }

    async def load(self, tab: Tab) -> None:
        """Send a tab its person's list and let it hear of every change from now on.

        The tab hears first and the list is read afterwards: a message that comes in between is
        in both, never in neither.
        """
        assert tab.identity is not None
        user_id = tab.identity.user_id
        # One after the other: of two lists on their way, the older must not arrive last.
        async with tab.list_lock:
            losses = tab.losses.copy()
            trip_ids = await trips.ids_of(user_id)
            self._hear(tab, {each for each in trip_ids if not tab.has_lost(each, losses[each])})
            cards = await trips.mine(user_id)
            await self._broadcaster.send(self._state, {"cards": cards}, tab.sid)

    def _hear(self, tab: Tab, trip_ids: set[str]) -> None:
        """Let a tab hear of exactly these trips; the one it has open tells it more already."""
        wanted = trip_ids - {tab.trip_id}
        for trip_id in tab.listed - wanted:
            self.lose(tab, trip_id)
        for trip_id in wanted - tab.listed:
            self._broadcaster.join(tab.sid, list_group(trip_id))
        tab.listed = wanted

    def lose(self, tab: Tab, trip_id: str) -> None:
        """Let a tab hear of this trip no more."""
        tab.listed.discard(trip_id)
        self._broadcaster.leave(tab.sid, list_group(trip_id))
