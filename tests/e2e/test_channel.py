"""Writing and reading in a trip's channel."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.e2e import watch
from tests.e2e.line import Line
from tests.e2e.person import NewPerson, Person, together
from tests.e2e.scrolling import reads_back_to

LONGEST = 4000

AWKWARD = [
    "one line\nand another\n\nand one after a blank line",
    "  indented, with  two  blanks inside",
    "a\ttab",
    "👋 👨‍👩‍👧‍👦 🏳️‍🌈 🇵🇹 👍🏽",
    "<b>bold</b> &amp; &lt;i&gt; <!-- gone? -->",
    "<script>window.pwned = 'script'</script>",
    "<img src=x onerror=\"window.pwned = 'img'\">",
    "<svg onload=window.pwned='svg'></svg><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "javascript:window.pwned='link' data:text/html,<script>parent.pwned=1</script>",
    "https://example.com/\"onmouseover=\"window.pwned='attribute'",
    "{{7*7}} ${7+7} {7-7} %s %(x)s is__proto__ constructor",
    "שלום עולם, 123 abc",
    "مرحبا بالعالم (نعم)",
    "\u202eright to left override\u202c and back",
    "Zalgo: Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e",
    "e\u0301 is not \u00e9, \u1112\u1161\u11ab is not \ud55c",
    "astral: 𝒳 𠜎 \U0001f9ff",
    "zero\u200bwidth\u200djoiners and a\u00adsoft hyphen",
    "null, undefined, NaN, true, 0",
    "\"quotes\" 'and' a `tick \\n \\u0041",
    "'; DROP TABLE message; --",
    "/leave @everyone #all",
]


async def texts(person: Person) -> list[str]:
    """What the messages on the page say, character by character."""
    return await person.part("message-text").evaluate_all("all => all.map(e => e.textContent)")


async def test_my_message_is_there_at_once_and_stays_the_same_row(person: NewPerson) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip()
    await ana.opens(trip)
    await ana.watches(watch.ROWS)

    line.hold()  # nothing reaches the server: what the page shows now, it shows by itself
    for number in (1, 2, 3):
        await ana.sends(f"Message {number}")
        await expect(ana.composer).to_have_value("")
    await expect(ana.messages).to_have_count(3)
    assert await ana.attributes("state") == ["sending"] * 3
    assert await ana.account.reads(trip) == []

    line.release()
    await ana.has_seen(3)
    assert await ana.attributes("state") == ["sent"] * 3
    assert await ana.attributes("seq") == ["1", "2", "3"]
    stored = await ana.account.reads(trip)
    assert await ana.attributes("message-id") == [message["message_id"] for message in stored]
    rows = await ana.page.evaluate("window.rows")
    assert list(rows) == [message["client_id"] for message in stored]
    for seq, row in enumerate(rows.values(), 1):
        assert row["states"] == ["sending", "sent"]
        assert row["seqs"] == [0, seq]
        assert row["counts"] == [1], "there was a moment without the row, or with two"
        assert len(row["elements"]) == 1, "the row was replaced: it may have flickered"


async def test_what_others_write_appears_once_and_never_flickers(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.watches(watch.ROWS)
    for number in range(10):
        await ana.sends(f"Message {number}")
    await bo.has_seen(10)
    rows = await bo.page.evaluate("window.rows")
    assert len(rows) == 10
    for row in rows.values():
        assert row["states"] == ["sent"]
        assert row["counts"] == [1]
        assert len(row["elements"]) == 1


async def test_the_send_button_sends_and_i_can_write_on(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.writes("By the button")
    await ana.part("composer-send").click()
    await expect(ana.composer).to_be_focused()
    await bo.sees("By the button")
    await expect(bo.message("By the button")).to_have_attribute("data-mine", "false")
    await expect(ana.message("By the button")).to_have_attribute("data-mine", "true")


async def test_shift_enter_breaks_the_line_and_enter_sends(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.composer.press_sequentially("Milk")
    await ana.composer.press("Shift+Enter")
    await ana.composer.press_sequentially("Bread")
    await expect(ana.messages).to_have_count(0)
    await ana.composer.press("Enter")
    await bo.sees("Bread")
    for who in (ana, bo):
        # What is rendered, not only what the element holds: the break has to be seen.
        assert await who.part("message-text").inner_text() == "Milk\nBread"


async def test_whatever_i_write_is_read_exactly_so_and_nothing_of_it_runs(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    for text in AWKWARD:
        await ana.sends(text)
    await bo.has_seen(len(AWKWARD))
    await ana.has_seen(len(AWKWARD))
    expected = [message["text"] for message in await bo.account.reads(trip)]
    assert [text.strip() for text in expected] == [text.strip() for text in AWKWARD]
    for who in (ana, bo):
        assert await texts(who) == expected
    await bo.reloads()
    await bo.has_seen(len(AWKWARD))
    assert await texts(bo) == expected
    for who in (ana, bo):
        assert await who.page.evaluate("window.pwned === undefined")
        assert await who.timeline.locator("script, iframe, img, b").count() == 0
        for link in await who.part("message-text").get_by_role("link").all():
            assert re.match(r"https?://", await link.get_attribute("href") or "")


async def test_markup_in_names_and_titles_is_only_text(person: NewPerson) -> None:
    name = "<img src=x onerror=window.pwned=1>"
    eve, bo = await person(name), await person("Bo")
    trip = await eve.account.makes_trip(f"{name} & <b>title", bo.account)
    await eve.account.writes(trip, "Hello")
    await bo.visits("/")
    await expect(bo.card(trip)).to_contain_text(f"{name} & <b>title")
    await bo.opens(trip)
    await expect(bo.message("Hello").get_by_test_id("message-author")).to_have_text(name)
    assert await bo.page.evaluate("window.pwned === undefined")
    assert await bo.page.locator('img[src="x"]').count() == 0


async def test_links_open_in_a_new_tab_that_knows_nothing_of_us(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("See https://example.com/a?b=c&d=1#e, www.example.org and ana@example.com!")
    await bo.sees("See https")
    links = bo.part("message-text").get_by_role("link")
    hrefs = [await link.get_attribute("href") for link in await links.all()]
    assert hrefs[:2] == ["https://example.com/a?b=c&d=1#e", "http://www.example.org"]
    for link in await links.all():
        await expect(link).to_have_attribute("target", "_blank")
        await expect(link).to_have_attribute("rel", re.compile(r"\bnoopener\b"))
    await bo.context.route("https://example.com/**", lambda route: route.fulfill(body="there"))
    async with bo.context.expect_page() as opened:
        await links.first.click()
    page = await opened.value
    await page.wait_for_load_state()
    assert await page.evaluate("[window.opener, document.referrer]") == [None, ""]


async def test_a_message_may_have_4000_characters_and_not_one_more(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    longest = "x" * (LONGEST - 2) + "👍y"
    assert len(longest) == LONGEST
    await ana.sends(longest)
    await bo.has_seen(1)
    assert await texts(bo) == [longest]

    too_long = longest + "!"
    await ana.sends(too_long)
    await expect(ana.room.get_by_test_id("form-error")).to_contain_text("too long")
    await expect(ana.composer).to_have_value(too_long)
    await expect(ana.messages).to_have_count(1)
    await ana.writes("Shorter")
    await expect(ana.room.get_by_test_id("form-error")).to_be_empty()
    await ana.composer.press("Enter")
    await bo.sees("Shorter")
    assert len(await ana.account.reads(trip)) == 2


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\t \n"])
async def test_a_blank_message_is_not_sent_and_it_says_why(person: NewPerson, text: str) -> None:
    trip, (ana,) = await together(person, "Ana")
    await ana.sends(text)
    await expect(ana.room.get_by_test_id("form-error")).to_contain_text("Write something")
    await expect(ana.composer).to_have_value(text)
    await expect(ana.messages).to_have_count(0)
    assert await ana.account.reads(trip) == []


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f"])
async def test_control_characters_are_refused_and_the_text_is_kept(
    person: NewPerson, character: str
) -> None:
    trip, (ana,) = await together(person, "Ana")
    text = f"ding{character}dong"
    await ana.sends(text)
    await expect(ana.room.get_by_test_id("form-error")).to_contain_text("characters")
    await expect(ana.composer).to_have_value(text)
    await expect(ana.messages).to_have_count(0)
    assert await ana.account.reads(trip) == []


async def test_what_only_the_server_refuses_fails_visibly_and_can_be_dropped(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    invisible = "\u200b\u2060"  # the composer lets it pass; the server finds nothing to read in it
    await ana.sends("Before")
    await ana.sends(invisible)
    await ana.sends("After")
    failed = ana.page.locator('[data-testid=message][data-state="failed"]')
    await expect(failed).to_have_count(1)
    await expect(failed).to_contain_text("empty")
    await bo.sees("After")
    await expect(bo.messages).to_have_count(2)

    client_id = await failed.get_attribute("data-client-id")
    await failed.get_by_test_id("message-retry").click()
    await expect(failed).not_to_have_attribute("data-client-id", client_id or "")
    await expect(failed).to_contain_text("empty")
    await failed.get_by_test_id("message-discard").click()
    await expect(failed).to_have_count(0)
    assert await ana.attributes("state") == ["sent", "sent"]
    assert [message["text"] for message in await ana.account.reads(trip)] == ["Before", "After"]


async def test_three_people_writing_at_once_all_read_the_same(person: NewPerson) -> None:
    trip, people = await together(person, "Ana", "Bo", "Cleo")

    async def talks(who: Person) -> None:
        for number in range(20):
            await who.sends(f"{who.name} {number}")

    await asyncio.gather(*map(talks, people))
    for who in people:
        await who.has_seen(60)
        await expect(who.messages).to_have_count(60)
    latecomer = await people[0].another_tab()
    await latecomer.opens(trip)
    await latecomer.has_seen(60)

    stored = await people[0].account.reads(trip)
    assert [message["seq"] for message in stored] == list(range(1, 61))
    for tab in [*people, latecomer]:
        assert await tab.attributes("seq") == [str(seq) for seq in range(1, 61)]
        assert await tab.attributes("message-id") == [message["message_id"] for message in stored]
        assert await tab.attributes("state") == ["sent"] * 60
    # Each one's own words stand in the order they were written in.
    for who in people:
        own = [m["text"] for m in stored if m["author_id"] == who.account.user_id]
        assert own == [f"{who.name} {number}" for number in range(20)]


async def test_what_is_written_over_http_and_in_the_page_is_one_conversation(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    first = await bo.account.writes(trip, "From a program", client_id="same-client-id")
    again = await bo.account.writes(trip, "From a program", client_id="same-client-id")
    assert again == first
    await ana.sees("From a program")
    await ana.sends("From the page")
    await bo.sees("From the page")
    for who in (ana, bo):
        assert await who.attributes("seq") == ["1", "2"]


async def test_my_message_shows_in_my_other_tab_as_mine(person: NewPerson) -> None:
    trip, (ana,) = await together(person, "Ana")
    other_tab = await ana.another_tab()
    await other_tab.opens(trip)
    await ana.sends("From the first tab")
    await other_tab.sees("From the first tab")
    await other_tab.sends("From the second tab")
    await ana.sees("From the second tab")
    for tab in (ana, other_tab):
        assert await tab.attributes("mine") == ["true", "true"]


async def test_a_tab_that_i_duplicate_is_a_tab_of_its_own(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    # A duplicated tab starts with a copy of all that the page has stored.
    async with ana.context.expect_page() as opened:
        await ana.page.evaluate("void window.open(location.href)")
    copy = await ana.another_tab(await opened.value)
    await copy.is_live()
    await bo.sends("To both")
    for tab in (ana, copy):
        await tab.sees("To both")
        await tab.is_live()
    await copy.sends("From the copy")
    await ana.sends("From the first")
    for tab in (ana, copy, bo):
        await tab.sees("From the copy")
        await tab.sees("From the first")
        await tab.has_seen(3)


async def test_the_page_asks_for_nothing_while_it_is_open(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, 201)))
    await bo.reloads()
    await bo.has_seen(200)
    await bo.page.wait_for_load_state("networkidle")
    asked: list[str] = []
    bo.page.on("request", lambda request: asked.append(request.url))

    for number in range(3):
        await ana.sends(f"Live {number}")
        await bo.sees(f"Live {number}")
    await bo.sends("And back")
    await ana.sees("And back")
    await reads_back_to(bo, 1)
    assert asked == []
    assert await bo.page.evaluate("performance.getEntriesByType('navigation').length") == 1


async def test_a_very_long_word_does_not_widen_the_page(person: NewPerson) -> None:
    trip, (ana,) = await together(person, "Ana")
    await ana.account.writes_all(
        trip,
        ["w" * 3000, "https://example.com/" + "p" * 1500, "𠜎" * 800, "\u00a0".join("ab" * 500)],
    )
    await ana.account.writes(trip, "x\n" * 1999)
    await ana.has_seen(5)
    for width in (1280, 390, 320):
        await ana.page.set_viewport_size({"width": width, "height": 844})
        assert await ana.page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert await ana.timeline.evaluate("list => list.scrollWidth <= list.clientWidth")


async def test_times_are_told_in_each_ones_own_zone(person: NewPerson) -> None:
    ana = await person("Ana", timezone_id="Europe/Lisbon")
    bo = await person("Bo", timezone_id="Asia/Kolkata")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "What time is it?")
    clocks, moments = [], []
    for who in (ana, bo):
        await who.opens(trip)
        time = who.message("What time").get_by_test_id("message-time")
        await expect(time).to_have_text(re.compile(r"\d"))
        clocks.append(await time.inner_text())
        moments.append(await time.get_attribute("datetime"))
        assert await time.evaluate(
            """time => {
              const shown = new Date(time.dateTime);
              const two = (number) => String(number).padStart(2, "0");
              return time.textContent === `${two(shown.getHours())}:${two(shown.getMinutes())}`;
            }"""
        )
    assert moments[0] == moments[1]
    assert clocks[0] != clocks[1]
