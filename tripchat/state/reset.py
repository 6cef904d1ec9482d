"""The page behind the link for a new password."""

from __future__ import annotations

import reflex as rx

from tripchat.errors import NotFound
from tripchat.services import acts, resets
from tripchat.state.door import door


class ResetState(rx.State):
    """Whether the link in the address still works."""

    standing: str = ""
    """`works` or `gone`; empty while that is not known."""

    @rx.event
    @door(acts.RESET_PASSWORD)
    async def look(self):
        """Look whether a new password can be set; the link is not used up by that."""
        try:
            await resets.check(self.rx_router_page.params.get("token", ""))
        except NotFound:
            self.standing = "gone"
        else:
            self.standing = "works"
