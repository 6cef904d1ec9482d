"""How the page says how its connection is, and what it does about it."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e import watch
from tests.e2e.line import NOBODY_THERE, Line
from tests.e2e.person import NewPerson, Person
from tests.kit.proxy import Proxy
from tests.kit.server import ROOT, Server

ANOTHER_BUILD = {"PYTHONPATH": str(ROOT / "docs" / "examples"), "TRIPCHAT_EXTENSIONS": "place_kind"}
IDLE_MS = 31_000


async def events(person: Person, name: str) -> int:
    """How often the page has told of this."""
    return await person.page.evaluate(
        "name => window.events.filter(([each]) => each === name).length", name
    )


async def hears_of(person: Person, name: str, times: int) -> None:
    """The page has told of this at least so often."""
    happened = f"window.events.filter(([each]) => each === '{name}').length"
    await person.until(f"{happened} >= {times}")


async def on_a_line(person: NewPerson) -> tuple[Person, Line]:
    """Somebody with a trip open, whose line can be cut, watched."""
    ana = await person("Ana")
    line = await Line.of(ana)
    await ana.watches(watch.EVENTS)
    await ana.opens(await ana.account.makes_trip())
    return ana, line


async def test_the_banner_counts_down_and_whoever_asks_is_connected_at_once(
    person: NewPerson,
) -> None:
    ana, line = await on_a_line(person)
    banner, button = ana.part("connection-banner"), ana.part("connection-try")
    await expect(banner).to_have_count(0)
    await line.cut()
    await expect(banner).to_contain_text("What you write is kept")
    # By then several seconds are between two attempts.
    await hears_of(ana, "scheduled", 3)
    await expect(banner).to_contain_text(re.compile(r"Trying again in [2-5] s"))
    attempts = await events(ana, "attempt")
    line.mend()
    await button.click()
    await ana.is_live()
    await expect(banner).to_have_count(0)
    assert await events(ana, "attempt") == attempts + 1


async def test_offline_nothing_is_tried_and_online_it_is_at_once(person: NewPerson) -> None:
    ana, _ = await on_a_line(person)
    ana.may_hear("ERR_INTERNET_DISCONNECTED")
    await ana.context.set_offline(True)
    await ana.is_cut_off()
    await expect(ana.part("connection-banner")).to_contain_text("You are offline")
    await ana.sends("Written on the plane")
    await expect(ana.message("on the plane")).to_have_attribute("data-state", "sending")
    assert await events(ana, "attempt") == 0
    assert await events(ana, "scheduled") == 0
    await ana.context.set_offline(False)
    await ana.is_live()
    await ana.sees("Written on the plane")
    assert await events(ana, "attempt") == 1


async def test_a_black_hole_is_found_while_idle(person: NewPerson) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    await ana.page.clock.install()
    await ana.opens(await ana.account.makes_trip())
    line.silence()
    line.hold()
    await ana.page.clock.run_for(40_000)
    await ana.is_cut_off()


async def test_a_black_hole_is_found_by_what_is_said_into_it(person: NewPerson) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip()
    await ana.page.clock.install()
    await ana.opens(trip)
    line.hold()
    await ana.sends("Does anybody hear me?")
    # Others are heard all the while: the way up alone is gone.
    await ana.account.writes(trip, "From another device")
    await ana.sees("From another device")
    await ana.page.clock.run_for(8_000)
    await ana.is_cut_off()
    line.forget()
    await ana.page.clock.run_for(1_000)
    await ana.is_live()
    await ana.sees("Does anybody hear me?")
    assert len(await ana.account.reads(trip)) == 2


async def test_whoever_looks_sees_how_the_connection_is(person: NewPerson) -> None:
    ana, line = await on_a_line(person)
    dot, details = ana.part("connection-status"), ana.part("connection-details")
    await expect(dot).to_have_accessible_name("Connection: Connected")
    await expect(details).to_be_hidden()
    await dot.click()
    await expect(details).to_contain_text("WebSocket")
    await expect(details).to_contain_text(re.compile(r"Round trip\s*[\d.]+ ms"))
    await line.cut()
    await expect(dot).to_have_accessible_name("Connection: Not connected")
    await expect(details).to_contain_text(re.compile(r"Attempts\s*[1-9]"))


async def test_a_tab_that_gets_another_token_loses_nothing(
    person: NewPerson, server: Server
) -> None:
    """Reflex gives one to a tab that comes back before the server has noticed that it went."""
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    token = "sessionStorage.getItem('token')"
    async with Proxy(server.port) as proxy:
        ana.url = proxy.url
        await ana.watches(watch.ROWS)
        await ana.opens(trip)
        before = await ana.page.evaluate(token)
        proxy.strand()
        await ana.sends("From the tunnel")
        await bo.sends("Meanwhile")
        await ana.is_cut_off()
        await ana.is_live()
        assert await ana.page.evaluate(token) != before
        for who in (ana, bo):
            await who.sees("From the tunnel")
            await who.sees("Meanwhile")
            await who.has_seen(2)
        await ana.sends("Here again")
        await bo.sees("Here again")
        for row in (await ana.page.evaluate("window.rows")).values():
            assert row["counts"] == [1], "there was a moment without the row, or with two"
        await ana.page.close()


async def goes_on_with_another_build(server: Server, *people: Person) -> None:
    """A new version is deployed while they have the page open."""
    for who in people:
        who.may_hear(NOBODY_THERE)
    await server.stop()
    await server.start(**ANOTHER_BUILD)


async def test_an_outdated_page_says_so_and_reloads_when_nobody_notices(
    person: NewPerson, own_server: Server
) -> None:
    ana = await person("Ana", at=own_server)
    trip = await ana.account.makes_trip("Lisbon")
    await ana.page.clock.install()
    await ana.opens(trip)
    await ana.page.evaluate("window.isOld = true")
    await ana.writes("Half a sentence")
    await goes_on_with_another_build(own_server, ana)
    await ana.page.clock.run_for(1_000)
    await ana.page.clock.resume()
    await expect(ana.part("update-banner")).to_be_visible()
    await ana.is_live()
    await ana.writes("Half a sentence and more")
    assert await ana.page.evaluate("window.isOld")
    await ana.page.clock.run_for(IDLE_MS)
    await expect(ana.part("update-banner")).to_have_count(0)
    assert not await ana.page.evaluate("Boolean(window.isOld)")
    await expect(ana.composer).to_have_value("Half a sentence and more")


@pytest.mark.parametrize("busy", ["editing", "reading"])
async def test_an_outdated_page_waits_while_something_would_be_lost(
    person: NewPerson, own_server: Server, busy: str
) -> None:
    ana = await person("Ana", at=own_server)
    trip = await ana.account.makes_trip("Lisbon")
    await ana.account.writes_all(trip, [f"Message {number}" for number in range(60)])
    await ana.page.clock.install()
    await ana.opens(trip)
    await ana.page.evaluate("window.isOld = true")
    if busy == "editing":
        await ana.composer.press("ArrowUp")
        await ana.part("edit-input").fill("Half a correction")
    else:
        await ana.timeline.hover()
        await ana.page.mouse.wheel(0, -1500)
        await expect(ana.timeline).to_have_attribute("data-at-end", "false")
    await goes_on_with_another_build(own_server, ana)
    await ana.page.clock.run_for(1_000)
    await ana.page.clock.resume()
    await expect(ana.part("update-banner")).to_be_visible()
    await ana.is_live()
    await ana.page.clock.run_for(2 * IDLE_MS)
    assert await ana.page.evaluate("window.isOld")
    await ana.part("update-reload").click()
    await expect(ana.part("update-banner")).to_have_count(0)
    await ana.is_live()
