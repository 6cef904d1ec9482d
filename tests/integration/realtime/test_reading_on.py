"""Read markers, and what lists count: the same on all devices of a person."""

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import tab_of


async def test_a_marker_reaches_my_other_devices_at_once(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes_all(trip, ("one", "two", f"and @{bo.name} is named"))
    async with (
        tab_of(server, bo, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{trip}") as device,
        tab_of(server, bo, "/") as listing,
        tab_of(server, ana, f"/trip/{trip}") as other,
    ):
        card = listing.trips.cards[trip]
        assert (card["unread"], card["mentions"]) == (3, 1)
        await tab.marks_read(trip, 2)
        await listing.until(lambda: listing.trips.cards[trip]["unread"] == 1)
        assert listing.trips.cards[trip]["mentions"] == 1
        for each in (device, other):
            await each.until(lambda: each.trips.members[bo.user_id]["read_seq"] == 2)  # noqa: B023
        await tab.marks_read(trip, 3)
        await listing.until(lambda: listing.trips.cards[trip]["unread"] == 0)
        assert listing.trips.cards[trip]["mentions"] == 0
        await device.until(lambda: device.trips.cards[trip]["unread"] == 0)


async def test_a_marker_never_goes_back_and_never_beyond_the_end(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes_all(trip, ("one", "two", "three"))
    async with (
        tab_of(server, bo, f"/trip/{trip}") as tab,
        tab_of(server, ana, f"/trip/{trip}") as other,
    ):
        for seq in (2, 1, 99, 0):
            await tab.marks_read(trip, seq)
        await other.until(lambda: other.trips.members[bo.user_id]["read_seq"] == 3)
        async with tab_of(server, ana, f"/trip/{trip}") as fresh:
            assert fresh.trips.members[bo.user_id]["read_seq"] == 3


async def test_who_is_named_hears_it_on_every_page(
    server: Server, ana: Account, bo: Account
) -> None:
    trip, open_trip = await ana.makes_trip("Lisbon", bo), await bo.makes_trip("Oslo")
    async with (
        tab_of(server, bo, "/") as listing,
        tab_of(server, bo, f"/trip/{open_trip}") as tab,
    ):
        await ana.writes(trip, f"@{bo.name}, look!")
        for each in (listing, tab):
            await each.until(lambda: each.trips.cards[trip]["mentions"] == 1)  # noqa: B023
        await ana.edits(trip, 1, "nothing to see")
        for each in (listing, tab):
            await each.until(lambda: each.trips.cards[trip]["mentions"] == 0)  # noqa: B023
            assert each.trips.cards[trip]["unread"] == 1
