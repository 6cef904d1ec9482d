"""What the page tells programs: console lines, and the events that come with them."""

from tests.e2e import watch
from tests.e2e.line import Line
from tests.e2e.person import NewPerson, Person

SUBSCRIBED = "info: [tripchat] WebSocket Realtime subscribed - persistent connection active"
CLOSED = "warning: [tripchat] WebSocket Realtime connection closed - attempting reconnection"
CHECKED = "info: [tripchat] Connection health check started - checking every 30 seconds"
SCHEDULED = "info: [tripchat] Scheduling WebSocket reconnection attempt 1 in"
ATTEMPTED = "info: [tripchat] Attempting WebSocket reconnection..."
CONNECTED = (
    "info: [tripchat] WebSocket Realtime connected successfully - persistent connection established"
)
TYPING, TYPED = (
    f"info: [tripchat] Typing indicator instantly broadcasted to all connected clients: {typing}"
    for typing in ("true", "false")
)
BROADCAST = "info: [tripchat] Message instantly broadcasted to all connected clients via WebSocket"


def lines(person: Person) -> list[str]:
    """What the console says of the connection, each line without its figures."""
    connection = (SUBSCRIBED, CHECKED, CLOSED, SCHEDULED, ATTEMPTED, CONNECTED)
    known = (*connection, TYPING, TYPED, BROADCAST)
    return [each for line in person.console for each in known if line.startswith(each)]


async def test_the_console_tells_how_the_connection_goes(person: NewPerson) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon")
    await ana.watches(watch.EVENTS)
    await ana.opens(trip)
    await ana.sends("Hello")
    await ana.sees("Hello")
    await line.cut()
    await ana.until("window.events.length === 6")
    line.mend()
    await ana.until("window.events.length === 8")
    said = [TYPING, TYPED, BROADCAST]
    again = [CLOSED, SCHEDULED, ATTEMPTED, CONNECTED, CHECKED]
    assert lines(ana) == [SUBSCRIBED, CHECKED, *said, *again]

    names, details = zip(*await ana.page.evaluate("window.events"), strict=True)
    again = ("closed", "scheduled", "attempt", "connected")
    assert names == ("connected", *["broadcast"] * 3, *again)
    assert details[5]["attempt"] == 1
    assert 500 <= details[5]["delay"] <= 1000
    [stored] = await ana.account.reads(trip)
    assert details[3]["client_id"] == stored["client_id"]
    assert details[3]["seq"] == 1
    assert details[3]["sent_at"] <= details[3]["broadcast_at"]


async def test_the_console_tells_of_each_health_check(person: NewPerson) -> None:
    ana = await person("Ana")
    await ana.watches(watch.EVENTS)
    await ana.visits("/")
    await ana.part("connection-status").click()
    await ana.until("window.events.length === 3")
    names, details = zip(*await ana.page.evaluate("window.events"), strict=True)
    assert names == ("connected", "ping", "pong")
    assert details[2]["roundTrip"] >= 0
    assert "info: [tripchat] Connection health check - ping sent {}" in ana.console
