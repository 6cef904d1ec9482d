"""The page behind an invite's link."""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.errors import Refused
from tripchat.services import acts, invites, limiting
from tripchat.state.door import door
from tripchat.state.session import user_of


class InviteState(rx.State):
    """What the invite in the address offers."""

    trip_title: str = ""
    inviter_name: str = ""
    problem: str = ""
    """Why the invite cannot be used, to be read by a person."""

    @property
    def _code(self) -> str:
        code = self.rx_router_page.params.get("code")
        return code if isinstance(code, str) else ""

    @rx.event
    @door(acts.LOOK_AT_INVITE)
    async def look(self):
        """Read what the invite offers."""
        try:
            # Not at the door: the page does it by itself when it loads.
            await limiting.check("codes", address=self.rx_router_session.client_ip)
            invite = await invites.look(self._code)
        except Refused as refused:
            self.problem = refused.detail
            return
        self.problem = ""
        self.trip_title = invite["trip_title"]
        self.inviter_name = invite["inviter_name"]

    @rx.event
    @door(acts.ACCEPT_INVITE)
    async def accept(self) -> EventSpec | None:
        """Join the trip and go there."""
        try:
            trip_id = await invites.accept(await user_of(self), self._code)
        except Refused as refused:
            self.problem = refused.detail
            return None
        return rx.redirect(f"/trip/{trip_id}")
