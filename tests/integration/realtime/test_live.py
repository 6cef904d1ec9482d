"""What reaches whom over the socket, and at what price."""

import asyncio

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import LIST_STATE, ROOM_STATE, SESSION_STATE, Tab, tab_of


async def test_a_message_reaches_every_tab_of_the_trip(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}") as two,
    ):
        await one.sends(trip, "from one")
        await two.until(lambda: two.texts == ["from one"])
        await two.sends(trip, "from two")
        await one.until(lambda: one.texts == ["from one", "from two"])


async def test_tabs_of_people_outside_the_trip_hear_nothing(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    other = await bo.makes_trip("Oslo")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as ana_tab,
        tab_of(server, bo, f"/trip/{other}") as bo_tab,
        tab_of(server, bo, "/") as bo_list,
    ):
        await ana_tab.sends(trip, "hello")
        await ana_tab.until(lambda: ana_tab.texts == ["hello"])
        # Something of Bo's own afterwards shows that nothing is still on its way.
        await bo_tab.sends(other, "mine")
        await bo_tab.until(lambda: bo_tab.texts == ["mine"])
        await bo_list.until(lambda: bo_list.trips.cards[other]["last_line"] == "mine")
        for tab in (bo_tab, bo_list):
            assert not any(trip in frame or "hello" in frame for frame in tab.frames)


async def test_a_trip_list_hears_the_newest_message_of_each_trip(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, bo, "/") as bo_list:
        sent = await ana.writes(trip, "where are you?")
        await bo_list.until(lambda: bo_list.var(LIST_STATE, f"t_{trip}"))
        summary = bo_list.var(LIST_STATE, f"t_{trip}")
        assert summary["last_seq"] == sent["seq"]
        assert summary["last_line"] == "where are you?"
        assert summary["last_author"] == "Ana Lima"


async def test_a_new_trip_appears_in_the_list_by_itself(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, bo, "/") as bo_list:
        assert bo_list.var(LIST_STATE, "cards") == []
        await bo.joins(await ana.invites_to(trip))
        await bo_list.until(lambda: bo_list.var(LIST_STATE, "cards"))
        await ana.writes(trip, "welcome")
        await bo_list.until(lambda: bo_list.var(LIST_STATE, f"t_{trip}"))


async def test_who_leaves_hears_no_more(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}") as two,
    ):
        await bo.leaves(trip)
        await two.until(lambda: two.var(ROOM_STATE, "problem") == "not-a-member")
        assert two.var(ROOM_STATE, "problem_of") == trip
        await one.until(lambda: one.trips.members[bo.user_id]["left"])
        await one.sends(trip, "just us")
        await one.until(lambda: one.texts == ["just us"])
        answer = await two.answer_to(await two.sends(trip, "let me in"))
        assert "not a member" in answer["problem"]
        assert not any("just us" in frame for frame in two.heard)


async def test_signing_out_ends_the_tabs_of_that_sign_in(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    tab, other = tab_of(server, ana, f"/trip/{trip}"), tab_of(server, bo, f"/trip/{trip}")
    async with tab, other:
        await ana.http.post("/api/auth/sign-out", json={})
        await tab.until(lambda: tab.closed)
        assert tab.var(SESSION_STATE, "user_id") == ""
        await other.sends(trip, "still here")
        await other.until(lambda: other.texts == ["still here"])


async def test_another_tabs_token_opens_nothing(server: Server, ana: Account, bo: Account) -> None:
    """A client token finds a tab's stored state; whoever repeats one must not see what is in it."""
    trip = await ana.makes_trip("Lisbon")
    tab = tab_of(server, ana, f"/trip/{trip}")
    async with tab:
        await tab.sends(trip, "for my eyes only")
        await tab.until(lambda: tab.texts == ["for my eyes only"])
    for cookie in ("", bo.token):
        thief = Tab(server.port, f"/trip/{trip}", cookie, token=tab.token)
        await thief.open(hydrate=False)
        for event in ("hydrate", "hydrate_and_load"):
            await thief.call(f"reflex___state____state.{event}")
        await thief.call(f"{ROOM_STATE}.load_page", trip_id=trip)
        await thief.call(f"{ROOM_STATE}.enter")
        await thief.until(lambda: thief.var(ROOM_STATE, "problem"))  # noqa: B023
        assert not any(ana.email in frame or "my eyes" in frame for frame in thief.frames)
        await thief.close()


async def test_a_repeated_send_is_one_message(server: Server, ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        for _ in range(3):
            await tab.sends(trip, "once", client_id="the-same")
        await tab.sends(trip, "after")
        await tab.until(lambda: tab.texts[-1:] == ["after"])
        assert tab.texts == ["once", "after"]


async def test_a_refused_message_says_why_to_its_sender_alone(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}") as two,
    ):
        answer = await one.answer_to(await one.sends(trip, "x" * 4001))
        assert "too long" in answer["problem"]
        await one.sends(trip, "short")
        await two.until(lambda: two.texts == ["short"])
        assert not any("too long" in frame for frame in two.heard)


async def test_arguments_of_the_wrong_type_are_refused_and_harm_nobody(
    server: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        for wrong in (None, 7, [], {}, "", "x" * 65, {"text": 1}, True, 1.5):
            await tab.call(
                f"{ROOM_STATE}.send", trip_id=wrong, client_id=wrong, kind=wrong, body=wrong
            )
            await tab.call(f"{ROOM_STATE}.load_page", trip_id=trip, before=wrong, after=wrong)
            await tab.call(f"{ROOM_STATE}.mark_read", trip_id=trip, seq=wrong)
        await tab.call(f"{ROOM_STATE}.send", nonsense=1)
        await tab.call(f"{ROOM_STATE}.nothing_like_it", a=1)
        await tab.call("no.such.state.handler")
        await tab.sends(trip, "all is well")
        await tab.until(lambda: tab.texts == ["all is well"])
    assert [message["text"] for message in await ana.reads(trip)] == ["all is well"]


async def test_a_reload_while_others_write_misses_nothing(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as writer:

        async def write() -> None:
            for number in range(200):
                await writer.sends(trip, f"message {number}")
                await asyncio.sleep(0)

        writing = asyncio.create_task(write())
        tabs = []
        while not writing.done() or len(tabs) < 10:
            tabs.append(await tab_of(server, bo, f"/trip/{trip}").open())
        await writing
        expected = [f"message {number}" for number in range(140, 200)]
        for tab in tabs:
            await tab.until(lambda: tab.texts == expected)  # noqa: B023
            await tab.close()
