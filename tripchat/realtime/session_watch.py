"""Sessions of connected tabs: they are in use, and end when their time is over.

Nothing asks for either: a tab may sit there for weeks.
"""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from tripchat import clock, hub
from tripchat.errors import Refused
from tripchat.hub import SessionEnded
from tripchat.realtime.parts import in_parts
from tripchat.realtime.tabs import Tabs
from tripchat.services import sessions

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How long tabs may outlive the end of their session's days."""

NOTE_EVERY = clock.MINUTE
"""How often it is written which sessions are used; each of them less often by far."""


class SessionWatch:
    """Looks after the sessions of one worker's tabs."""

    def __init__(self, tabs: Tabs) -> None:
        self._tabs = tabs
        self._noted_at = 0
        self._connected_at: dict[str, int] = {}
        """When it was written last, from here, that a connected session is in use."""

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.end_expired()
            if clock.now() - self._noted_at >= NOTE_EVERY:
                try:
                    await self.note_seen()
                except (SQLAlchemyError, OSError, Refused) as error:
                    log.debug("cannot note which sessions are used: %s", type(error).__name__)

    def end_expired(self) -> None:
        """Tell of the sessions here whose days are over; other workers see to their own."""
        now = clock.now()
        over = {who.session_id for _, who in self._tabs.signed_in() if who.expires_at <= now}
        for session_id in over:
            hub.relay(SessionEnded(session_id))

    async def note_seen(self) -> None:
        """Write which sessions are in use: those of tabs, and those that calls came with."""
        self._noted_at = now = clock.now()
        connected = {who.session_id for _, who in self._tabs.signed_in()}
        before = self._connected_at
        self._connected_at = {
            each: written
            for each in connected
            if now - (written := before.get(each, 0)) < sessions.SEEN_EVERY
        }
        stale = sessions.take_seen() | (connected - self._connected_at.keys())
        for some in in_parts(stale):
            await sessions.store_seen(some)
            self._connected_at |= dict.fromkeys(connected.intersection(some), now)
