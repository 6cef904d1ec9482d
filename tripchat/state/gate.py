"""The gate that every event of every tab passes first."""

from __future__ import annotations

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from starlette.requests import cookie_parser

from tripchat.realtime.live import live
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
            token = cookie_parser(state.router.headers.cookie).get(COOKIE)
            tab = await live().identify(sid, token)
        session = await state.get_state(SessionState)
        session.belong_to(tab.identity)
        if event.name.rpartition(".")[2] in ("hydrate", "hydrate_and_load"):
            room = await state.get_state(RoomState)
            await room.prepare(tab)
        return None
