"""My trips, as a list that stays true by itself."""

from __future__ import annotations

import reflex as rx

from tripchat.realtime.live import live
from tripchat.services import acts
from tripchat.state.door import door
from tripchat.state.session import tab_of


class TripsState(rx.State):
    """The tab's trip list.

    Its cards (`cards`, `t_<trip_id>`, `r_<trip_id>`) are sent to the browser and not kept here,
    like a room's messages; `tripchat.browser.live.trip_cards` reads them.
    """

    @rx.event
    @door(acts.LIST_TRIPS)
    async def load(self):
        """Send my trips and hear of their changes from now on."""
        tab = tab_of(self)
        if tab is None or tab.identity is None:
            return
        if not self.rx_router_page.params.get("trip_id"):
            live().leave(tab)
        await live().lists.load(tab)
