"""The open trip: its room as this tab shows it, and what one can do there."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import reflex as rx
from reflex.state import _override_base_method
from reflex_base.event import EventSpec

from tripchat.errors import NotAMember, NotFound, NotSignedIn, Refused, TooMany, Unavailable
from tripchat.realtime.broadcast import delta
from tripchat.realtime.live import live
from tripchat.realtime.room import Vars
from tripchat.realtime.tabs import Tab
from tripchat.services import acts, editing, members, messages, reactions
from tripchat.state.door import door
from tripchat.state.notice import is_passing, problem_of
from tripchat.state.session import tab_of, user_of
from tripchat.views import MessageView

PAGE = 50
"""Messages in a page of history."""


class RoomState(rx.State):
    """The room of the trip that this tab has open.

    The trip, its people and its messages are the room's, not the tab's: their vars (they are
    listed in `tripchat.realtime.room`) come from the live projection, at hydrate through `dict`
    and afterwards by broadcast, and are never stored here. A tab's stored state stays tiny and
    holds no message text.
    """

    problem: str = ""
    """Why a trip is not shown: signed-out, unknown-trip, not-a-member, unavailable."""
    problem_of: str = ""
    """The trip that this is about: the page may have gone on to another one."""
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
        trip_id = self.rx_router_page.params.get("trip_id")
        return trip_id if isinstance(trip_id, str) else ""

    async def prepare(self, tab: Tab) -> None:
        """Before a hydrate: find out whether the tab may open its trip, and open the room."""
        tab.opening = None
        self.page = {}
        if trip_id := self._trip_id:
            await self._admit(tab, trip_id)

    async def _admit(self, tab: Tab, trip_id: str) -> None:
        """Find out whether a tab may open a trip; `problem` says why it may not."""
        self.problem, self.problem_of = "", trip_id
        try:
            await live().admit(tab, trip_id)
        except NotSignedIn:
            self.problem = "signed-out"
        except NotFound:
            self.problem = "unknown-trip"
        except NotAMember:
            self.problem = "not-a-member"
        except Unavailable:
            # Whoever has it open already goes on with what they have; the others come in later.
            self.problem = "unavailable"

    @rx.event
    @door(acts.OPEN_TRIP)
    async def enter(self):
        """The page of a trip has loaded: hear its room from now on."""
        tab = tab_of(self)
        trip_id = self._trip_id
        if tab is None or not trip_id:
            return
        if tab.opening is None or tab.opening.trip_id != trip_id:
            await self._admit(tab, trip_id)
        if self.problem:
            live().leave(tab)
        elif not await live().enter(tab):
            self.problem = "not-a-member"

    @rx.event
    @door(acts.SEND)
    async def send(
        self,
        trip_id: Any,
        client_id: Any,
        kind: Any,
        body: Any,
        reply_to_seq: Any = None,
        run: Any = 0,
    ):
        """Store a message; the answer says its number, and when it was stored and went out.

        After one that could not be stored for now, those of the same `run` are refused as well.
        """

        async def send(me: str) -> Vars:
            with _in_order(tab_of(self), run):
                sent = await messages.send(me, trip_id, client_id, kind, body, reply_to_seq)
            stored = sent.message
            return {
                "rev": stored["rev"],
                "seq": stored["seq"],
                "sent_at": stored["sent_at"],
                "broadcast_at": sent.broadcast_at,
            }

        try:
            await self._answer(client_id, send)
        except Refused:
            # Otherwise the message itself shows why.
            if not messages.is_client_id(client_id):
                raise

    @rx.event
    @door(acts.EDIT)
    async def edit(self, trip_id: Any, seq: Any, client_id: Any, body: Any):
        """Change what a message says."""
        await self._change(client_id, lambda me: editing.edit(me, trip_id, seq, body))

    @rx.event
    @door(acts.DELETE_MESSAGE)
    async def delete(self, trip_id: Any, seq: Any, client_id: Any):
        """Delete a message."""
        await self._change(client_id, lambda me: editing.remove(me, trip_id, seq))

    @rx.event
    @door(acts.REACT)
    async def react(self, trip_id: Any, seq: Any, client_id: Any, emoji: Any, there: Any):
        """Put my emoji under a message, or take it away."""
        change = reactions.react if there else reactions.unreact
        await self._change(client_id, lambda me: change(me, trip_id, seq, emoji))

    @rx.event
    @door(acts.READ_VERSIONS)
    async def load_versions(self, trip_id: Any, seq: Any):
        """Read what a message said before its edits, for this tab."""
        found = await editing.versions(await user_of(self), trip_id, seq)
        await self._tell({"versions": {"trip_id": trip_id, "seq": seq, "versions": found}})

    @rx.event
    @door(acts.READ_RECEIPT)
    async def load_receipt(self, trip_id: Any, seq: Any):
        """Look up when a message of this person's was broadcast, and how many people it reached."""
        found = await messages.receipt(await user_of(self), trip_id, seq)
        await self._tell({"receipt": {"trip_id": trip_id, "seq": seq, **found}})

    @rx.event
    @door(acts.READ)
    async def load_page(self, trip_id: Any, before: Any = None, after: Any = None):
        """Read a page of history for this tab."""
        page = await messages.page(
            await user_of(self), trip_id, before=before, after=after, limit=PAGE
        )
        answer = {"trip_id": trip_id, "before": before, "after": after, **page}
        await self._tell({"page": answer})

    @rx.event
    @door(acts.READ)
    async def load_changes(self, trip_id: Any, after_rev: Any, first: Any, last: Any):
        """Read what happened to older messages while this tab did not hear the room."""
        found = await messages.changes(await user_of(self), trip_id, after_rev, first, last)
        asked = {"trip_id": trip_id, "after_rev": after_rev, "first": first, "last": last}
        await self._tell({"changes": {**asked, **found}})

    @rx.event
    @door(acts.LEAVE)
    async def leave(self) -> EventSpec:
        """Leave the trip for good."""
        await members.leave(await user_of(self), self._trip_id)
        return rx.redirect("/")

    @rx.event
    @door(acts.USE_PAGE)
    def ask_remove(self, user_id: str, name: str):
        """Note whom an organiser is about to take out of the trip, for the question."""
        self.removing, self.removing_name = str(user_id), str(name)

    @rx.event
    @door(acts.REMOVE_MEMBER)
    async def remove(self, user_id: str):
        """Take somebody out of the trip: for organisers."""
        await members.remove(await user_of(self), self._trip_id, user_id)

    async def _change(self, client_id: Any, act: Callable[[str], Awaitable[MessageView]]) -> None:
        """Change a message; the answer is the `rev` that it has afterwards."""

        async def change(me: str) -> Vars:
            return {"rev": (await act(me))["rev"]}

        await self._answer(client_id, change)

    async def _answer(self, client_id: Any, act: Callable[[str], Awaitable[Vars]]) -> None:
        """Do what the person of this tab asks for, and answer to this tab alone.

        The answer bears what the browser calls the action: what `act` gives, or the `problem` that
        was in the way, which is raised as well, with its HTTP `status`.
        """
        named = messages.is_client_id(client_id)
        try:
            answer = await act(await user_of(self))
        except Exception as error:
            if named:
                await self._say(client_id, problem_of(error))
            raise
        if named:
            await self._say(client_id, answer)

    async def _say(self, client_id: str, answer: Vars) -> None:
        sid = self.rx_router_session.session_id
        await live().broadcaster.answer(sid, {"client_id": client_id, **answer})

    async def _tell(self, changed: Vars) -> None:
        """Send vars to this tab alone, without keeping them here."""
        sid = self.rx_router_session.session_id
        await live().broadcaster.send(self.get_full_name(), changed, to=sid)


@contextmanager
def _in_order(tab: Tab | None, run: Any) -> Iterator[None]:
    """Store a message of a tab's run, unless one before it still has to be sent again."""
    if tab is None or not isinstance(run, int):
        yield
        return
    if run <= tab.failed_run:
        raise held_back()
    try:
        yield
    except Exception as error:
        if is_passing(error):
            tab.failed_run = run
        raise


def held_back() -> TooMany:
    """The refusal of a message that would overtake one which has to be sent again."""
    return TooMany("A message before this one could not be stored yet.", retry_after=1)
