"""New names of people and trips, wherever they stand."""

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOT_STATE, SESSION_STATE, tab_of


async def test_a_new_name_stands_in_all_my_tabs_and_stays_there(
    server: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, ana, "/") as listing,
    ):
        await ana.is_called("Ana Maria Lima")
        for each in (tab, listing):
            await each.until(lambda: each.var(SESSION_STATE, "name") == "Ana Maria Lima")  # noqa: B023
        # What the tabs do later does not bring the old one back.
        await tab.answer_to(await tab.reacts(trip, 1, "🎉"))
        await listing.call(f"{ROOT_STATE}.hydrate_and_load")
        await listing.goes(f"/trip/{trip}")
        await listing.until(lambda: trip in str(listing.trips.room.get("trip")))
        for each in (tab, listing):
            names = [frame for frame in each.frames if "Ana Lima" in frame]
            assert all(frame in each.frames[:4] for frame in names)
            assert each.var(SESSION_STATE, "name") == "Ana Maria Lima"
            assert each.var(SESSION_STATE, "user_id") == ana.user_id


async def test_a_new_name_stands_in_rooms_and_lists(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes(trip, "hello")
    async with (
        tab_of(server, bo, f"/trip/{trip}") as tab,
        tab_of(server, bo, "/") as listing,
    ):
        await ana.is_called("Ana Maria Lima")
        await tab.until(lambda: tab.trips.members[ana.user_id]["name"] == "Ana Maria Lima")
        assert tab.trips.members[ana.user_id]["initials"] == "AL"
        await listing.until(lambda: listing.trips.cards[trip]["last_author"] == "Ana Maria Lima")


async def test_a_trips_new_title_and_its_people_are_told_to_rooms_and_lists(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, ana, "/") as listing,
    ):
        await ana.renames(trip, "Porto")
        await tab.until(lambda: tab.trips.room["trip"]["title"] == "Porto")
        for each in (tab, listing):
            await each.until(lambda: each.trips.cards[trip]["title"] == "Porto")  # noqa: B023
        await bo.joins(await ana.invites_to(trip))
        for each in (tab, listing):
            await each.until(lambda: each.trips.cards[trip]["member_count"] == 2)  # noqa: B023
        await bo.leaves(trip)
        for each in (tab, listing):
            await each.until(lambda: each.trips.cards[trip]["member_count"] == 1)  # noqa: B023
