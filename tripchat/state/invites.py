"""The open trip's invites: the links that let others in, and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from tripchat.errors import Invalid
from tripchat.services import acts, invites
from tripchat.state.door import door
from tripchat.state.session import user_of
from tripchat.views import InviteView


@dataclass
class LinkVars:
    """A link that still works."""

    code: str
    url: str
    expires_iso: str
    """ISO 8601, UTC; empty when it does not expire."""
    uses_label: str
    """How often it was used, and may be."""


class InvitesState(rx.State):
    """The links of the trip that this tab has open, newest first."""

    links: list[LinkVars] = []
    _of_trip: str = ""

    @rx.event
    @door(acts.LIST_INVITES)
    async def show(self):
        """Read the links; there is always one to give away."""
        if self._of_trip != self._trip_id:
            # Another trip's link must not stand there while this one's are read.
            self.links, self._of_trip = [], self._trip_id
            yield
        await self._read()
        if not self.links:
            await invites.create(await user_of(self), self._trip_id)
            await self._read()

    @rx.event
    @door(acts.INVITE)
    async def make(self, terms: dict[str, Any]):
        """Make a link on a form's terms: `hours` it lasts, `uses` it has; empty for no end."""
        if not isinstance(terms, dict):
            raise Invalid("The terms of an invite are hours and uses.", field="terms")
        hours, uses = (_whole(terms.get(name)) for name in ("hours", "uses"))
        await invites.create(await user_of(self), self._trip_id, hours, uses)
        await self._read()

    @rx.event
    @door(acts.REVOKE_INVITE)
    async def revoke(self, code: str):
        """Take a link back: it lets nobody in any more."""
        await invites.revoke(await user_of(self), code)
        await self._read()

    async def _read(self) -> None:
        usable = await invites.usable(await user_of(self), self._trip_id)
        self.links = [_link(invite, self.router.headers.origin) for invite in usable]

    @property
    def _trip_id(self) -> str:
        trip_id = self.rx_router_page.params.get("trip_id")
        return trip_id if isinstance(trip_id, str) else ""


def _link(invite: InviteView, origin: str) -> LinkVars:
    expires = invite["expires_at"]
    return LinkVars(
        code=invite["code"],
        url=f"{origin}/join/{invite['code']}",
        expires_iso=datetime.fromtimestamp(expires / 1000, UTC).isoformat() if expires else "",
        uses_label=_uses(invite["uses"], invite["max_uses"]),
    )


def _uses(count: int, most: int | None) -> str:
    if most is not None:
        return f"{count} of {most} used"
    if count == 0:
        return "not used yet"
    return "used once" if count == 1 else f"used {count} times"


def _whole(text: Any) -> Any:
    """The number that a form's field means; what is none is left for the service to refuse."""
    return int(text) if isinstance(text, str) and text.isdecimal() else text or None
