"""What I have read: the marker, unread counts on every device of mine, and who has seen mine."""

import asyncio
import re

import pytest
from playwright.async_api import WebSocket, expect

from tests.e2e.line import Line, together_on_a_line
from tests.e2e.person import NewDevice, NewPerson, Person, Tab, together
from tests.e2e.scrolling import scrolls_up
from tests.e2e.watch import Watched

HIDING = """(() => {
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  Object.defineProperty(document, "visibilityState", { get: () => hidden ? "hidden" : "visible" });
  window.hide = (value) => {
    hidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
  };
})()"""
"""Headless, every page is visible: `hide(true)` has this one believe that it is not."""

HESITATES_MS = 2000
HESITATING = f"Math.random = () => {HESITATES_MS / 200}"
"""The page says what was read within 200 ms, at random: here it takes ten times as long."""

NEVER = "Math.random = () => 1e5"
"""It would not say so before the next day."""


async def looks_away(tab: Tab) -> None:
    """Bring another tab or window to the front; the page must have been opened with HIDING."""
    await tab.page.evaluate("hide(true)")


async def looks_again(tab: Tab) -> None:
    """Bring the page to the front again."""
    await tab.page.evaluate("hide(false)")


async def has_read(tab: Tab, person: Person, seq: int) -> None:
    """Somebody's marker is seen to be at this message."""
    member = tab.member(person.account.user_id)
    await expect(member).to_have_attribute("data-read-seq", str(seq))


async def watches_marker(tab: Tab, person: Person) -> Watched:
    """Note from now on how far somebody is seen to have read."""
    selector = f'[data-testid=member][data-user-id="{person.account.user_id}"]'
    return await Watched.on(tab.page, selector, "data-read-seq")


def marks_of(tab: Tab) -> list[str]:
    """What the tab's pages, from the next one on, tell the server of having read."""
    marks: list[str] = []

    def hear(frame: str | bytes) -> None:
        if ".mark_read" in str(frame):
            marks.append(str(frame))

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", hear)

    tab.page.on("websocket", listen)
    return marks


async def has_unread(tab: Tab, trip_id: str, count: int, mentions: int = 0) -> None:
    """A trip in the list has so many unread messages."""
    await expect(tab.card(trip_id)).to_have_attribute("data-unread", str(count))
    await expect(tab.card(trip_id)).to_have_attribute("data-mentions", str(mentions))


async def divides_before(tab: Tab, seq: int) -> None:
    """The line above the first unread message stands above this one."""
    await expect(tab.part("unread-divider")).to_have_count(1)
    order = await tab.timeline.locator(
        "[data-testid=unread-divider], [data-testid=message]"
    ).evaluate_all("all => all.map(e => e.dataset.seq ?? 'divider')")
    assert order[order.index("divider") + 1] == str(seq)


async def test_the_marker_follows_what_i_really_see(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    for number in (1, 2, 3):
        await bo.sends(f"Message {number}")
        await ana.has_seen(number)
        await has_read(bo, ana, number)
        await has_read(ana, bo, number)
    late = await bo.another_tab()
    await late.opens(trip)
    await has_read(late, ana, 3)


async def test_the_marker_waits_while_the_tab_is_hidden(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon", bo.account, cleo.account)
    marks = marks_of(ana)
    await ana.watches(HIDING)
    await asyncio.gather(*(each.opens(trip) for each in (ana, bo, cleo)))
    seen = await watches_marker(bo, ana)
    await looks_away(ana)
    for number in (1, 2, 3):
        await bo.sends(f"Message {number}")
        await ana.has_seen(number)
        # Whoever looks has marked it by now, and it has come back to everybody.
        await has_read(ana, cleo, number)
        await has_read(bo, cleo, number)
    assert marks == []
    await looks_again(ana)
    await has_read(bo, ana, 3)
    assert await seen.values() == ["0", "3"]


async def test_the_marker_waits_while_i_read_further_up(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon", bo.account, cleo.account)
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, 61)))
    await asyncio.gather(*(each.opens(trip) for each in (ana, bo, cleo)))
    await has_read(bo, ana, 60)
    await scrolls_up(ana)
    seen = await watches_marker(bo, ana)
    for number in (61, 62, 63):
        await bo.sends(f"Message {number}")
        await expect(ana.part("jump-latest")).to_have_attribute("data-new", str(number - 60))
        await has_read(bo, cleo, number)
        await has_read(ana, cleo, number)
    assert await seen.values() == ["60"]
    await ana.part("jump-latest").click()
    await has_read(bo, ana, 63)
    assert await seen.values() == ["60", "63"]


