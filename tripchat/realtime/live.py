"""One worker's live side, assembled: who is connected, which rooms are open, who hears what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tripchat import db, hub
from tripchat.cluster.workers import workers
from tripchat.errors import NotSignedIn
from tripchat.hub import (
    Change,
    MemberLeft,
    Missed,
    PersonRenamed,
    SessionEnded,
    TripsChanged,
)
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.catching_up import CatchingUp
from tripchat.realtime.lists import TripLists, user_group
from tripchat.realtime.room import Vars
from tripchat.realtime.rooms import Rooms
from tripchat.realtime.session_watch import SessionWatch
from tripchat.realtime.tabs import Opening, Tab, Tabs
from tripchat.realtime.tasks import Tasks
from tripchat.services import sessions, trips
from tripchat.services.sessions import Identity

RENEWAL_SECONDS = 0.5
"""How long a browser that gets another session may take to connect with that by itself."""


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
        self._catching_up = CatchingUp(self.tabs, self.rooms, self.lists)
        self._session_watch = SessionWatch(self.tabs)
        self._room_state = room_state
        self._session_state = session_state
        self._tasks = Tasks("a change did not reach all tabs")
        self._identities_changed = 0

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Take the hub's changes; at the end nothing is under way any more."""
        stop = hub.subscribe(self._on_change)
        workers.on_gone(self.rooms.worker_gone)
        stop_recovering = db.on_back(lambda: self._tasks.run(self._recover()))
        watching = asyncio.create_task(self._session_watch.run())
        try:
            yield
        finally:
            watching.cancel()
            stop_recovering()
            stop()
            await self._tasks.stop()
            await self.lists.stop()
            await self.rooms.stop()

    def _on_change(self, change: Change) -> None:
        self.rooms.on_change(change)
        self.lists.on_change(change)
        if isinstance(change, MemberLeft):
            self._lose(change.trip_id, change.user_id)
        elif isinstance(change, PersonRenamed):
            self._identities_changed += 1
            self._rename(change.user_id, change.name)
        elif isinstance(change, SessionEnded):
            self._identities_changed += 1
            self._silence(change.session_id)
            self._tasks.run(self._end_session(change))
        elif isinstance(change, Missed):
            self._tasks.run(self._catching_up.catch_up())
        elif isinstance(change, TripsChanged):
            self._tasks.run(self._refresh_trips(change.user_id))

    async def identify(self, sid: str, session_token: str | None) -> Tab:
        """The tab of a socket; whose it is, is looked up once, from its handshake's cookie."""
        if (tab := self.tabs.get(sid)) is not None:
            return tab
        identity = await self._identity(session_token)
        if not self.broadcaster.connected(sid):
            # Its last events are still worked off, but nobody would ever take it off the list.
            return Tab(sid, identity)
        tab = self.tabs.get(sid) or self.tabs.add(sid, identity)
        if identity is not None:
            self.broadcaster.join(sid, user_group(identity.user_id))
        return tab

    async def _identity(self, session_token: str | None) -> Identity | None:
        """Whose session this is; looked up again when that may have changed meanwhile."""
        while True:
            changed = self._identities_changed
            identity = await sessions.identify(session_token)
            if changed == self._identities_changed:
                return identity

    async def admit(self, tab: Tab, trip_id: str) -> None:
        """Look up whether a tab may open a trip, and have the room ready for it.

        Raises NotSignedIn, NotFound or NotAMember.
        """
        tab.opening = None
        if tab.identity is None:
            raise NotSignedIn("Sign in first.")
        losses = tab.losses[trip_id]
        await trips.get(tab.identity.user_id, trip_id)
        await self.rooms.open(trip_id)
        tab.opening = Opening(trip_id, losses)

    def hydrate(self, tab: Tab) -> Vars:
        """The vars of the trip that a tab was admitted to, for its hydrate."""
        opening = tab.opening
        room = self.rooms.get(opening.trip_id) if opening else None
        if opening is None or room is None or tab.has_lost(opening.trip_id, opening.losses):
            return {}
        if tab.trip_id not in (None, opening.trip_id):
            # What is said in the trip it comes from must not get among this one's vars.
            self.leave(tab)
        opening.version = room.version
        return room.snapshot()

    async def enter(self, tab: Tab) -> bool:
        """Let a tab hear the trip that it was admitted to, and close the one it had open.

        False when its person has lost the trip meanwhile.
        """
        opening, tab.opening = tab.opening, None
        assert opening is not None
        assert tab.identity is not None
        trip_id = opening.trip_id
        if tab.trip_id not in (None, trip_id):
            self.leave(tab)
        await self.rooms.open(trip_id)
        # From here to the tab's place in the room nothing is waited for.
        if tab.has_lost(trip_id, opening.losses):
            return False
        tab.trip_id = trip_id
        await self.rooms.enter(tab.sid, tab.identity.user_id, trip_id, opening.version)
        return True

    def leave(self, tab: Tab) -> None:
        """Close the trip that a tab has open."""
        trip_id, tab.trip_id = tab.trip_id, None
        if trip_id is not None:
            self.rooms.leave(tab.sid, trip_id)

    def _lose(self, trip_id: str, user_id: str) -> None:
        """A person has lost a trip: from this moment on their tabs hear nothing of it."""
        for tab in self.tabs.of_user(user_id):
            tab.losses[trip_id] += 1
            self.lists.lose(tab, trip_id)
            if tab.trip_id == trip_id:
                self.leave(tab)

    def _silence(self, session_id: str) -> None:
        """A sign-in has ended: from this moment on its tabs hear nothing."""
        for tab in self.tabs.of_session(session_id):
            tab.ended = True
            self.leave(tab)
            for trip_id in set(tab.listed):
                self.lists.lose(tab, trip_id)

    def _rename(self, user_id: str, name: str) -> None:
        """A person has another name: all their tabs hear of it."""
        for tab in self.tabs.of_user(user_id):
            assert tab.identity is not None
            tab.identity = replace(tab.identity, name=name)
        told = self.broadcaster.send(self._session_state, {"name": name}, user_group(user_id))
        self._tasks.run(told)

    def types(self, sid: str) -> None:
        """Keys are pressed in a tab, in the trip that it has open."""
        tab = self.tabs.get(sid)
        if tab is not None and tab.trip_id is not None:
            self.rooms.types(sid, tab.trip_id)

    def dropped(self, sid: str) -> None:
        """A connection has ended."""
        tab = self.tabs.remove(sid)
        if tab is not None and tab.trip_id is not None:
            self.rooms.forget(sid, tab.trip_id)

    async def _end_session(self, ended: SessionEnded) -> None:
        if ended.renewed:
            # Whose browser it is comes back with its new session, and need not blink.
            await asyncio.sleep(RENEWAL_SECONDS)
        nobody = {"user_id": "", "name": "", "email": ""}
        for tab in self.tabs.of_session(ended.session_id):
            if not ended.renewed:
                await self.broadcaster.send(self._session_state, nobody, tab.sid)
            await self.broadcaster.disconnect(tab.sid)

    async def _refresh_trips(self, user_id: str) -> None:
        """Someone joined or left a trip: their tabs follow."""
        for tab in self.tabs.of_user(user_id):
            await self.lists.load(tab)
            if tab.trip_id is None:
                # Its page may be of the trip that was lost, or that it may open at last.
                await self.broadcaster.call(f"{self._room_state}.enter", tab.sid)

    async def _recover(self) -> None:
        """The database was away: read what was missed, and have tabs ask again."""
        await self._catching_up.catch_up()
        await self.broadcaster.again()
        for tab, _ in list(self.tabs.signed_in()):
            if self.broadcaster.connected(tab.sid):
                if tab.awaits_list:
                    await self.lists.load(tab)
                if tab.trip_id is None:
                    await self.broadcaster.call(f"{self._room_state}.enter", tab.sid)


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
