"""The open trip: its room as this tab shows it, and what one can do there."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.state import _override_base_method
from reflex_base.event import EventSpec

from tripchat.errors import NotAMember, NotFound, NotSignedIn, Refused
from tripchat.realtime.broadcast import delta
from tripchat.realtime.live import live
from tripchat.realtime.room import Vars
from tripchat.realtime.tabs import Tab
from tripchat.services import members, messages, trips
from tripchat.state.session import tab_of, user_of

PAGE = 50
"""Messages in a page of history."""


@dataclass
class TripVars:
    """What the browser knows of the open trip."""

    trip_id: str = ""
    title: str = ""
    destination: str = ""
    starts_on: str = ""
    ends_on: str = ""
    time_zone: str = ""


@dataclass
class MemberVars:
    """A person who writes or wrote in the open trip."""

    user_id: str
    name: str
    role: str
    initials: str
    hue: int
    left: bool
    read_seq: int


class RoomState(rx.State):
    """The room of the trip that this tab has open.

    `trip`, `members` and the message slots are the room's, not the tab's: their values come from
    the live projection, at hydrate through `dict` and afterwards by broadcast, and are never
    stored here. A tab's stored state stays tiny and holds no message text.
    """

    trip: TripVars = TripVars()
    members: list[MemberVars] = []
    problem: str = ""
    """Why the trip is not shown: signed-out, unknown-trip, not-a-member."""
    removing: str = ""
    removing_name: str = ""
    page: dict[str, Any] = {}
    """The answer to the tab's last request for older or newer messages."""

    @_override_base_method
    def dict(
        self, include_computed: bool = True, initial: bool = False, **kwargs: Any
    ) -> builtins.dict[str, Any]:
        """The state for a hydrate, with the room as it is at this moment."""
        own = super().dict(include_computed=include_computed, initial=initial, **kwargs)
        tab = None if initial else tab_of(self)
        if tab is not None:
            own[self.get_full_name()] |= delta("", live().hydrate(tab))[""]
        return own

    @property
    def _trip_id(self) -> str:
        return self.rx_router_page.params.get("trip_id", "")

    async def prepare(self, tab: Tab) -> None:
        """Before a hydrate: find out whether the tab may open its trip, and open the room."""
        tab.opening = None
        self.page = {}
        if trip_id := self._trip_id:
            self.problem = await self._refusal(tab, trip_id)

    async def _refusal(self, tab: Tab, trip_id: str) -> str:
        """Why a tab may not open a trip; empty when it may."""
        try:
            await live().admit(tab, trip_id)
        except NotSignedIn:
            return "signed-out"
        except NotFound:
            return "unknown-trip"
        except NotAMember:
            return "not-a-member"
        return ""

    @rx.event
    async def enter(self):
        """The page of a trip has loaded: hear its room from now on."""
        tab = tab_of(self)
        trip_id = self._trip_id
        if tab is None or not trip_id:
            return
        if tab.opening is None or tab.opening.trip_id != trip_id:
            self.problem = await self._refusal(tab, trip_id)
        if self.problem:
            live().leave(tab)
        elif not await live().enter(tab):
            self.problem = "not-a-member"

    @rx.event
    async def send(
        self, trip_id: Any, client_id: Any, kind: Any, body: Any, reply_to_seq: Any = None
    ):
        """Store a message; the room's broadcast is the answer, a refusal goes to this tab."""
        user_id = await user_of(self)
        try:
            await messages.send(
                user_id, trip_id, client_id, kind=kind, body=body, reply_to_seq=reply_to_seq
            )
        except Refused as refused:
            if not messages.is_client_id(client_id):
                raise
            # One var for each refused message, so that no refusal replaces another.
            await self._tell({f"x_{client_id}": refused.detail})

    @rx.event
    async def load_page(self, trip_id: Any, before: Any = None, after: Any = None):
        """Read a page of history for this tab."""
        page = await messages.page(
            await user_of(self), trip_id, before=before, after=after, limit=PAGE
        )
        answer = {"trip_id": trip_id, "before": before, "after": after, **page}
        await self._tell({"page": answer})

    @rx.event
    async def mark_read(self, trip_id: Any, seq: Any):
        """The person has seen the messages up to `seq`."""
        await trips.mark_read(await user_of(self), trip_id, seq)

    @rx.event
    async def leave(self) -> EventSpec:
        """Leave the trip for good."""
        await members.leave(await user_of(self), self._trip_id)
        return rx.redirect("/")

    @rx.event
    def ask_remove(self, user_id: str, name: str):
        """Note whom an organiser is about to take out of the trip, for the question."""
        self.removing, self.removing_name = user_id, name

    @rx.event
    async def remove(self, user_id: str):
        """Take somebody out of the trip: for organisers."""
        await members.remove(await user_of(self), self._trip_id, user_id)

    async def _tell(self, changed: Vars) -> None:
        """Send vars to this tab alone, without keeping them here."""
        sid = self.rx_router_session.session_id
        await live().broadcaster.send(self.get_full_name(), changed, to=sid)
