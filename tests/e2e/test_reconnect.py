"""Tunnels, dead spots, restarted servers: the page comes back by itself and nothing is missing."""

from playwright.async_api import expect

from tests.e2e import watch
from tests.e2e.line import NOBODY_THERE, Line, together_on_a_line
from tests.e2e.person import NewPerson, Person
from tests.e2e.scrolling import (
    goes_to_the_bottom,
    reads_back_to,
    reads_on_to,
    scrolls_up,
    shows_no_gap,
)
from tests.kit.server import Server


async def says_it_is_cut_off(person: Person) -> None:
    """The page knows and says that it is not connected."""
    await person.is_cut_off()
    await expect(person.part("connection-banner")).to_be_visible()
    await expect(person.part("connection-banner")).to_have_attribute(
        "data-connection-state", "disconnected"
    )


async def is_back(person: Person) -> None:
    """The page is connected again and says no more about it."""
    await person.is_live()
    await expect(person.part("connection-banner")).to_have_count(0)


async def test_the_server_restarts_and_the_conversation_goes_on(
    person: NewPerson, own_server: Server
) -> None:
    ana, bo = await person("Ana", at=own_server), await person("Bo", at=own_server)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    for who in (ana, bo):
        who.may_hear(NOBODY_THERE)
        await who.opens(trip)
        await who.watches(watch.ROWS)
        await who.watches(watch.CONNECTION)
    await ana.sends("Before")
    await bo.sees("Before")

    await own_server.stop()
    for who in (ana, bo):
        await says_it_is_cut_off(who)
    await ana.sends("Written in the tunnel")
    await expect(ana.message("Written in the tunnel")).to_have_attribute("data-state", "sending")

    await own_server.start()
    await bo.account.writes(trip, "Written from elsewhere")
    for who in (ana, bo):
        await is_back(who)
        await who.has_seen(3)
        await who.sees("Written in the tunnel")
        await who.sees("Written from elsewhere")
    await bo.sends("After")
    await ana.sees("After")

    stored = [message["message_id"] for message in await ana.account.reads(trip)]
    assert len(stored) == 4
    for who in (ana, bo):
        assert await who.attributes("message-id") == stored
        states = await who.page.evaluate("window.connectionStates")
        assert [state for state in states if state != "connecting"] == [
            *(["connected"] if states[0] == "connected" else []),
            "disconnected",
            "connected",
        ]
        rows = await who.page.evaluate("window.rows")
        assert len(rows) == 4
        for row in rows.values():
            assert row["counts"] == [1], "there was a moment without the row, or with two"
            assert len(row["elements"]) == 1


async def test_the_page_says_that_it_is_ready_not_before_it_is(person: NewPerson) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    await ana.opens(await ana.account.makes_trip())
    ready = await watch.Watched.on(ana.page, "[data-testid=app]", "data-hydrated")
    for _ in range(5):
        await line.cut()
        await says_it_is_cut_off(ana)
        line.mend()
        await is_back(ana)
        await ana.sends("Here I am")
        await expect(ana.message("Here I am").last).to_have_attribute("data-state", "sent")
    assert await ready.values() == ["true", *["false", "true"] * 5]


