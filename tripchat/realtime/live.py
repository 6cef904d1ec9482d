"""One worker's live side, assembled: who is connected, which rooms are open, who hears what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tripchat import hub
from tripchat.hub import Change, MessageAdded, ReadMoved, SessionEnded, TripsChanged
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.lists import TripLists, user_group
from tripchat.realtime.rooms import Rooms
from tripchat.realtime.tabs import Tab, Tabs
from tripchat.realtime.tasks import Tasks
from tripchat.services import sessions, trips


class Live:
    """What the state handlers use; there is one per worker."""

    def __init__(
        self, broadcaster: Broadcaster, *, room_state: str, list_state: str, session_state: str
    ) -> None:
        """The full names of the states that show rooms, lists and who is signed in."""
        self.broadcaster = broadcaster
        self.tabs = Tabs()
        self.rooms = Rooms(broadcaster, room_state)
        self.lists = TripLists(broadcaster, self.rooms, list_state)
        self._room_state = room_state
        self._session_state = session_state
        self._tasks = Tasks("a change did not reach all tabs")

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Take the hub's changes; at the end nothing is under way any more."""
        stop = hub.subscribe(self._on_change)
        try:
            yield
        finally:
            stop()
            await self._tasks.stop()
            await self.rooms.stop()

    def _on_change(self, change: Change) -> None:
        self.rooms.on_change(change)
        if isinstance(change, MessageAdded | ReadMoved) and self.lists.wants(change):
            self._tasks.run(self.lists.tell(change))
        if isinstance(change, SessionEnded):
            self._tasks.run(self._end_session(change.session_id))
        elif isinstance(change, TripsChanged):
            self._tasks.run(self._refresh_trips(change.user_id))

    async def identify(self, sid: str, session_token: str | None) -> Tab:
        """The tab of a socket; whose it is, is looked up once, from its handshake's cookie."""
        if (tab := self.tabs.get(sid)) is not None:
            return tab
        identity = await sessions.identify(session_token) if session_token else None
        if not self.broadcaster.connected(sid):
            # Its last events are still worked off, but nobody would ever take it off the list.
            return Tab(sid, identity)
        tab = self.tabs.get(sid) or self.tabs.add(sid, identity)
        if identity is not None:
            await self.broadcaster.join(sid, user_group(identity.user_id))
        return tab

    async def enter(self, tab: Tab, trip_id: str) -> None:
        """Open a trip in a tab whose person may see it, and close the one it had open."""
        if tab.trip_id not in (None, trip_id):
            await self.leave(tab)
        seen = tab.hydrated[1] if tab.hydrated and tab.hydrated[0] == trip_id else None
        tab.hydrated = None
        tab.trip_id = trip_id
        assert tab.identity is not None
        await self.rooms.enter(tab.sid, tab.identity.user_id, trip_id, seen)

    async def leave(self, tab: Tab) -> None:
        """Close the trip that a tab has open."""
        trip_id, tab.trip_id = tab.trip_id, None
        if trip_id is not None:
            await self.rooms.leave(tab.sid, trip_id)

    def dropped(self, sid: str) -> None:
        """A connection has ended."""
        tab = self.tabs.remove(sid)
        if tab is not None and tab.trip_id is not None:
            self.rooms.forget(sid, tab.trip_id)

    async def _end_session(self, session_id: str) -> None:
        for tab in self.tabs.of_session(session_id):
            nobody = {"user_id": "", "name": "", "email": ""}
            await self.broadcaster.send(self._session_state, nobody, tab.sid)
            await self.broadcaster.disconnect(tab.sid)

    async def _refresh_trips(self, user_id: str) -> None:
        """Someone joined or left a trip: their lists follow, and closed trips close."""
        tabs = self.tabs.of_user(user_id)
        if not tabs:
            return
        trip_ids = await trips.ids_of(user_id)
        for tab in tabs:
            if tab.trip_id is not None and tab.trip_id not in trip_ids:
                await self.leave(tab)
                await self.broadcaster.send(self._room_state, {"problem": "not-a-member"}, tab.sid)
        for tab in tabs:
            await self.lists.load(tab)


_live: Live | None = None


def use(live: Live) -> None:
    """Make this the worker's live side."""
    global _live
    _live = live


def live() -> Live:
    """The worker's live side."""
    if _live is None:
        raise RuntimeError("the live side is used before the app was assembled")
    return _live