async def test_the_marker_never_goes_back(person: NewPerson, device: NewDevice) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, 131)))
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    await has_read(bo, ana, 130)
    seen = await watches_marker(bo, ana)
    phone = await device(ana)
    await phone.opens(trip, at=5)
    await expect(phone.at(5)).to_be_in_viewport()
    await bo.sends("One more")
    await has_read(bo, ana, 131)
    assert await seen.values() == ["130", "131"]


async def test_what_i_read_on_one_device_is_read_on_all(
    person: NewPerson, device: NewDevice
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await bo.account.makes_trip("Lisbon", ana.account)
    porto = await bo.account.makes_trip("Porto", ana.account)
    laptop, phone, tablet = ana, await device(ana), await device(ana)
    for hidden in (phone, tablet):
        await hidden.watches(HIDING)
    await asyncio.gather(laptop.visits("/"), phone.opens(trip), tablet.opens(porto))
    for hidden in (phone, tablet):
        await looks_away(hidden)
    for number in (1, 2, 3):
        await bo.account.writes(trip, f"Message {number}")
        for screen in (laptop, phone, tablet):
            await has_unread(screen, trip, number)
    await looks_again(phone)
    for screen in (laptop, phone, tablet):
        await has_unread(screen, trip, 0)
    await expect(laptop.card(trip)).to_contain_text("Message 3")


async def test_what_i_saw_just_before_going_to_another_trip_is_read(
    person: NewPerson, device: NewDevice
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    lisbon = await bo.account.makes_trip("Lisbon", ana.account)
    porto = await bo.account.makes_trip("Porto", ana.account)
    phone = await device(ana)
    await ana.watches(HESITATING)
    await asyncio.gather(ana.opens(lisbon), phone.visits("/"))
    await bo.account.writes(lisbon, "One")
    await ana.has_seen(1)
    line.hold()
    await ana.card(porto).click()
    # A timer that was set later has run out: the page would have told it by now, and could not.
    await ana.page.evaluate(f"new Promise((done) => setTimeout(done, {HESITATES_MS}))")
    await has_unread(phone, lisbon, 1)
    line.release()
    await ana.is_in(porto)
    await has_unread(phone, lisbon, 0)


@pytest.mark.parametrize("leaving", ["reload", "close", "look away"])
async def test_what_i_saw_just_before_i_left_is_read(
    person: NewPerson, device: NewDevice, leaving: str
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await bo.account.makes_trip("Lisbon", ana.account)
    phone = await device(ana)
    for script in (HIDING, NEVER):
        await ana.watches(script)
    await asyncio.gather(ana.opens(trip), phone.visits("/"))
    await bo.account.writes(trip, "One")
    await ana.has_seen(1)
    if leaving == "reload":
        await ana.reloads()
    elif leaving == "close":
        await ana.page.close()
    else:
        await looks_away(ana)
    await has_unread(phone, trip, 0)


async def test_markers_of_two_trips_do_not_wait_for_each_other(
    person: NewPerson, device: NewDevice
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon = await bo.account.makes_trip("Lisbon", ana.account)
    porto = await bo.account.makes_trip("Porto", ana.account)
    await bo.account.writes(porto, "One")
    phone = await device(ana)
    await ana.watches(HESITATING)
    await asyncio.gather(ana.opens(lisbon), phone.visits("/"))
    await bo.account.writes(lisbon, "Two")
    await ana.has_seen(1)
    await ana.goes_to(porto)
    await ana.sees("One")
    for trip in (lisbon, porto):
        await has_unread(phone, trip, 0)


async def test_unread_messages_are_counted_for_each_trip_and_in_the_title(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana Lima"), await person("Bo")
    lisbon = await bo.account.makes_trip("Lisbon", ana.account)
    porto = await bo.account.makes_trip("Porto", ana.account)
    await bo.account.writes_all(lisbon, ["One", "Two"])
    await ana.visits("/")
    await has_unread(ana, lisbon, 2)
    await has_unread(ana, porto, 0)
    await expect(ana.page).to_have_title("(2) TripChat")
    await bo.account.writes(porto, "Three")
    await bo.account.writes(lisbon, "Four, @Ana Lima")
    await has_unread(ana, lisbon, 3, mentions=1)
    await has_unread(ana, porto, 1)
    await expect(ana.page).to_have_title("(4) TripChat")
    await ana.goes_to(lisbon)
    await expect(ana.page).to_have_title("(1) Lisbon · TripChat")
    await has_unread(ana, lisbon, 0)
    await ana.goes_to(porto)
    await expect(ana.page).to_have_title("Porto · TripChat")
    await ana.visits("/")
    await expect(ana.page).to_have_title("TripChat")
    await has_unread(ana, lisbon, 0)
    await has_unread(ana, porto, 0)


async def test_a_hidden_tab_counts_in_its_title(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.watches(HIDING)
    await ana.opens(trip)
    await looks_away(ana)
    await bo.account.writes_all(trip, ["One", "Two"])
    await expect(ana.page).to_have_title("(2) Lisbon · TripChat")
    await looks_again(ana)
    await expect(ana.page).to_have_title("Lisbon · TripChat")


async def test_what_i_write_is_not_unread_to_me(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.visits("/")
    unread = await Watched.on(ana.page, "[data-testid=trip-card]", "data-unread")
    await ana.account.writes(trip, "From a program")
    await expect(ana.card(trip)).to_contain_text("From a program")
    writing = await ana.another_tab()
    await writing.opens(trip)
    for number in (1, 2, 3):
        await writing.sends(f"Message {number}")
        await expect(ana.card(trip)).to_contain_text(f"Message {number}")
    await writing.page.close()
    await ana.account.writes(trip, "From a program again")
    await expect(ana.card(trip)).to_contain_text("From a program again")
    assert await unread.values() == ["0"]
    await bo.account.writes(trip, "From somebody else")
    await has_unread(ana, trip, 1)


async def test_a_line_stands_above_the_first_unread_message(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes_all(trip, (f"Message {number}" for number in range(1, 6)))
    await ana.opens(trip)
    await divides_before(ana, 1)
    await has_unread(ana, trip, 0)
    await ana.reloads()
    await ana.has_seen(5)
    await expect(ana.part("unread-divider")).to_have_count(0)

    await ana.visits("/")
    await bo.account.writes_all(trip, (f"Message {number}" for number in range(6, 9)))
    await ana.opens(trip)
    await divides_before(ana, 6)
    await bo.account.writes(trip, "And one that I see coming")
    await ana.has_seen(9)
    await divides_before(ana, 6)
    await ana.sends("I have read all of it")
    await ana.sees("I have read all of it")
    await expect(ana.part("unread-divider")).to_have_count(0)


async def test_the_line_stands_where_i_looked_away(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.watches(HIDING)
    await ana.opens(trip)
    await bo.account.writes_all(trip, ["One", "Two"])
    await ana.has_seen(2)
    await expect(ana.part("unread-divider")).to_have_count(0)
    await looks_away(ana)
    await bo.account.writes_all(trip, ["Three", "Four"])
    await ana.has_seen(4)
    await divides_before(ana, 3)
    await looks_again(ana)
    await bo.account.writes(trip, "Five")
    await ana.has_seen(5)
    await divides_before(ana, 3)


async def test_the_line_is_there_in_a_trip_that_i_come_back_to(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await bo.account.writes_all(lisbon, ["One", "Two"])
    await ana.opens(lisbon)
    await ana.goes_to(porto)
    await has_unread(ana, lisbon, 0)
    await bo.account.writes_all(lisbon, ["Three", "Four"])
    await has_unread(ana, lisbon, 2)
    await ana.goes_to(lisbon)
    await ana.has_seen(4)
    await divides_before(ana, 3)
    await has_unread(ana, lisbon, 0)


@pytest.mark.parametrize("unread", [30, 150])
async def test_a_button_leads_to_the_first_unread_message(person: NewPerson, unread: int) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes_all(trip, (f"Message {number}." for number in range(1, 81)))
    await ana.opens(trip)
    await has_read(ana, ana, 80)
    await ana.visits("/")
    await bo.account.writes_all(trip, (f"Unread {number}." for number in range(1, unread + 1)))
    await ana.opens(trip)
    await expect(ana.part("jump-unread")).to_have_attribute("data-unread", str(unread))
    await expect(ana.at(80 + unread)).to_be_in_viewport(ratio=0.99)
    await ana.part("jump-unread").click()
    await expect(ana.at(81)).to_be_in_viewport(ratio=0.99)
    await divides_before(ana, 81)
    await expect(ana.part("unread-divider")).to_be_in_viewport()
    await expect(ana.part("jump-unread")).to_have_count(0)
    # From there one reads on, and comes back to the end.
    await expect(ana.at(82)).to_have_count(1)
    await ana.part("jump-latest").click()
    await expect(ana.at(80 + unread)).to_be_in_viewport(ratio=0.99)
    await expect(ana.part("jump-unread")).to_have_count(0)


async def test_no_button_where_the_first_unread_message_is_in_view(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes_all(trip, ["One", "Two"])
    await ana.opens(trip)
    await divides_before(ana, 1)
    await expect(ana.part("jump-unread")).to_have_count(0)


async def test_my_newest_message_tells_who_has_seen_it(
    person: NewPerson, device: NewDevice
) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon", bo.account, cleo.account)
    await bo.watches(HIDING)
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    await looks_away(bo)
    phone = await device(ana)
    await phone.opens(trip)

    await ana.sends("Ferry at nine")
    await bo.has_seen(1)
    await ana.sees("Ferry at nine")
    await expect(ana.part("seen-by")).to_have_count(0)
    await looks_again(bo)
    for mine in (ana, phone):
        await expect(mine.at(1).get_by_test_id("seen-by")).to_have_text("Seen by Bo")
    await cleo.opens(trip)
    for mine in (ana, phone):
        await expect(mine.at(1).get_by_test_id("seen-by")).to_have_text("Seen by everyone")
    await expect(bo.part("seen-by")).to_have_count(0)

    # It is under the newest of mine only, whoever writes meanwhile.
    await bo.sends("Thanks")
    await ana.sees("Thanks")
    await expect(ana.part("seen-by")).to_have_count(1)
    await looks_away(bo)
    await ana.sends("Platform seven")
    await expect(ana.at(3).get_by_test_id("seen-by")).to_have_text("Seen by Cleo")
    await expect(ana.part("seen-by")).to_have_count(1)
    await expect(cleo.part("seen-by")).to_have_count(0)


async def test_seeing_is_told_after_a_lost_connection(person: NewPerson) -> None:
    _, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    line.hold()
    await ana.sends("Do you see this?")
    await bo.sees("Do you see this?")
    await line.cut()
    await bo.is_cut_off()
    await ana.sends("And this?")
    await ana.sees("And this?")
    await has_read(ana, bo, 0)
    line.mend()
    line.release()
    await bo.is_live()
    await has_read(ana, bo, 2)
    await expect(ana.at(2).get_by_test_id("seen-by")).to_have_text(re.compile("Bo|everyone"))
