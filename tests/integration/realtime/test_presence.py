"""Who is here: over all their tabs, at once, and without ghosts."""

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import tab_of
from tripchat.realtime.open_room import AWAY_SECONDS

VANISHED_SECONDS = 30


async def test_who_opens_the_trip_is_here_and_who_closes_it_is_gone(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        await tab.until(lambda: tab.online == {ana.user_id})
        async with tab_of(server, bo, f"/trip/{trip}") as other:
            await tab.until(lambda: tab.online == {ana.user_id, bo.user_id})
            await other.until(lambda: other.online == {ana.user_id, bo.user_id})
        await tab.until(lambda: tab.online == {ana.user_id})


async def test_two_devices_are_one_person_who_stays_until_both_are_gone(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    both = {ana.user_id, bo.user_id}
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        phone = await tab_of(server, bo, f"/trip/{trip}").open()
        laptop = await tab_of(server, bo, f"/trip/{trip}").open()
        await tab.until(lambda: tab.online == both)
        before = len(tab.frames)
        await phone.close()
        # What Ana is told next is her own message, and nothing about Bo before.
        await tab.sends(trip, "still there?")
        await tab.until(lambda: tab.texts == ["still there?"])
        assert not any("o_" + bo.user_id in frame for frame in tab.frames[before:])
        await laptop.close()
        await tab.until(lambda: tab.online == {ana.user_id})


async def test_a_reload_is_no_coming_and_going(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        reloaded = await tab_of(server, bo, f"/trip/{trip}").open()
        await tab.until(lambda: bo.user_id in tab.online)
        before = len(tab.frames)
        await reloaded.close()
        async with tab_of(server, bo, f"/trip/{trip}") as again:
            await again.sends(trip, "here I am again")
            await tab.until(lambda: tab.texts == ["here I am again"])
            assert not any("o_" + bo.user_id in frame for frame in tab.frames[before:])


async def test_who_goes_to_another_trip_is_there_and_no_longer_here(
    server: Server, ana: Account, bo: Account
) -> None:
    trip, other = await ana.makes_trip("Lisbon", bo), await ana.makes_trip("Oslo", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as here,
        tab_of(server, ana, f"/trip/{other}") as there,
        tab_of(server, bo, f"/trip/{trip}") as tab,
    ):
        await here.until(lambda: bo.user_id in here.online)
        await tab.goes(f"/trip/{other}")
        await there.until(lambda: bo.user_id in there.online)
        await here.until(lambda: bo.user_id not in here.online)
        await tab.goes("/")
        await there.until(lambda: bo.user_id not in there.online)


async def test_who_leaves_the_trip_is_gone_at_once(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as tab,
        tab_of(server, bo, f"/trip/{trip}") as leaving,
    ):
        await tab.until(lambda: bo.user_id in tab.online)
        await leaving.types()
        await tab.until(lambda: tab.typing == [bo.user_id])
        await bo.leaves(trip)
        await tab.until(lambda: tab.trips.members[bo.user_id]["left"])
        assert bo.user_id not in tab.online
        assert tab.typing == []


async def test_a_tab_that_has_vanished_is_gone_as_soon_as_it_does_not_answer(
    impatient: Server, lea: Account, max_: Account
) -> None:
    trip = await lea.makes_trip("Lisbon", max_)
    async with tab_of(impatient, lea, f"/trip/{trip}") as tab:
        vanishing = await tab_of(impatient, max_, f"/trip/{trip}").open()
        await tab.until(lambda: max_.user_id in tab.online)
        vanishing.vanish()
        await tab.until(lambda: max_.user_id not in tab.online)


async def test_a_tab_that_has_vanished_with_much_unread_is_gone_as_well(
    impatient: Server, lea: Account, max_: Account
) -> None:
    trip = await lea.makes_trip("Lisbon", max_)
    async with tab_of(impatient, lea, f"/trip/{trip}") as tab:
        vanishing = await tab_of(impatient, max_, f"/trip/{trip}").open()
        vanishing.vanish()
        for number in range(200):
            await tab.sends(trip, f"{number} ".ljust(4000, "x"))
        await tab.until(lambda: tab.last_seq == 200)
        await tab.until(lambda: max_.user_id not in tab.online)


async def test_the_server_notices_within_half_a_minute(server: Server, ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        pings = (tab.greeting["pingInterval"] + tab.greeting["pingTimeout"]) / 1000
        assert pings + AWAY_SECONDS < VANISHED_SECONDS
