"""Where no WebSocket gets through, the page goes on over HTTP, and back when one does."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Request, expect

from tests.e2e import watch
from tests.e2e.person import NewPerson, Person
from tests.kit.proxy import Proxy
from tests.kit.server import Server

BLOCKED = (
    r"WebSocket connection to .* failed"
    # A stream that breaks, at the latest when the proxy goes, before the page does.
    r"|ERR_CONNECTION_(RESET|REFUSED|CLOSED)|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED"
)
"""What the browser itself writes on such a way."""


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(server: Server) -> AsyncIterator[Proxy]:
    """A way to the server that lets no WebSocket through."""
    async with Proxy(server.port) as proxy:
        proxy.refuse_upgrades()
        yield proxy


async def is_in_fallback(person: Person) -> None:
    """The page is connected over HTTP and has its state."""
    await expect(person.app).to_have_attribute("data-connection-state", "fallback")
    await expect(person.app).to_have_attribute("data-transport", "stream")
    await expect(person.app).to_have_attribute("data-hydrated", "true")


async def behind(proxy: Proxy, person: Person, trip: str) -> None:
    """Somebody opens the trip over a way that blocks WebSockets."""
    person.url = proxy.url
    person.may_hear(BLOCKED)
    await person.page.goto(f"{proxy.url}/trip/{trip}")
    await is_in_fallback(person)


async def two(person: NewPerson, proxy: Proxy) -> tuple[str, Person, Person]:
    """Ana's network blocks WebSockets, Bo's does not; both have the trip open."""
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    await behind(proxy, ana, trip)
    return trip, ana, bo


async def test_all_that_lives_in_a_room_lives_over_http(person: NewPerson, proxy: Proxy) -> None:
    _, ana, bo = await two(person, proxy)
    await expect(ana.part("connection-banner")).to_have_attribute(
        "data-connection-state", "fallback"
    )
    await expect(bo.member(ana.account.user_id)).to_have_attribute("data-online", "true")
    await expect(ana.member(bo.account.user_id)).to_have_attribute("data-online", "true")

    await ana.composer.press_sequentially("Over HTTP")
    await expect(bo.typing).to_have_attribute("data-user-ids", ana.account.user_id)
    await ana.composer.press("Enter")
    await bo.sees("Over HTTP")
    await ana.sees("Over HTTP")
    await expect(bo.typing).to_have_attribute("data-user-ids", "")
    await bo.composer.press_sequentially("Over a WebSocket")
    await expect(ana.typing).to_have_attribute("data-user-ids", bo.account.user_id)
    await bo.composer.press("Enter")
    await ana.sees("Over a WebSocket")

    await bo.account.reacts(await ana.room.get_attribute("data-trip-id") or "", 1, "🎉")
    await expect(ana.reaction(1, "🎉")).to_have_attribute("data-count", "1")
    await ana.reaction(1, "🎉").click()
    await expect(bo.reaction(1, "🎉")).to_have_attribute("data-count", "2")
    await expect(ana.member(bo.account.user_id)).to_have_attribute("data-read-seq", "2")
    await expect(bo.member(ana.account.user_id)).to_have_attribute("data-read-seq", "2")

    await ana.page.close()
    await expect(bo.member(ana.account.user_id)).to_have_attribute("data-online", "false")


async def test_who_closes_the_page_is_gone_whatever_is_on_its_way(
    own_server: Server, person: NewPerson
) -> None:
    # Nobody would wait for who may still come back.
    await own_server.stop()
    await own_server.start(TRIPCHAT_RESUME_SECONDS="300")
    async with Proxy(own_server.port) as proxy:
        proxy.refuse_upgrades()
        ana, bo = await person("Ana", at=own_server), await person("Bo", at=own_server)
        trip = await ana.account.makes_trip("Lisbon", bo.account)
        await bo.opens(trip)
        await behind(proxy, ana, trip)
        await expect(bo.member(ana.account.user_id)).to_have_attribute("data-online", "true")
        proxy.delay(0.5)
        await ana.sends("And off")
        await ana.page.close()
        await expect(bo.member(ana.account.user_id)).to_have_attribute("data-online", "false")


async def test_changes_come_as_events_and_go_as_posts(person: NewPerson, proxy: Proxy) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url:
            asked.append(f"{request.method} {request.url.partition('?')[0]}")

    ana.page.on("request", note)
    await behind(proxy, ana, trip)
    await ana.sends("Hello")
    await ana.sees("Hello")
    path = f"{proxy.url}/api/trips/{trip}/events"
    assert asked[0] == f"GET {path}"
    assert asked.count(f"GET {path}") == 1, "there is one stream, and nobody polls"
    assert set(asked[1:]) == {f"POST {path}"}


async def test_a_stream_that_breaks_goes_on_where_it_was(person: NewPerson, proxy: Proxy) -> None:
    trip, ana, bo = await two(person, proxy)
    await ana.watches(watch.CONNECTION)
    await ana.watches(watch.ROWS)
    for number in range(1, 6):
        await bo.sends(f"Message {number} before")
        proxy.reset()
        await bo.sends(f"Message {number} after")
        await ana.has_seen(2 * number)
    await ana.sends("Still here")
    await bo.sees("Still here")
    assert await ana.page.evaluate("window.connectionStates") == ["fallback"]
    stored = [message["message_id"] for message in await ana.account.reads(trip)]
    assert await ana.attributes("message-id") == stored
    for row in (await ana.page.evaluate("window.rows")).values():
        assert row["counts"] == [1], "there was a moment without the row, or with two"


async def test_the_websocket_is_taken_back_without_a_reload(
    person: NewPerson, proxy: Proxy
) -> None:
    _, ana, bo = await two(person, proxy)
    await ana.page.evaluate("window.isSamePage = true")
    await ana.watches(watch.CONNECTION)
    await ana.watches(watch.ROWS)
    proxy.mend()
    await ana.sends("Just before")
    await ana.part("connection-status").click()  # the minute need not be waited for
    await ana.sends("In between")
    await ana.is_live()
    await expect(ana.app).to_have_attribute("data-transport", "websocket")
    await ana.sends("After")
    for text in ("Just before", "In between", "After"):
        await bo.sees(text)
        await ana.sees(text)
    assert await ana.page.evaluate("window.isSamePage")
    assert await ana.page.evaluate("window.connectionStates") == ["fallback", "connected"]
    for row in (await ana.page.evaluate("window.rows")).values():
        assert row["counts"] == [1], "there was a moment without the row, or with two"


async def test_a_network_that_begins_to_block_is_gone_around(
    person: NewPerson, proxy: Proxy
) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    ana.url = proxy.url
    ana.may_hear(BLOCKED)
    proxy.mend()
    await ana.opens(trip)
    # Somebody impatient: the waits between four attempts may be 18 seconds.
    asks = "setInterval(() => document.querySelector('[data-testid=connection-try]')?.click(), 50)"
    await ana.page.evaluate(asks)
    proxy.refuse_upgrades()
    proxy.cut()
    await is_in_fallback(ana)
    await ana.sends("By another way")
    await ana.sees("By another way")
    # The next page of the same tab need not find out anew.
    attempts = "window.attempts = []; addEventListener('tripchat:failed', e => attempts.push(e))"
    await ana.page.add_init_script(attempts)
    await ana.page.reload()
    await is_in_fallback(ana)
    assert await ana.page.evaluate("window.attempts.length") == 0
