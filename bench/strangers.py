"""Many trips open at once, each of another person: what is said in one is nothing to the others."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bench import messages
from bench.site import Site, Trip
from bench.tab import ReflexTab, Tab
from bench.tabs import open_tabs
from bench.visitor import Visitor

MESSAGES = 20
STILL_SECONDS = 0.3


@dataclass(frozen=True)
class Strangers:
    """Bytes read from sockets while messages were written, typed before and read afterwards."""

    trips: int  # each with one tab
    messages: int
    own: int  # by the tabs in whose trips they were written
    others: int  # by all other tabs


class OwnTrips:
    """A chat in which each tab has another trip open, whose only member is the tab's person."""

    def __init__(self, site: Site, trips: Sequence[Trip]) -> None:
        self.name = site.name
        self.server = site.server
        self.trips = trips
        self._site = site
        self._channels = [site.channel(trip) for trip in trips]

    def tab(self, index: int) -> ReflexTab:
        """A tab that has its own trip open."""
        return self._site.tab(index, self.trips[index])

    def send(self, tab: Tab, number: int) -> None:
        """Sends message `number` in the tab's trip."""
        self._channels[tab.index].send(tab, number)

    def stop(self) -> None:
        """Ends the server."""
        self._site.stop()


async def strangers(site: Site) -> Strangers:
    """One after the other writes in their own trip.

    Raises:
        TabClosed: a message did not come back to its own tab.
    """
    chat = OwnTrips(site, await site.own_trips())
    own = others = 0
    async with open_tabs(chat, len(chat.trips)) as tabs:
        everybody = [
            Visitor(tab, trip)
            for tab, trip in zip(tabs, chat.trips, strict=True)
            if isinstance(tab, ReflexTab)
        ]
        await asyncio.sleep(STILL_SECONDS)
        for writer in everybody[:: len(everybody) // MESSAGES]:
            before, mine = tabs.received, writer.tab.received
            writer.types()
            chat.send(writer.tab, messages.next_number())
            await writer.sees(1)
            writer.mark_read()
            await asyncio.sleep(STILL_SECONDS)
            mine = writer.tab.received - mine
            own, others = own + mine, others + tabs.received - before - mine
    return Strangers(len(chat.trips), MESSAGES, own, others)
