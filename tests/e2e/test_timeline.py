"""Reading back, staying where one reads, and coming back to the end."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.person import NewPerson, Person
from tests.e2e.scrolling import (
    goes_to_the_bottom,
    goes_to_the_top,
    reads_back,
    reads_back_to,
    reads_on,
    scrolls_up,
    shows_no_gap,
)
from tests.kit.people import Account
from tests.kit.server import Server

LONG = 400
SOME = 130
WORDS = ("Ferry", "at nine, platform seven.\nBring the tickets!", "ok", "What about lunch? " * 12)

LOADS_OLDER = """async (list) => {
  // Scroll near the top, then watch in every frame where the first row in view stands, until the
  // older page has been there for some frames.
  const frame = () => new Promise(requestAnimationFrame);
  const rows = () => [...list.querySelectorAll("[data-testid=message]")];
  const offset = (row) => row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const firstSeq = Number(rows()[0].dataset.seq);
  list.scrollTop = 150;
  const seen = rows().find((row) => row.getBoundingClientRect().bottom >
    list.getBoundingClientRect().top);
  const stood = offset(seen);
  let moved = 0;
  for (let after = 0, frames = 0; after < 5; frames++) {
    await frame();
    if (!seen.isConnected) return { moved: "the row in view was replaced" };
    moved = Math.max(moved, Math.abs(offset(seen) - stood));
    if (Number(rows()[0].dataset.seq) < firstSeq) after++;
    if (frames > 1200) return { moved: "nothing older came" };
  }
  return { moved, first: Number(rows()[0].dataset.seq) };
}"""


def story(count: int) -> Iterable[str]:
    """Messages of different heights, each with its number."""
    return (f"{WORDS[number % len(WORDS)]} #{number}." for number in range(1, count + 1))


@dataclass(frozen=True)
class LongTrip:
    """A trip to read in, and the invite to it."""

    trip_id: str
    code: str

    async def reader(self, person: NewPerson, at: int | None = None, **options: Any) -> Person:
        """Somebody who has it open."""
        bo = await person("Bo", **options)
        await bo.account.joins(self.code)
        await bo.opens(self.trip_id, at)
        if at is None:
            await bo.has_seen(LONG)
        return bo


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def long_trip(server: Server) -> AsyncIterator[LongTrip]:
    """A trip with 400 messages that no test adds to."""
    ana = await Account.sign_up(server.url, "Ana")
    trip_id = await ana.makes_trip("Lisbon")
    await ana.writes_all(trip_id, story(LONG))
    yield LongTrip(trip_id, await ana.invites_to(trip_id))
    await ana.close()


async def reads_a_trip(person: NewPerson) -> tuple[str, Person, Person]:
    """A trip with some pages of messages; Bo has it open, Ana acts from elsewhere."""
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, story(SOME))
    await bo.opens(trip)
    await bo.has_seen(SOME)
    return trip, ana, bo


async def test_the_newest_messages_are_there_at_once(
    person: NewPerson, long_trip: LongTrip
) -> None:
    bo = await long_trip.reader(person)
    await expect(bo.timeline).to_have_attribute("data-at-end", "true")
    await expect(bo.at(LONG)).to_be_in_viewport(ratio=1)
    assert await bo.messages.count() <= 100, "opening a trip should not load all of it"
    await expect(bo.part("jump-latest")).to_have_count(0)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desktop", "phone"])
async def test_scrolling_up_loads_older_messages_and_the_view_does_not_jump(
    person: NewPerson, long_trip: LongTrip, size: tuple[int, int]
) -> None:
    width, height = size
    bo = await long_trip.reader(person, viewport={"width": width, "height": height})
    first = int((await bo.attributes("seq"))[0])
    while first > 1:
        load = await bo.timeline.evaluate(LOADS_OLDER)
        assert isinstance(load["moved"], int | float), load["moved"]
        assert load["moved"] <= 2
        assert load["first"] < first
        first = load["first"]
        await shows_no_gap(bo)
    await goes_to_the_top(bo)
    await expect(bo.at(1)).to_be_in_viewport()
    await expect(bo.timeline).to_contain_text("This is where it starts")


async def test_the_whole_trip_can_be_read_by_turning_the_wheel_up_and_down(
    person: NewPerson, long_trip: LongTrip
) -> None:
    bo = await long_trip.reader(person)
    for last, reads_further in ((1, reads_back), (LONG, reads_on)):
        seen: set[int] = set()
        while True:
            said = await bo.messages.all_inner_texts()
            seen.update(int(text.rpartition("#")[2].partition(".")[0]) for text in said)
            if await bo.at(last).count() == 1:
                break
            await reads_further(bo)
        assert seen == set(range(1, LONG + 1))
        await (goes_to_the_top if last == 1 else goes_to_the_bottom)(bo)
    await expect(bo.timeline).to_have_attribute("data-at-end", "true")
    await bo.has_seen(LONG)


async def test_new_messages_follow_while_i_am_at_the_end(person: NewPerson) -> None:
    trip, ana, bo = await reads_a_trip(person)
    for number in range(1, 6):
        await ana.account.writes(trip, f"{WORDS[number % 4]} new {number}")
        await bo.has_seen(SOME + number)
        await expect(bo.at(SOME + number)).to_be_in_viewport(ratio=0.99)
        await expect(bo.timeline).to_have_attribute("data-at-end", "true")
        await expect(bo.part("jump-latest")).to_have_count(0)


async def test_new_messages_do_not_move_what_i_read_and_are_counted(person: NewPerson) -> None:
    trip, ana, bo = await reads_a_trip(person)
    await scrolls_up(bo)
    await expect(bo.part("jump-latest")).to_have_attribute("data-new", "0")
    row = await bo.page.evaluate_handle(
        """() => {
          const list = document.querySelector("[data-testid=timeline]");
          const top = list.getBoundingClientRect().top;
          return [...list.querySelectorAll("[data-testid=message]")].find(
            (row) => row.getBoundingClientRect().top > top);
        }"""
    )
    stood = await row.evaluate("row => row.getBoundingClientRect().top")
    for number in (1, 2, 3):
        await ana.account.writes(trip, f"{WORDS[number]} new {number}")
        await expect(bo.part("jump-latest")).to_have_attribute("data-new", str(number))
        assert abs(await row.evaluate("row => row.getBoundingClientRect().top") - stood) <= 2
    await expect(bo.timeline).to_have_attribute("data-at-end", "false")

    await bo.part("jump-latest").click()
    await expect(bo.at(SOME + 3)).to_be_in_viewport(ratio=0.99)
    await expect(bo.timeline).to_have_attribute("data-at-end", "true")
    await expect(bo.part("jump-latest")).to_have_count(0)
    await bo.has_seen(SOME + 3)


async def test_i_come_back_to_the_end_from_the_very_beginning(person: NewPerson) -> None:
    trip, ana, bo = await reads_a_trip(person)
    await bo.opens(trip, at=1)
    await expect(bo.at(1)).to_be_in_viewport()
    await ana.account.writes(trip, "While you were reading")
    await expect(bo.part("jump-latest")).to_be_visible()
    await bo.part("jump-latest").click()
    await bo.sees("While you were reading")
    await expect(bo.message("While you were reading")).to_be_in_viewport(ratio=0.99)
    await bo.has_seen(SOME + 1)
    await shows_no_gap(bo)


async def test_writing_takes_me_to_the_end(person: NewPerson) -> None:
    _, _, bo = await reads_a_trip(person)
    await scrolls_up(bo)
    await bo.sends("Here I am")
    await bo.sees("Here I am")
    await expect(bo.message("Here I am")).to_be_in_viewport(ratio=0.99)
    await expect(bo.timeline).to_have_attribute("data-at-end", "true")


@pytest.mark.parametrize("seq", [1, 37, 200, 390, LONG])
async def test_an_address_with_a_message_shows_that_message(
    person: NewPerson, long_trip: LongTrip, seq: int
) -> None:
    bo = await long_trip.reader(person, at=seq)
    await expect(bo.at(seq)).to_be_in_viewport(ratio=0.99)
    await expect(bo.at(seq)).to_contain_text(f"#{seq}.")
    await shows_no_gap(bo)
    # From there it reads on in both directions.
    for neighbour in {max(1, seq - 1), min(LONG, seq + 1)}:
        await expect(bo.at(neighbour)).to_have_count(1)


async def test_news_does_not_take_me_from_the_message_i_was_shown(person: NewPerson) -> None:
    trip, ana, bo = await reads_a_trip(person)
    await bo.opens(trip, at=40)
    await expect(bo.at(40)).to_be_in_viewport(ratio=0.99)
    stood = await bo.at(40).evaluate("row => row.getBoundingClientRect().top")
    await ana.account.writes(trip, "Later")
    await expect(bo.part("jump-latest")).to_have_attribute("data-new", "1")
    assert abs(await bo.at(40).evaluate("row => row.getBoundingClientRect().top") - stood) <= 2


@pytest.mark.parametrize("at", ["9999", "0", "-3", "first", "", "1e3", "37.5"])
async def test_an_address_with_a_message_that_is_not_there_opens_the_trip_at_its_end(
    person: NewPerson, at: str
) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    await ana.account.writes_all(trip, story(80))
    await ana.visits(f"/trip/{trip}?at={at}")
    await ana.has_seen(80)
    await expect(ana.at(80)).to_be_in_viewport(ratio=0.99)
    await ana.account.writes(trip, "And one more")
    await expect(ana.message("And one more")).to_be_in_viewport(ratio=0.99)
    await expect(ana.timeline).to_have_attribute("data-at-end", "true")


@pytest.mark.only("sqlite")
async def test_each_day_stands_above_its_first_message(person: NewPerson, server: Server) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, story(9))
    server.backdate(trip, upto_seq=6, days=1)
    server.backdate(trip, upto_seq=3, days=400)
    await bo.opens(trip)
    await bo.has_seen(9)
    days = bo.timeline.get_by_role("heading")
    await expect(days).to_have_count(3)
    headings = await days.all_inner_texts()
    assert headings[1:] == ["Yesterday", "Today"]
    moment = await bo.at(1).get_by_test_id("message-time").get_attribute("datetime")
    assert str(moment)[:4] in headings[0], "a day of another year names its year"
    # In the order of reading: a day, then its messages.
    order = await bo.timeline.locator("h1, h2, h3, h4, [data-testid=message]").evaluate_all(
        "all => all.map(e => e.dataset.seq ?? 'day')"
    )
    assert order == ["day", *"123", "day", *"456", "day", *"789"]


async def test_a_new_day_begins_at_each_ones_own_midnight(
    person: NewPerson, server: Server
) -> None:
    # Between these two zones lie 25 hours: for one of them the day changes where it does not
    # for the other, whatever the time is now.
    ana = await person("Ana", timezone_id="Pacific/Kiritimati")
    bo = await person("Bo", timezone_id="Pacific/Pago_Pago")
    trip = await ana.account.makes_trip("Far apart", bo.account)
    await ana.account.writes_all(trip, story(2))
    server.backdate(trip, upto_seq=1, days=1)
    for who in (ana, bo):
        await who.opens(trip)
        await who.has_seen(2)
        days = who.timeline.get_by_role("heading")
        await expect(days).to_have_text(["Yesterday", "Today"])


async def test_messages_of_one_author_are_grouped(person: NewPerson, server: Server) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    for who, text in ((ana, "1"), (ana, "2"), (bo, "3"), (ana, "4"), (ana, "5"), (ana, "6")):
        await who.account.writes(trip, text)
    server.backdate(trip, upto_seq=5, days=1)  # a group does not reach over a day
    await bo.opens(trip)
    await bo.has_seen(6)
    assert await bo.attributes("starts-group") == ["true", "false", "true", "true", "false", "true"]
    names = bo.part("message-author")
    assert await names.all_inner_texts()  # the first of a group names its author to everybody


async def test_what_comes_while_older_messages_load_is_not_lost(person: NewPerson) -> None:
    trip, ana, bo = await reads_a_trip(person)
    await scrolls_up(bo)

    await asyncio.gather(
        reads_back_to(bo, 1),
        ana.account.writes_all(trip, (f"Meanwhile {number}" for number in range(1, 101))),
    )
    await shows_no_gap(bo)
    await expect(bo.part("jump-latest")).to_have_attribute("data-new", "100")
    await bo.part("jump-latest").click()
    await bo.has_seen(SOME + 100)
    await expect(bo.at(SOME + 100)).to_be_in_viewport(ratio=0.99)
    await shows_no_gap(bo)