async def test_after_a_dead_spot_everything_is_there_once(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(bo)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    await bo.watches(watch.ROWS)
    for round_number in (1, 2, 3):
        await line.cut()
        await says_it_is_cut_off(bo)
        await ana.account.writes_all(trip, (f"Missed {round_number}-{n}" for n in range(5)))
        for number in range(3):
            await bo.sends(f"Typed {round_number}-{number}")
        await expect(bo.page.locator('[data-testid=message][data-state="sending"]')).to_have_count(
            3
        )
        line.mend()
        await is_back(bo)
        await bo.has_seen(8 * round_number)
    stored = await ana.account.reads(trip)
    assert [m["text"] for m in stored if m["author_id"] == bo.account.user_id] == [
        f"Typed {round_number}-{number}" for round_number in (1, 2, 3) for number in range(3)
    ]
    assert await bo.attributes("message-id") == [m["message_id"] for m in stored]
    assert await bo.attributes("state") == ["sent"] * 24
    for row in (await bo.page.evaluate("window.rows")).values():
        assert row["counts"] == [1]
        assert len(row["elements"]) == 1


async def test_a_message_whose_answer_was_lost_is_not_sent_twice(person: NewPerson) -> None:
    _, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    line.silence()
    await bo.sends("Did you get this?")
    await ana.sees("Did you get this?")
    await expect(bo.message("Did you get this?")).to_have_attribute("data-state", "sending")
    await line.cut()
    await says_it_is_cut_off(bo)
    line.mend()
    await is_back(bo)
    await bo.sees("Did you get this?")
    await bo.sends("Once is enough")
    await ana.sees("Once is enough")
    assert await ana.attributes("seq") == ["1", "2"]
    assert await bo.attributes("message-id") == await ana.attributes("message-id")


async def test_a_message_that_many_have_followed_by_now_does_not_come_up_at_the_end(
    person: NewPerson,
) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await bo.watches(watch.ROWS)
    line.silence()
    await bo.sends("Did you get this?")
    await ana.sees("Did you get this?")
    await ana.account.writes_all(trip, (f"Missed {number}" for number in range(70)))
    await line.cut()
    await says_it_is_cut_off(bo)
    line.mend()
    await is_back(bo)
    await bo.has_seen(71)
    await bo.sends("The last word")
    await bo.sees("The last word")
    (asked,) = [m["client_id"] for m in await ana.account.reads(trip, before=2)]
    # From its place among the unsent it goes to its own, which is further up.
    assert (await bo.page.evaluate("window.rows"))[asked]["seqs"] == [0]


async def test_after_a_long_absence_i_am_at_the_end_and_can_read_what_i_missed(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(bo)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Before {number}" for number in range(1, 31)))
    await bo.opens(trip)
    await bo.has_seen(30)
    await line.cut()
    await says_it_is_cut_off(bo)
    await ana.account.writes_all(trip, (f"Missed {number}" for number in range(31, 231)))
    line.mend()
    await is_back(bo)
    await bo.has_seen(230)
    await expect(bo.at(230)).to_be_in_viewport(ratio=0.99)
    await expect(bo.timeline).to_have_attribute("data-at-end", "true")
    await shows_no_gap(bo)
    await reads_back_to(bo, 1)
    assert await bo.attributes("seq") == [str(seq) for seq in range(1, 231)]


async def test_a_long_absence_does_not_move_what_i_was_reading(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(bo)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Before {number}" for number in range(1, 61)))
    await bo.opens(trip)
    await bo.has_seen(60)
    await scrolls_up(bo)
    stood = await bo.at(30).evaluate("row => row.getBoundingClientRect().top")
    await line.cut()
    await says_it_is_cut_off(bo)
    await ana.account.writes_all(trip, (f"Missed {number}" for number in range(61, 201)))
    line.mend()
    await is_back(bo)
    await expect(bo.part("jump-latest")).to_have_attribute("data-new", "140")
    assert abs(await bo.at(30).evaluate("row => row.getBoundingClientRect().top") - stood) <= 2
    await shows_no_gap(bo)
    await reads_on_to(bo, 200)
    await goes_to_the_bottom(bo)
    await bo.has_seen(200)
    await expect(bo.part("jump-latest")).to_have_count(0)


async def test_what_i_am_writing_survives_a_dead_spot(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(bo)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    await bo.writes("Half a sent")
    await line.cut()
    await says_it_is_cut_off(bo)
    await bo.composer.press_sequentially("ence")
    line.mend()
    await is_back(bo)
    await expect(bo.composer).to_have_value("Half a sentence")
    await expect(bo.composer).to_be_focused()
    await bo.composer.press("Enter")
    await bo.sees("Half a sentence")


async def test_whoever_was_signed_out_meanwhile_comes_back_to_a_closed_trip(
    person: NewPerson,
) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, "For members only")
    await ana.opens(trip)
    await ana.sees("For members only")
    await line.cut()
    await says_it_is_cut_off(ana)
    await ana.account.posts("/api/auth/sign-out", {})
    line.mend()
    await expect(ana.part("sign-in-submit")).to_be_visible()
    await expect(ana.room).to_have_count(0)
    await expect(ana.app).not_to_contain_text("For members only")


async def test_whoever_was_taken_out_meanwhile_comes_back_to_a_closed_trip(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(bo)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    await line.cut()
    await says_it_is_cut_off(bo)
    await bo.sends("Do you hear me?")
    await bo.account.leaves(trip)
    line.mend()
    await expect(bo.app).to_contain_text("not in this trip")
    await expect(bo.room).to_have_count(0)
    assert await ana.account.reads(trip) == []
