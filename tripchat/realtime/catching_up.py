"""Making good what was missed: what this worker shows is compared with the database.

What has changed is told through the hub, as if it had been heard. The database is asked for many
things at once, and everybody else has their turn in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Set

from sqlalchemy.exc import SQLAlchemyError

from tripchat import hub
from tripchat.errors import Refused
from tripchat.hub import MemberLeft, PersonRenamed, SessionEnded, TripsChanged
from tripchat.realtime.lists import TripLists
from tripchat.realtime.parts import in_parts
from tripchat.realtime.rooms import Rooms
from tripchat.realtime.tabs import Tab, Tabs
from tripchat.services import reading, sessions

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""When the database does not answer either."""


class CatchingUp:
    """Compares one worker's tabs, rooms and lists with the database."""

    def __init__(self, tabs: Tabs, rooms: Rooms, lists: TripLists) -> None:
        self._tabs = tabs
        self._rooms = rooms
        self._lists = lists
        self._wanted = False
        self._running = False

    async def catch_up(self) -> None:
        """Make good all that was missed until now; while it is done already, do it once more."""
        self._wanted = True
        if self._running:
            return
        self._running = True
        try:
            while self._wanted:
                self._wanted = False
                try:
                    await self._once()
                except (SQLAlchemyError, OSError, Refused) as error:
                    log.debug("cannot catch up: %s", type(error).__name__)
                    self._wanted = True
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._running = False

    async def _once(self) -> None:
        # First whoever may hear nothing any more.
        await self._look_at_sessions()
        await self._look_at_people()
        await self._rooms.catch_up()
        await self._lists.catch_up()

    async def _look_at_sessions(self) -> None:
        """Sessions that have ended, and people who have another name."""
        for some in in_parts(list(self._tabs.signed_in())):
            names = await sessions.names([identity.session_id for _, identity in some])
            for tab, identity in some:
                name = names.get(identity.session_id)
                if name is None:
                    hub.relay(SessionEnded(identity.session_id))
                elif name != identity.name and tab.identity is identity:
                    hub.relay(PersonRenamed(identity.user_id, name, ()))

    async def _look_at_people(self) -> None:
        """Trips that people have lost or won, and how far they have read."""
        of_people: dict[str, list[Tab]] = {}
        for tab, identity in self._tabs.signed_in():
            of_people.setdefault(identity.user_id, []).append(tab)
        self._lists.forget_people(of_people)
        for user_ids in in_parts(of_people):
            shown = {tab.sid: tab.shown for user_id in user_ids for tab in of_people[user_id]}
            for user_id, found in (await reading.standings(user_ids)).items():
                for tab in of_people[user_id]:
                    _compare(user_id, shown[tab.sid], found.keys(), tab.has_list)
                await self._lists.catch_up_with(user_id, found)


def _compare(user_id: str, shown: set[str], found: Set[str], has_list: bool) -> None:
    """Tell which trips a person has lost or won, if a tab of theirs shows something else."""
    lost = shown - found
    for trip_id in lost:
        hub.relay(MemberLeft(trip_id, user_id))
    if lost or (has_list and found - shown):
        hub.relay(TripsChanged(user_id))
