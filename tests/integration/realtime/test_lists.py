"""A trip list while things happen at the worst moment."""

import asyncio
from typing import Any

import pytest

from tests.integration.conftest import NewTrip, Say
from tripchat.realtime.live import Live
from tripchat.services import trips
from tripchat.services.sessions import Identity
from tripchat.views import TripCard


class Listener:
    """Stands where tabs are connected: one tab, and all that is sent to it."""

    def __init__(self) -> None:
        self.groups: set[str] = set()
        self.vars: dict[str, Any] = {}
        self.changed = asyncio.Condition()

    def connected(self, sid: str) -> bool:
        return True

    def has(self, group: str) -> bool:
        return group in self.groups

    async def join(self, sid: str, group: str) -> None:
        self.groups.add(group)

    async def leave(self, sid: str, group: str) -> None:
        self.groups.discard(group)

    async def send(self, state: str, changed: dict[str, Any], to: str) -> None:
        if to == "tab" or to in self.groups:
            async with self.changed:
                self.vars |= changed
                self.changed.notify_all()

    def newest(self, trip_id: str) -> int:
        """The newest message of the only trip, by what a browser would show."""
        [card] = self.vars["cards"]
        return max(card["last_seq"], self.vars.get(f"t_{trip_id}", card)["last_seq"])


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_message_written_while_the_list_is_read_is_in_it(
    ann: str, trip_of: NewTrip, say: Say, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "First")
    listener = Listener()
    live = Live(listener, room_state="room", list_state="list", session_state="session")  # type: ignore[arg-type]
    tab = live.tabs.add("tab", Identity("session", ann, "Ann", "ann@example.org"))
    read = trips.mine

    async def read_slowly(user_id: str) -> list[TripCard]:
        if when == "before":
            await say(ann, trip, "c2", "Second")
        cards = await read(user_id)
        if when == "after":
            await say(ann, trip, "c2", "Second")
        return cards

    monkeypatch.setattr(trips, "mine", read_slowly)
    async with live.following(), asyncio.timeout(5):
        await live.lists.load(tab)
        async with listener.changed:
            await listener.changed.wait_for(lambda: listener.newest(trip) == 2)
