"""Who a tab belongs to, and the gate that every event passes first."""

from __future__ import annotations

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from starlette.requests import cookie_parser

from tripchat.errors import NotSignedIn
from tripchat.realtime.live import live
from tripchat.realtime.tabs import Tab
from tripchat.services.sessions import COOKIE, Identity


class SessionState(rx.State):
    """The person who is signed in; all empty when nobody is."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    _session_id: str = ""

    def belong_to(self, identity: Identity | None) -> None:
        """Take over a person's identity; whatever the state held of another is dropped first.

        A tab's state is found by its client token, which anybody could repeat, and which outlives
        a sign-out in the same tab. So the token never decides what a tab gets to see.
        """
        session_id = identity.session_id if identity else ""
        if session_id == self._session_id:
            return
        self._get_root_state().reset()
        if identity is not None:
            self._session_id = session_id
            self.user_id, self.name, self.email = identity.user_id, identity.name, identity.email


def tab_of(state: BaseState) -> Tab | None:
    """The connected tab that an event came from; None when it has gone since."""
    return live().tabs.get(state.rx_router_session.session_id)


async def user_of(state: BaseState) -> str:
    """The id of the person an event came from, as `Gate` has just settled it.

    Raises:
        NotSignedIn: nobody is signed in there.
    """
    session = await state.get_state(SessionState)
    if not session.user_id:
        raise NotSignedIn("Sign in first.")
    return session.user_id


class Gate(rx.Middleware):
    """Before any event: whose tab is this? Before a hydrate: what may it open?"""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Settle the tab's identity from its own handshake; never ends the event."""
        sid = state.rx_router_session.session_id
        tab = live().tabs.get(sid)
        if tab is None:
            token = cookie_parser(state.router.headers.cookie).get(COOKIE)
            tab = await live().identify(sid, token)
        session = await state.get_state(SessionState)
        session.belong_to(tab.identity)
        if event.name.rpartition(".")[2] in ("hydrate", "hydrate_and_load"):
            # Imported here: a room knows the session, the session knows no room.
            from tripchat.state.room import RoomState

            room = await state.get_state(RoomState)
            await room.prepare(tab)
        return None
