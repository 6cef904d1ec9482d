"""What I have sent and the server does not have yet is kept, and sent once, in order."""

from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from tests import chromium
from tests.e2e import watch
from tests.e2e.line import Line, together_on_a_line
from tests.e2e.person import NewPerson, Person, Tab, together
from tests.e2e.signing import is_on_the_landing_page, is_signed_in, signs_in
from tests.kit.people import COOKIE, Account
from tests.kit.server import Server

KEPT = """() => Object.keys(localStorage)
  .filter((key) => key.startsWith("tripchat:outbox:"))
  .map((key) => JSON.parse(localStorage[key]))
  .sort((one, other) => one.number - other.number)"""

NO_ROOM = """() => {
  window.refuses = Storage.prototype.setItem;
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
}"""
HEIR = """async () => (await navigator.locks.query()).held.length === 2
  && (await navigator.locks.query()).pending.length === 0"""
"""Whether the only tab left has taken over from the other one."""

ONCE_AND_NEVER_AWAY = """() => Object.values(window.rows).every(
  ({ counts, elements }) => counts.length === 1 && counts[0] === 1 && elements.length === 1)"""


async def kept(tab: Tab) -> list[Any]:
    """What the browser keeps, in order."""
    return await tab.page.evaluate(KEPT)


async def keeps(tab: Tab, count: int) -> None:
    """The browser keeps so many messages."""
    await tab.until(f"({KEPT})().length === {count}")


async def waits(tab: Tab, *texts: str) -> None:
    """These messages are shown, in this order, as on their way."""
    rows = tab.page.locator('[data-testid=message][data-state="sending"]')
    await expect(rows.get_by_test_id("message-text")).to_have_text(list(texts))


async def stored(account: Account, trip: str) -> list[str]:
    """The texts that the server has."""
    return [message["text"] for message in await account.reads_all(trip)]


