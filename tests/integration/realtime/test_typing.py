"""Who types: told by name, once for each person, and over as soon as there is nothing to tell."""

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, tab_of


async def test_who_types_is_told_to_all_in_the_trip(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{trip}") as other,
    ):
        await other.types()
        await tab.until(lambda: tab.typing == [bo.user_id])
        await tab.types()
        await other.until(lambda: other.typing == [bo.user_id, ana.user_id])
        async with tab_of(server, ana, f"/trip/{trip}") as late:
            assert late.typing == [bo.user_id, ana.user_id]


async def test_several_devices_of_one_person_count_once(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        phone = await tab_of(server, bo, f"/trip/{trip}").open()
        laptop = await tab_of(server, bo, f"/trip/{trip}").open()
        await phone.types()
        await tab.until(lambda: tab.typing == [bo.user_id])
        await laptop.types()
        await phone.close()
        # His other device still types: nothing is told of him until he has sent.
        await laptop.sends(trip, "here I am")
        await tab.until(lambda: tab.texts == ["here I am"])
        await tab.until(lambda: tab.typing == [])
        told = [frame for frame in tab.frames if "typing_rx_state_" in frame]
        assert len(told) == 3  # none when the tab was opened, then him, then nobody
        await laptop.close()


async def test_it_ends_with_the_message(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{trip}") as other,
    ):
        await other.types()
        await tab.until(lambda: tab.typing)
        await bo.writes(trip, "from another program")
        await tab.until(lambda: tab.texts)
        # In the same frame: nobody is seen typing what stands there already.
        assert tab.typing == []


async def test_it_ends_when_the_tab_is_closed_or_shows_something_else(
    server: Server, ana: Account, bo: Account
) -> None:
    trip, elsewhere = await ana.makes_trip("Lisbon", bo), await bo.makes_trip("Oslo")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        other = await tab_of(server, bo, f"/trip/{trip}").open()
        await other.types()
        await tab.until(lambda: tab.typing)
        await other.goes(f"/trip/{elsewhere}")
        await tab.until(lambda: not tab.typing)
        await other.goes(f"/trip/{trip}")
        await tab.until(lambda: bo.user_id in tab.online)
        await other.until(lambda: (other.trips.room["trip"] or {}).get("trip_id") == trip)
        await other.types()
        await tab.until(lambda: tab.typing)
        await other.close()
        await tab.until(lambda: not tab.typing)


async def test_it_ends_by_itself(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{trip}") as other,
    ):
        await other.types()
        await tab.until(lambda: tab.typing)
        await tab.until(lambda: not tab.typing)


async def test_only_a_tab_that_has_the_trip_open_can_type_there(
    server: Server, ana: Account, bo: Account
) -> None:
    trip, elsewhere = await ana.makes_trip("Lisbon", bo), await bo.makes_trip("Oslo")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{elsewhere}") as other,
        tab_of(server, bo, "/") as listing,
        tab_of(server, ana, f"/trip/{elsewhere}") as stranger,
    ):
        for each in (other, listing, stranger):
            # What a forged event says changes nothing: the tab's own trip counts.
            await each.call(f"{ROOM_STATE}.types", trip_id=trip)
            await each.say('42/_event,["ping"]')
            await each.until(lambda: any("pong" in frame for frame in each.heard))  # noqa: B023
        await bo.writes(trip, "not typed here")
        await tab.until(lambda: tab.texts)
        assert not any('typing_rx_state_":["' in frame for frame in tab.frames)
        await other.until(lambda: other.typing == [bo.user_id])
