"""What was begun to be written is there again, for whoever began it and for nobody else."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.person import NewPerson, NewVisitor, Tab
from tests.e2e.signing import is_on_the_landing_page, is_signed_in, signs_in
from tests.e2e.test_channel import together
from tests.e2e.test_composer import replies_to

KEPT = """() => Object.keys(localStorage)
  .filter((key) => key.startsWith("tripchat:draft:"))
  .map((key) => localStorage[key])"""

WRITE_AND_GO = """(text) => {
  window.setTimeout = () => 0;
  document.execCommand("insertText", false, text);
  location.reload();
}"""
"""Type, and leave the page before any time has passed."""

FULL = """void (Storage.prototype.setItem = () => {
  throw new DOMException("full", "QuotaExceededError");
})"""
FORBIDDEN = """void Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("denied", "SecurityError"); },
  configurable: true,
})"""


async def goes_to(tab: Tab, trip: str) -> None:
    """Open a trip from the list."""
    await tab.card(trip).click()
    await tab.is_in(trip)


async def kept(tab: Tab) -> list[Any]:
    """The drafts that the browser keeps."""
    return await tab.page.evaluate(KEPT)


async def test_text_and_answer_survive_a_reload(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Where?")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await ana.writes("At the\nstation ")
    async with ana.page.expect_navigation():
        await ana.page.evaluate(WRITE_AND_GO, "🚉")
    await ana.is_live()
    await expect(ana.composer).to_have_value("At the\nstation 🚉")
    await expect(ana.part("reply-bar")).to_have_text("Replying to Bo: Where?")
    await ana.composer.press("Enter")
    await bo.has_seen(2)
    answer = (await ana.account.reads(trip))[1]
    assert (answer["text"], answer["reply_to_seq"]) == ("At the\nstation 🚉", 1)


async def test_an_answer_to_a_message_far_back_survives_a_reload(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Where?")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await bo.account.writes_all(trip, (f"Message {number}" for number in range(2, 150)))
    await ana.has_seen(149)
    await ana.reloads()
    await expect(ana.part("reply-bar")).to_have_text("Replying to Bo: an earlier message")
    await ana.sends("There")
    await bo.has_seen(150)
    assert (await ana.account.reads(trip, after=149))[0]["reply_to_seq"] == 1
    await expect(ana.at(150).get_by_test_id("reply-quote")).to_contain_text("Where?")


async def test_whom_i_chose_to_name_survives_a_reload(person: NewPerson) -> None:
    bo, one, other = await person("Bo"), await person("Ana"), await person("Ana")
    trip = await bo.account.makes_trip("Lisbon", one.account, other.account)
    await bo.opens(trip)
    await bo.composer.press_sequentially("@a")
    options = bo.part("mention-option")
    await expect(options).to_have_count(2)
    chosen = await options.nth(1).get_attribute("data-user-id")
    await options.nth(1).click()
    await bo.reloads()
    await expect(bo.composer).to_have_value("@Ana ")
    await bo.composer.press("Enter")
    await bo.has_seen(1)
    assert (await bo.account.reads(trip))[0]["body"]["mentions"] == [chosen]


async def test_each_trip_keeps_its_own(person: NewPerson) -> None:
    ana = await person("Ana")
    lisbon, porto = await ana.account.makes_trip("Lisbon"), await ana.account.makes_trip("Porto")
    await ana.account.writes(lisbon, "Hello Lisbon")
    await ana.opens(lisbon)
    await ana.writes("For Lisbon")
    await replies_to(ana, 1)
    await goes_to(ana, porto)
    await expect(ana.composer).to_have_value("")
    await expect(ana.part("reply-bar")).to_have_count(0)
    await ana.composer.press_sequentially("For Porto")
    await goes_to(ana, lisbon)
    await expect(ana.composer).to_have_value("For Lisbon")
    await expect(ana.part("reply-bar")).to_be_visible()
    await expect(ana.composer).to_be_focused()
    await ana.composer.press_sequentially(" too")  # the caret stands at its end
    # Nothing of one trip can be brought into the other.
    await goes_to(ana, porto)
    for _ in range(30):
        await ana.composer.press("Control+z")
    assert "Lisbon" not in await ana.composer.input_value()
    await ana.writes("For Porto")
    await ana.visits("/")
    await goes_to(ana, lisbon)
    await expect(ana.composer).to_have_value("For Lisbon too")
    await ana.reloads()
    await goes_to(ana, porto)
    await expect(ana.composer).to_have_value("For Porto")


async def test_sending_leaves_nothing_behind(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Where?")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await ana.writes("There")
    await ana.until(f"({KEPT})().length === 1")  # without leaving the page
    await ana.composer.press("Enter")
    assert await kept(ana) == []
    await ana.has_seen(2)
    await ana.reloads()
    await ana.has_seen(2)
    await expect(ana.composer).to_have_value("")
    await expect(ana.part("reply-bar")).to_have_count(0)


async def test_what_is_taken_back_is_forgotten(person: NewPerson) -> None:
    _, (ana,) = await together(person, "Ana")
    await ana.writes("Never mind")
    await ana.until(f"({KEPT})().length === 1")
    await ana.writes("   ")
    await ana.until(f"({KEPT})().length === 0")


async def test_two_tabs_do_not_disturb_each_other_and_the_last_who_writes_wins(
    person: NewPerson,
) -> None:
    trip, (ana,) = await together(person, "Ana")
    await ana.writes("In the first tab")
    await ana.until(f"({KEPT})().length === 1")
    second = await ana.another_tab()
    await second.opens(trip)
    await expect(second.composer).to_have_value("In the first tab")
    await second.writes("In the second tab")
    await second.until(f"({KEPT})()[0].includes('second')")
    await expect(ana.composer).to_have_value("In the first tab")
    await ana.reloads()  # the first had nothing new to say
    await expect(ana.composer).to_have_value("In the second tab")
    await ana.writes("In the first tab again")
    await second.page.close()
    await ana.reloads()
    await expect(ana.composer).to_have_value("In the first tab again")


@pytest.mark.parametrize("script", [FULL, FORBIDDEN], ids=["full", "forbidden"])
async def test_without_room_to_keep_drafts_they_last_as_long_as_the_page(
    person: NewPerson, script: str
) -> None:
    ana = await person("Ana")
    lisbon, porto = await ana.account.makes_trip("Lisbon"), await ana.account.makes_trip("Porto")
    await ana.opens(lisbon)
    await ana.page.evaluate(script)
    await ana.writes("For Lisbon")
    await goes_to(ana, porto)
    await expect(ana.composer).to_have_value("")
    await goes_to(ana, lisbon)
    await expect(ana.composer).to_have_value("For Lisbon")


async def test_signing_out_takes_all_drafts_away(person: NewPerson) -> None:
    ana = await person("Ana")
    lisbon, porto = await ana.account.makes_trip("Lisbon"), await ana.account.makes_trip("Porto")
    second = await ana.another_tab()
    await second.opens(porto)
    await second.writes("For Porto")
    await ana.opens(lisbon)
    await ana.writes("For Lisbon")
    await ana.part("sign-out").click()
    for tab in (ana, second):
        await expect(tab.app).to_have_attribute("data-user-id", "")
        await tab.is_live()
    await is_on_the_landing_page(ana)
    assert await kept(ana) == []


async def test_nobody_reads_what_another_began_in_the_same_browser(
    person: NewPerson, visitor: NewVisitor
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.writes("Ana's own words")
    await ana.until(f"({KEPT})().length === 1")
    # Ana's session ends behind the page's back, and Bo signs in.
    await ana.page.goto("about:blank")
    await ana.context.clear_cookies()
    await ana.visits("/")
    await signs_in(ana, bo.account.email)
    await is_signed_in(ana)
    await ana.opens(trip)
    await expect(ana.composer).to_have_value("")
    # It is there again when she is.
    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)
    await signs_in(ana, ana.account.email)
    await is_signed_in(ana)
    await ana.opens(trip)
    await expect(ana.composer).to_have_value("Ana's own words")
