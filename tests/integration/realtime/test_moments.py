"""Tabs that load or open something at the worst moment."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from tests.integration.conftest import NewTrip, Say
from tripchat import clock, hub
from tripchat.errors import NotAMember
from tripchat.hub import SessionEnded
from tripchat.realtime.broadcast import Broadcaster
from tripchat.realtime.lists import list_group
from tripchat.realtime.live import Live
from tripchat.realtime.open_room import room_group
from tripchat.realtime.tabs import Tab
from tripchat.services import invites, members, trips
from tripchat.services.sessions import Identity
from tripchat.settings import Settings
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

    def join(self, sid: str, group: str) -> None:
        self.groups.add(group)

    def leave(self, sid: str, group: str) -> None:
        self.groups.discard(group)

    async def send(self, state: str, changed: dict[str, Any], to: str) -> None:
        if to == "tab" or to in self.groups:
            async with self.changed:
                self.vars |= changed
                self.changed.notify_all()

    async def call(self, handler: str, to: str) -> None:
        """Nobody is there to call anything."""

    async def disconnect(self, sid: str) -> None:
        """A connection takes its time to end."""

    def groups_of(self, trip_id: str) -> set[str]:
        """The groups of this trip that the tab is in."""
        return {group for group in self.groups if trip_id in group}

    def newest(self, trip_id: str) -> int:
        """The newest message of the only trip, by what a browser would show."""
        [card] = self.vars["cards"]
        return max(card["last_seq"], (self.vars.get(f"t_{trip_id}") or card)["last_seq"])


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def live(listener: Listener, opened: Settings) -> AsyncIterator[Live]:
    """A live side with nobody but the listener connected."""
    live = Live(
        cast(Broadcaster, listener), room_state="room", list_state="list", session_state="session"
    )
    async with live.following():
        yield live


@pytest.fixture
def tab(live: Live, ben: str) -> Tab:
    """Ben's tab."""
    return live.tabs.add(
        "tab", Identity("session", ben, "Ben", "ben@example.org", clock.now() + clock.DAY)
    )


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_message_written_while_the_list_is_read_is_in_it(
    live: Live,
    tab: Tab,
    listener: Listener,
    ann: str,
    ben: str,
    trip_of: NewTrip,
    say: Say,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    trip = await trip_of(ann, ben)
    await say(ann, trip, "c1", "First")
    read = trips.mine

    async def read_slowly(user_id: str) -> list[TripCard]:
        if when == "before":
            await say(ann, trip, "c2", "Second")
        cards = await read(user_id)
        if when == "after":
            await say(ann, trip, "c2", "Second")
        return cards

    monkeypatch.setattr(trips, "mine", read_slowly)
    await live.lists.load(tab)
    async with asyncio.timeout(5), listener.changed:
        await listener.changed.wait_for(lambda: listener.newest(trip) == 2)


async def test_who_leaves_while_their_list_is_read_hears_no_more_of_the_trip(
    live: Live,
    tab: Tab,
    listener: Listener,
    ann: str,
    ben: str,
    trip_of: NewTrip,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trip, other = await trip_of(ann, ben), await trip_of(ann, ben)
    read = trips.ids_of

    async def read_slowly(user_id: str) -> set[str]:
        found = await read(user_id)
        await members.leave(ben, trip)
        return found

    monkeypatch.setattr(trips, "ids_of", read_slowly)
    await live.lists.load(tab)
    assert list_group(other) in listener.groups
    assert not listener.groups_of(trip)


@pytest.mark.parametrize("when", ["before it is hydrated", "before it enters"])
async def test_who_leaves_while_their_tab_opens_the_trip_is_not_let_in(
    live: Live, tab: Tab, listener: Listener, ann: str, ben: str, trip_of: NewTrip, when: str
) -> None:
    trip = await trip_of(ann, ben)
    await live.admit(tab, trip)
    if when == "before it is hydrated":
        await members.leave(ben, trip)
        assert live.hydrate(tab) == {}
    else:
        assert live.hydrate(tab)["trip"]["trip_id"] == trip
        await members.leave(ben, trip)
    assert not await live.enter(tab)
    assert not listener.groups_of(trip)
    with pytest.raises(NotAMember):
        await live.admit(tab, trip)


async def test_who_has_left_hears_nothing_from_that_moment_on(
    live: Live, tab: Tab, listener: Listener, ann: str, ben: str, trip_of: NewTrip
) -> None:
    trip = await trip_of(ann, ben)
    await live.admit(tab, trip)
    assert await live.enter(tab)
    assert room_group(trip) in listener.groups
    await members.leave(ben, trip)
    assert not listener.groups_of(trip)


async def test_who_comes_back_is_let_in_again(
    live: Live, tab: Tab, listener: Listener, ann: str, ben: str, trip_of: NewTrip
) -> None:
    trip = await trip_of(ann, ben)
    await members.leave(ben, trip)
    await invites.accept(ben, (await invites.create(ann, trip))["code"])
    await live.admit(tab, trip)
    assert await live.enter(tab)
    assert room_group(trip) in listener.groups


async def test_a_tab_whose_sign_in_has_ended_is_let_in_nowhere(
    live: Live, tab: Tab, listener: Listener, ann: str, ben: str, trip_of: NewTrip
) -> None:
    trip = await trip_of(ann, ben)
    await live.admit(tab, trip)
    hub.publish(SessionEnded("session"))
    assert live.hydrate(tab) == {}
    assert not await live.enter(tab)
    await live.lists.load(tab)
    assert not listener.groups_of(trip)
