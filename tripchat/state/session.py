"""Who a tab belongs to."""

from __future__ import annotations

import reflex as rx
from reflex.state import BaseState

from tripchat.errors import NotSignedIn
from tripchat.realtime.live import live
from tripchat.realtime.tabs import Tab
from tripchat.services.sessions import Identity


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
        if session_id != self._session_id:
            self._get_root_state().reset()
            self._session_id = session_id
        if identity is not None and identity.name != self.name:
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
