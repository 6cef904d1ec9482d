"""What the page tells programs: console lines, and the events that come with them."""

from tests.e2e import watch
from tests.e2e.line import Line
from tests.e2e.person import NewPerson, Person

SUBSCRIBED = "info: [tripchat] WebSocket Realtime subscribed - persistent connection active"
CLOSED = "warning: [tripchat] WebSocket Realtime connection closed - attempting reconnection"
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
    known = (SUBSCRIBED, CLOSED, CONNECTED, TYPING, TYPED, BROADCAST)
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
    await ana.page.wait_for_function("window.events.length === 5")
    line.mend()
    await ana.page.wait_for_function("window.events.length === 6")
    assert lines(ana) == [SUBSCRIBED, TYPING, TYPED, BROADCAST, CLOSED, CONNECTED]

    names, details = zip(*await ana.page.evaluate("window.events"), strict=True)
    assert names == ("connected", *["broadcast"] * 3, "closed", "connected")
    [stored] = await ana.account.reads(trip)
    assert details[3]["client_id"] == stored["client_id"]
    assert details[3]["seq"] == 1
    assert details[3]["sent_at"] <= details[3]["broadcast_at"]
