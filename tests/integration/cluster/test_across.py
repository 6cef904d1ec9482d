"""What happens on one worker is seen on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.integration.cluster.order import assert_in_order
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, Tab, tab_of


@pytest.fixture
async def in_trip(
    workers: list[Server], ana: Account, bo: Account
) -> AsyncIterator[tuple[str, Tab, Tab]]:
    """A trip, open in a tab of Ana's on one worker and in one of Bo's on the other."""
    one, two = workers
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(one, ana, f"/trip/{trip}") as here,
        tab_of(two, bo, f"/trip/{trip}") as there,
    ):
        yield trip, here, there


async def test_messages_and_their_changes_arrive_on_both(
    ana: Account, bo: Account, in_trip: tuple[str, Tab, Tab]
) -> None:
    trip, here, there = in_trip
    await here.sends(trip, "from here")
    await there.until(lambda: there.texts == ["from here"])
    await there.sends(trip, "from there")
    await here.until(lambda: here.texts == ["from here", "from there"])
    await bo.edits(trip, 2, "changed")
    await bo.reacts(trip, 1, "👍")
    await here.until(lambda: here.texts == ["from here", "changed"])
    await here.until(lambda: here.seen.at(1)["reactions"].get(bo.user_id))
    await ana.deletes(trip, 1)
    await there.until(lambda: there.texts == [None, "changed"])
    await here.until(lambda: here.seen.messages == there.seen.messages)


async def test_who_is_here_and_who_types_is_seen_on_both(
    workers: list[Server], ana: Account, bo: Account
) -> None:
    one, two = workers
    trip = await ana.makes_trip("Lisbon", bo)
    both = {ana.user_id, bo.user_id}
    async with tab_of(one, ana, f"/trip/{trip}") as here:
        async with tab_of(two, bo, f"/trip/{trip}") as there:
            await asyncio.gather(
                here.until(lambda: here.online == both), there.until(lambda: there.online == both)
            )
            await there.types()
            await here.until(lambda: here.typing == [bo.user_id])
            async with tab_of(one, ana, f"/trip/{trip}") as late:
                assert late.typing == [bo.user_id]
            await there.sends(trip, "typed")
            await here.until(lambda: here.texts == ["typed"])
            assert here.typing == []
            await there.types()
            await here.until(lambda: here.typing)
        await here.until(lambda: not here.typing)
        await here.until(lambda: here.online == {ana.user_id})


async def test_what_concerns_people_and_trips_is_seen_on_both(
    workers: list[Server], ana: Account, bo: Account
) -> None:
    one, two = workers
    trip = await ana.makes_trip("Lisbon")
    async with (
        tab_of(one, ana, f"/trip/{trip}") as here,
        tab_of(two, bo, "/") as listing,
    ):
        code = await ana.invites_to(trip)
        await bo.joins(code)
        await here.until(lambda: bo.user_id in here.trips.members)
        await listing.until(lambda: trip in listing.trips.cards)
        await here.sends(trip, f"welcome, @{bo.name}")
        await listing.until(lambda: listing.trips.cards[trip]["mentions"] == 1)
        async with tab_of(two, bo, f"/trip/{trip}") as there:
            await there.marks_read(trip, 1)
            await here.until(lambda: here.trips.members[bo.user_id]["read_seq"] == 1)
            await listing.until(lambda: listing.trips.cards[trip]["mentions"] == 0)
            await ana.renames(trip, "Porto")
            await there.until(lambda: there.trips.room["trip"]["title"] == "Porto")
            await listing.until(lambda: listing.trips.cards[trip]["title"] == "Porto")
            await ana.is_called("Ana Maria")
            await there.until(lambda: there.trips.members[ana.user_id]["name"] == "Ana Maria")
            await listing.until(lambda: listing.trips.cards[trip]["last_author"] == "Ana Maria")


async def test_who_is_removed_hears_nothing_more_on_any_worker(
    ana: Account, bo: Account, in_trip: tuple[str, Tab, Tab]
) -> None:
    trip, here, there = in_trip
    await here.until(lambda: bo.user_id in here.online)
    await ana.removes(trip, bo)
    await here.until(lambda: bo.user_id not in here.online)
    await there.until(lambda: there.var(ROOM_STATE, "problem") == "not-a-member")
    await here.sends(trip, "without him")
    await here.until(lambda: here.texts == ["without him"])
    assert not any("without him" in frame for frame in there.frames)


async def test_signing_out_closes_the_tabs_on_all_workers(
    workers: list[Server], ana: Account
) -> None:
    async with tab_of(workers[0], ana, "/") as here, tab_of(workers[1], ana, "/") as there:
        await ana.posts("/api/auth/sign-out", {})
        await there.until(lambda: there.closed)
        await here.until(lambda: here.closed)


async def test_a_message_has_reached_the_people_on_all_workers(
    workers: list[Server], ana: Account, bo: Account, in_trip: tuple[str, Tab, Tab]
) -> None:
    trip, here, _ = in_trip
    await here.until(lambda: bo.user_id in here.online)
    await here.sends(trip, "who reads this?")
    await here.until(lambda: here.texts)
    await here.call(f"{ROOM_STATE}.load_receipt", trip_id=trip, seq=1)
    await here.until(lambda: here.var(ROOM_STATE, "receipt"))
    told = here.var(ROOM_STATE, "receipt")
    assert told["reached"] == 1
    # When it was broadcast is known on the other worker before it is written.
    async with tab_of(workers[1], ana, f"/trip/{trip}") as there:
        await there.until(lambda: there.texts)
        await there.call(f"{ROOM_STATE}.load_receipt", trip_id=trip, seq=1)
        await there.until(lambda: there.var(ROOM_STATE, "receipt"))
        assert there.var(ROOM_STATE, "receipt")["broadcast_at"] == told["broadcast_at"]
        assert there.seen.at(1)["broadcast_at"] == told["broadcast_at"]


async def test_many_at_once_on_both_are_seen_once_and_in_order(
    bo: Account, in_trip: tuple[str, Tab, Tab]
) -> None:
    trip, here, there = in_trip
    tabs = (here, there)
    for number in range(25):
        await asyncio.gather(*(tab.sends(trip, f"{tab.token} {number}") for tab in tabs))
    for tab in tabs:
        await tab.until(lambda: tab.last_seq == 50)  # noqa: B023
    stored = await bo.reads_all(trip)
    assert [message["seq"] for message in stored] == list(range(1, 51))
    assert here.texts == there.texts == [message["text"] for message in stored]
    for tab in tabs:
        own = [text for text in tab.texts if text and text.startswith(tab.token)]
        assert own == [f"{tab.token} {number}" for number in range(25)]
        assert_in_order(tab)