async def test_what_was_written_offline_survives_a_reload(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await line.cut()
    await bo.is_cut_off()
    for text in ("One", "Two", "Three"):
        await bo.sends(text)
    await waits(bo, "One", "Two", "Three")
    await expect(bo.message("One")).to_contain_text("Waiting for a connection")
    names = [entry["client_id"] for entry in await kept(bo)]
    await bo.watches(watch.ROWS)
    await bo.page.reload()
    line.mend()
    await bo.is_live()
    await bo.has_seen(3)
    await ana.has_seen(3)
    assert await bo.page.evaluate(ONCE_AND_NEVER_AWAY)
    messages = await ana.account.reads(trip)
    assert [(m["text"], m["client_id"]) for m in messages] == [
        *zip(("One", "Two", "Three"), names, strict=True)
    ]
    await keeps(bo, 0)


async def test_fifty_messages_survive_a_restart_of_the_browser(
    server: Server, browser: Browser, tmp_path: Path
) -> None:
    ana = await Account.sign_up(server.url, "Ana")
    trip = await ana.makes_trip("Lisbon")

    async def starts() -> Person:
        context = await browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        await context.add_cookies([{"name": COOKIE, "value": ana.token, "url": server.url}])
        return Person("Ana", context, await context.new_page(), server.url, ana)

    tab = await starts()
    line = await Line.of(tab)
    await tab.opens(trip)
    await line.cut()
    await tab.is_cut_off()
    texts = [f"Message {number} of a long way" for number in range(50)]
    for text in texts:
        await tab.sends(text)
    names = [entry["client_id"] for entry in await kept(tab)]
    assert len(set(names)) == 50
    await tab.context.close()

    tab = await starts()
    await tab.watches(watch.ROWS)
    await tab.opens(trip)
    await tab.has_seen(50)
    await expect(tab.page.locator('[data-state="sent"]')).to_have_count(50)
    assert await tab.page.evaluate(ONCE_AND_NEVER_AWAY)
    messages = await ana.reads_all(trip)
    assert [message["text"] for message in messages] == texts
    assert [message["client_id"] for message in messages] == names
    await keeps(tab, 0)
    await tab.context.close()
    await ana.close()


async def test_two_tabs_show_the_same_and_what_one_leaves_the_other_sends(
    person: NewPerson,
) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    second = await bo.another_tab()
    await second.opens(trip)
    await line.cut()
    for tab in (bo, second):
        await tab.is_cut_off()
    await bo.sends("In the first")
    await waits(second, "In the first")
    await second.sends("In the second")
    await bo.sends("In the first again")
    for tab in (bo, second):
        await waits(tab, "In the first", "In the second", "In the first again")
    await second.watches(watch.ROWS)
    await bo.page.close()
    await second.until(f"({HEIR})()")
    line.mend()
    await second.is_live()
    await second.has_seen(3)
    await ana.has_seen(3)
    assert await stored(ana.account, trip) == [
        "In the first",
        "In the second",
        "In the first again",
    ]
    assert await second.page.evaluate(ONCE_AND_NEVER_AWAY)
    await keeps(second, 0)


async def test_no_tab_of_mine_ever_shows_it_twice_or_not_at_all(person: NewPerson) -> None:
    trip, (bo,) = await together(person, "Bo")
    second = await bo.another_tab()
    await second.opens(trip)
    for tab in (bo, second):
        await tab.watches(watch.ROWS)
    for number in range(10):
        await (bo, second)[number % 2].sends(f"Message {number}")
    for tab in (bo, second):
        await tab.has_seen(10)
        await expect(tab.page.locator('[data-state="sent"]')).to_have_count(10)
        assert await tab.page.evaluate(ONCE_AND_NEVER_AWAY)
    await keeps(bo, 0)


async def test_what_was_written_for_a_trip_is_sent_while_another_page_is_open(
    person: NewPerson,
) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await line.cut()
    await bo.is_cut_off()
    await bo.sends("From the tunnel")
    line.mend()
    await bo.visits("/")
    await ana.sees("From the tunnel")
    await keeps(bo, 0)
    assert await stored(ana.account, trip) == ["From the tunnel"]


async def test_an_expired_session_keeps_it_until_i_sign_in_again(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await line.cut()
    await bo.is_cut_off()
    await bo.sends("Who am I?")
    await bo.writes("Half a sen")
    await bo.account.posts("/api/auth/sign-out", {})
    line.mend()
    # Somebody else's turn: nothing of it is theirs.
    await signs_in(bo, ana.account.email)
    await is_signed_in(bo)
    await bo.is_in(trip)
    await expect(bo.messages).to_have_count(0)
    await expect(bo.composer).to_have_value("")
    await bo.part("sign-out").click()
    await is_on_the_landing_page(bo)
    await bo.visits(f"/trip/{trip}")
    await signs_in(bo, bo.account.email)
    await bo.is_in(trip)
    await bo.sees("Who am I?")
    await expect(bo.composer).to_have_value("Half a sen")
    [message] = await ana.account.reads(trip)
    assert message["author_id"] == bo.account.user_id
    await keeps(bo, 0)


async def test_signing_out_asks_before_it_discards(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await bo.sends("\u200b")  # refused by the server alone
    await expect(bo.part("message-retry")).to_be_visible()
    await line.cut()
    await bo.is_cut_off()
    await bo.sends("Not yet")
    await bo.part("sign-out").click()
    question = bo.page.get_by_role("dialog", name="Sign out and lose messages?")
    await expect(question).to_contain_text("2 messages of yours have not been sent.")
    await question.get_by_role("button", name="Stay").click()
    await waits(bo, "Not yet")
    await bo.part("sign-out").click()
    await bo.part("sign-out-anyway").click()
    line.mend()
    await is_on_the_landing_page(bo)
    assert await kept(bo) == []
    assert await stored(ana.account, trip) == []


async def test_what_cannot_be_kept_stays_in_the_composer(person: NewPerson) -> None:
    trip, (ana,) = await together(person, "Ana")
    await ana.page.evaluate(NO_ROOM)
    await ana.sends("Too much")
    await ana.is_told("no room left")
    await expect(ana.composer).to_have_value("Too much")
    await expect(ana.messages).to_have_count(0)
    await ana.page.evaluate("void (Storage.prototype.setItem = window.refuses)")
    await ana.composer.press("Enter")
    await ana.sees("Too much")
    await expect(ana.refusal).to_have_count(0)
    assert await stored(ana.account, trip) == ["Too much"]


async def test_a_full_outbox_says_so(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await line.cut()
    await bo.is_cut_off()
    for number in range(200):
        await bo.sends(f"{number}")
    await bo.sends("One more")
    await bo.is_told("200 messages of this trip are waiting")
    await expect(bo.composer).to_have_value("One more")
    await keeps(bo, 200)
    line.mend()
    await bo.has_seen(200)
    await bo.composer.press("Enter")
    await bo.sees("One more")
    await ana.has_seen(201)
    assert await stored(ana.account, trip) == [*(f"{number}" for number in range(200)), "One more"]


async def test_a_refused_message_survives_a_reload(person: NewPerson) -> None:
    trip, (ana,) = await together(person, "Ana")
    failed = ana.page.locator('[data-testid=message][data-state="failed"]')
    await ana.sends("\u200b")  # refused by the server alone
    await expect(failed).to_contain_text("empty")
    await ana.reloads()
    await expect(failed).to_contain_text("empty")
    client_id = await failed.get_attribute("data-client-id")
    await failed.get_by_test_id("message-retry").click()
    await expect(failed).not_to_have_attribute("data-client-id", client_id or "")
    await expect(failed).to_contain_text("empty")
    await ana.reloads()
    await expect(failed).to_have_count(1)
    await failed.get_by_test_id("message-discard").click()
    await expect(failed).to_have_count(0)
    await ana.reloads()
    await ana.is_in(trip)
    await expect(failed).to_have_count(0)
    assert await stored(ana.account, trip) == []
    assert await kept(ana) == []


async def test_what_a_trip_takes_no_more_is_shown_and_not_lost(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await line.cut()
    await bo.is_cut_off()
    await bo.sends("Do you\nhear me?")
    await bo.sends("Hello?")
    await bo.account.leaves(trip)
    line.mend()
    await expect(bo.app).to_contain_text("not in this trip")
    unsent = bo.part("unsent-text")
    await expect(unsent).to_have_text(["Do you\nhear me?", "Hello?"])
    await bo.visits("/")
    await bo.part("refusal").click()
    await expect(unsent).to_have_count(2)
    await bo.part("message-discard").first.click()
    await expect(unsent).to_have_text(["Hello?"])
    await bo.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await bo.part("unsent-copy").click()
    await expect(bo.part("unsent-copy")).to_have_text("Copied")
    assert await bo.page.evaluate("navigator.clipboard.readText()") == "Hello?"
    await bo.part("message-discard").click()
    await expect(bo.part("unsent")).to_have_count(0)
    assert await stored(ana.account, trip) == []
