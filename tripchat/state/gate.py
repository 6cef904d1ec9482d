"""The gate that every event of every tab passes first."""

from __future__ import annotations

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from starlette.requests import cookie_parser

from tripchat.errors import Unavailable
from tripchat.observability import context
from tripchat.realtime.live import live
from tripchat.realtime.tabs import Tab
from tripchat.services.sessions import COOKIE
from tripchat.state.room import RoomState
from tripchat.state.session import SessionState


class Gate(rx.Middleware):
    """Before any event: whose tab is this? Before a hydrate: what may it open?"""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Settle the tab's identity from its own handshake; never ends the event."""
        sid = state.rx_router_session.session_id
        tab = live().tabs.get(sid)
        if tab is None:
            try:
                tab = await live().identify(sid, token_in(state.router.headers.cookie))
            except Unavailable:
                # Its page connects anew, until there is somebody to show something to.
                await live().broadcaster.disconnect(sid)
                raise
        _begin(tab)
        session = await state.get_state(SessionState)
        session.belong_to(None if tab.ended else tab.identity)
        if event.name.rpartition(".")[2] in ("hydrate", "hydrate_and_load"):
            room = await state.get_state(RoomState)
            await room.prepare(tab)
        return None


def token_in(cookies: str) -> str | None:
    """The session's token in a handshake's `Cookie` header."""
    return cookie_parser(cookies).get(COOKIE)


def note(tab: Tab | None) -> None:
    """Say, for the logs, whose tab this task works for."""
    if tab is not None and (who := tab.identity) is not None:
        context.note(session_id=who.session_id, user_id=who.user_id, trip_id=tab.trip_id or "")


def _begin(tab: Tab) -> None:
    """Go on with what this event's arrival has begun, in another task."""
    routing = EventContext.get().router_data
    if isinstance(routing, context.Routing):
        context.begin(routing.request_id, routing.arrived)
    note(tab)
