"""For everybody: WCAG AA as axe can tell, and all of it by keyboard."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, expect

from tests.e2e.acting import action, begins_to_edit
from tests.e2e.line import Line
from tests.e2e.person import NewPerson, NewVisitor, Person, Tab
from tests.e2e.signing import CALL_REFUSED, is_signed_in, signs_in
from tests.e2e.test_timeline import WORDS
from tests.kit.mailbox import reset_links
from tests.kit.people import PASSWORD, Account
from tests.kit.server import Server

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_TAB_STOPS = 60
PICTURES = 3

Look = dict[str, Any]


@pytest.fixture(
    params=[(scheme, size) for scheme in ("light", "dark") for size in ((1280, 800), (390, 844))],
    ids=lambda look: f"{look[0]}-{'phone' if look[1][0] < 500 else 'desktop'}",
)
def look(request: pytest.FixtureRequest) -> Look:
    """How the browser asks pages to look."""
    scheme, (width, height) = request.param
    return {
        "color_scheme": scheme,
        "viewport": {"width": width, "height": height},
        # What fades in has, for a moment, too little contrast.
        "reduced_motion": "reduce",
    }


async def keeps_the_rules(tab: Tab) -> None:
    """The page as it is now violates none of axe's rules for WCAG A and AA."""
    found = await Axe().run(
        tab.page,
        options={"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]},
    )
    assert found.violations_count == 0, found.generate_report()


async def test_the_landing_page_is_accessible(visitor: NewVisitor, look: Look) -> None:
    ana = await visitor(**look)
    ana.may_hear(CALL_REFUSED)
    await ana.visits("/")
    await keeps_the_rules(ana)
    await signs_in(ana, "nobody@example.org", "wrong password")
    await ana.is_told("wrong")
    await keeps_the_rules(ana)


async def test_the_list_of_trips_is_accessible(person: NewPerson, look: Look) -> None:
    ana, bo = await person("Ana", **look), await person("Bo")
    await ana.visits("/")
    await expect(ana.app).to_contain_text("No trips yet")
    await keeps_the_rules(ana)
    trip = await bo.account.makes_trip("Lisbon", ana.account)
    await bo.account.writes(trip, "Anybody there?")
    await bo.account.makes_trip("Porto", ana.account)
    await expect(ana.part("trip-card")).to_have_count(2)
    await expect(ana.card(trip)).to_have_attribute("data-unread", "1")
    await keeps_the_rules(ana)
    await ana.part("new-trip").click()
    await expect(ana.part("new-trip-title")).to_be_focused()
    await keeps_the_rules(ana)


async def test_the_join_page_is_accessible(
    person: NewPerson, visitor: NewVisitor, look: Look
) -> None:
    ana = await person("Ana", **look)
    nobody = await visitor(**look)
    code = await ana.account.invites_to(await ana.account.makes_trip())
    for path in (f"/join/{code}", "/join/nothing"):
        for who in (ana, nobody):
            await who.visits(path)
            await expect(who.page.get_by_role("heading", level=1)).to_be_visible()
            await keeps_the_rules(who)


async def test_the_accounts_page_is_accessible(
    person: NewPerson, visitor: NewVisitor, look: Look
) -> None:
    ana, nobody = await person("Ana", **look), await visitor(**look)
    ana.may_hear(CALL_REFUSED)
    await ana.account.on_another_device()
    await nobody.visits("/account")
    await keeps_the_rules(nobody)
    await ana.visits("/account")
    await expect(ana.part("device")).to_have_count(2)
    await keeps_the_rules(ana)
    await ana.fills(current_password="wrong horse", new_password="password123")
    await ana.part("password-save").click()
    await ana.is_told("not your current password")
    await keeps_the_rules(ana)
    await ana.fills(current_password=PASSWORD, new_password="seven green umbrellas")
    await ana.part("password-save").click()
    await expect(ana.part("password-changed")).to_be_visible()
    await keeps_the_rules(ana)


async def test_the_pages_for_a_new_password_are_accessible(
    person: NewPerson, visitor: NewVisitor, look: Look, server: Server
) -> None:
    ana, nobody = await person("Ana"), await visitor(**look)
    nobody.may_hear(CALL_REFUSED)
    await nobody.visits("/reset")
    await keeps_the_rules(nobody)
    await nobody.fills(reset_email=ana.account.email)
    await nobody.part("reset-submit").click()
    await expect(nobody.part("reset-sent")).to_be_visible()
    await keeps_the_rules(nobody)
    [link] = await reset_links(server.data, ana.account.email)
    await nobody.visits(f"/reset/{link.rpartition('/')[2]}")
    await nobody.fills(reset_password="password123")
    await nobody.part("reset-save").click()
    await nobody.is_told("too easy")
    await keeps_the_rules(nobody)
    await nobody.fills(reset_password="seven green umbrellas")
    await nobody.part("reset-save").click()
    await expect(nobody.part("reset-done")).to_be_visible()
    await keeps_the_rules(nobody)
    await nobody.reloads()
    await expect(nobody.app).to_contain_text("does not work any more")
    await keeps_the_rules(nobody)


async def test_a_trip_that_cannot_be_opened_is_accessible(
    person: NewPerson, visitor: NewVisitor, look: Look
) -> None:
    ana, eve, nobody = await person("Ana"), await person("Eve", **look), await visitor(**look)
    trip = await ana.account.makes_trip()
    for who in (eve, nobody):
        await who.visits(f"/trip/{trip}")
        await expect(who.page.get_by_role("heading", level=1)).to_be_visible()
        await keeps_the_rules(who)
    await eve.visits("/trip/nothing")
    await keeps_the_rules(eve)


async def test_the_channel_is_accessible(person: NewPerson, look: Look, server: Server) -> None:
    ana, bo = await person("Ana", **look), await person("Bo")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    await keeps_the_rules(ana)  # with nothing in it yet
    for number in range(1, 41):
        writer = bo if number % 3 else ana
        await writer.account.writes(trip, f"{WORDS[number % 4]} https://example.com/{number} 👋")
    await ana.has_seen(40)
    await keeps_the_rules(ana)

    await ana.sends("\u200b")  # refused by the server alone
    await expect(ana.part("message-retry")).to_be_visible()
    await ana.sends("   ")
    await expect(ana.room.get_by_test_id("form-error")).to_contain_text("Write something")
    await keeps_the_rules(ana)

    await ana.timeline.hover()
    await ana.page.mouse.wheel(0, -1500)
    await expect(ana.part("jump-latest")).to_be_visible()
    await bo.account.writes(trip, "News")
    await expect(ana.part("jump-latest")).to_have_attribute("data-new", "1")
    await keeps_the_rules(ana)

    await line.cut()
    await expect(ana.part("connection-banner")).to_be_visible()
    await ana.sends("On its way")
    await keeps_the_rules(ana)
    line.mend()
    await ana.is_live()


async def test_what_opens_over_the_channel_is_accessible(person: NewPerson, look: Look) -> None:
    ana, bo = await person("Ana", **look), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.makes_trip("Porto")
    await bo.account.writes(trip, "Hello")
    await ana.opens(trip)
    phone = look["viewport"]["width"] < 500
    close = ana.page.keyboard

    await ana.part("invite").click()
    await expect(ana.part("invite-link")).to_have_text(re.compile("/join/"))
    await keeps_the_rules(ana)
    await close.press("Escape")

    await ana.page.get_by_role("button", name="More about this trip").click()
    await expect(ana.part("leave")).to_be_visible()
    await keeps_the_rules(ana)
    await ana.part("leave").click()
    await expect(ana.part("leave-confirm")).to_be_visible()
    await keeps_the_rules(ana)
    await close.press("Escape")

    await ana.part("trip-edit").click()  # the menu was there again
    await expect(ana.part("edit-trip-title")).to_be_focused()
    await keeps_the_rules(ana)
    await close.press("Escape")
    await close.press("Escape")

    if phone:
        await ana.page.get_by_role("button", name="members").click()
        await expect(ana.part("member").first).to_be_visible()
        await keeps_the_rules(ana)
        await close.press("Escape")
        await ana.page.get_by_role("button", name="My trips").click()
        await expect(ana.card(trip)).to_be_visible()
        await keeps_the_rules(ana)
    await ana.part("rename").click()
    await expect(ana.part("rename-name")).to_be_focused()
    await keeps_the_rules(ana)
    await close.press("Escape")
    await ana.part("new-trip").click()
    await expect(ana.part("new-trip-title")).to_be_focused()
    await keeps_the_rules(ana)


async def test_what_is_done_with_messages_is_accessible(person: NewPerson, look: Look) -> None:
    ana, bo = await person("Ana", **look), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    text = "**Bold** *italic* ~~strike~~ `code` [link](https://example.org)\n> quote\n\n- list"
    for who in (ana, bo):
        await who.account.writes(trip, f"{text}\n\n```\ncode\n```")
        await who.account.writes(trip, "An answer", reply_to_seq=1)
        await who.account.writes(trip, "Soon deleted")
    await ana.account.writes(trip, "About that", reply_to_seq=6)
    for writer, other, seq in ((ana, bo, 2), (bo, ana, 5)):
        await writer.account.edits(trip, seq, "An *answer*, changed")
        await writer.account.deletes(trip, seq + 1)
        for who in (ana, bo):
            await who.account.reacts(trip, seq, "👍")
        await other.account.reacts(trip, seq, "🎉")
    await ana.opens(trip)
    await ana.has_seen(7)
    await keeps_the_rules(ana)
    for seq in (2, 5):
        await action(ana, seq, "menu").click()
        await expect(action(ana, seq, "menu")).to_have_attribute("aria-expanded", "true")
        await keeps_the_rules(ana)
    await begins_to_edit(ana, 2)
    await keeps_the_rules(ana)
    await ana.part("edit-input").fill("")
    await expect(ana.part("edit-save")).to_be_disabled()
    await keeps_the_rules(ana)
    await ana.part("edit-input").press("Escape")
    await ana.at(5).get_by_test_id("message-edited").click()
    await expect(ana.part("message-version")).to_have_count(1)
    await keeps_the_rules(ana)


async def test_the_channel_is_named_for_screen_readers(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes(trip, "Hello")
    await ana.opens(trip)
    await expect(ana.timeline).to_have_role("log")
    await expect(ana.timeline).to_have_accessible_name(re.compile("Messages"))
    assert await ana.timeline.get_attribute("aria-live") in (None, "polite")
    await expect(ana.composer).to_have_accessible_name(re.compile("[Mm]essage"))
    await expect(ana.part("composer-send")).to_have_accessible_name(re.compile("Send"))
    await expect(ana.page).to_have_title(re.compile("Lisbon|TripChat"))
    await expect(ana.page.locator("html")).to_have_attribute("lang", "en")
    for landmark in ("main", "navigation"):
        await expect(ana.page.get_by_role(landmark)).to_have_count(1)
    await expect(ana.page.get_by_role("heading", level=1)).to_have_count(1)


async def tabs_to(person: Person, target: Locator) -> None:
    """Press Tab until this element has the focus."""
    for _ in range(MOST_TAB_STOPS):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await person.page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TAB_STOPS} times Tab did not reach {target}")


async def test_i_can_do_everything_with_the_keyboard(visitor: NewVisitor, server: Server) -> None:
    account = await Account.sign_up(server.url, "Ana")
    trip = await account.makes_trip("Lisbon")
    await account.writes_all(trip, (f"Message {number}" for number in range(1, 121)))
    ana = await visitor("Ana")
    keys = ana.page.keyboard
    await ana.visits("/")
    await tabs_to(ana, ana.part("sign-in-email"))
    await keys.type(account.email)
    await keys.press("Tab")
    await expect(ana.part("sign-in-password")).to_be_focused()
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await is_signed_in(ana)

    await tabs_to(ana, ana.card(trip))
    await keys.press("Enter")
    await ana.is_in(trip)
    await ana.has_seen(120)

    await tabs_to(ana, ana.timeline)
    await keys.press("PageUp")
    await expect(ana.timeline).to_have_attribute("data-at-end", "false")
    while await ana.at(1).count() == 0:
        first = await ana.messages.first.get_attribute("data-seq")
        await keys.press("Home")
        await expect(ana.messages.first).not_to_have_attribute("data-seq", first or "")
    await keys.press("Home")
    await expect(ana.at(1)).to_be_in_viewport()
    await keys.press("End")
    await expect(ana.timeline).to_have_attribute("data-at-end", "true")

    await tabs_to(ana, ana.composer)
    await keys.type("By keyboard alone")
    await keys.press("Enter")
    await ana.sees("By keyboard alone")
    await expect(ana.composer).to_be_focused()

    await tabs_to(ana, ana.part("invite"))
    await keys.press("Enter")
    await expect(ana.part("invite-link")).to_be_visible()
    await keys.press("Escape")
    await expect(ana.part("invite-link")).not_to_be_visible()
    await expect(ana.part("invite")).to_be_focused()

    await tabs_to(ana, ana.part("sign-out"))
    await keys.press("Enter")
    await expect(ana.part("sign-in-submit")).to_be_visible()
    await account.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_i_always_see_where_the_focus_is(
    person: NewPerson, visitor: NewVisitor, scheme: str
) -> None:
    how: Look = {"color_scheme": scheme, "reduced_motion": "reduce"}
    ana, nobody = await person("Ana", **how), await visitor(**how)
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, "See https://example.com")
    for who, path, last in (
        (nobody, "/", nobody.part("sign-in-submit")),
        (ana, "/", ana.card(trip)),
        (ana, f"/trip/{trip}", ana.at(1)),
    ):
        await who.visits(path)
        await expect(last).to_be_visible()
        await shows_every_focus(who)


NEXT_STOP = """() => {
  // "" where the focus is outside the page, null where it has been before.
  const element = document.activeElement;
  if (!element || element === document.body) return "";
  window.stops ??= new Set();
  if (window.stops.has(element)) return null;
  window.stops.add(element);
  return element.outerHTML.slice(0, 200);
}"""


async def shows_every_focus(person: Person) -> None:
    """At each Tab stop the page looks different from how it looks without the focus there."""
    seen = 0
    for _ in range(MOST_TAB_STOPS):
        await person.page.keyboard.press("Tab")
        stop = await person.page.evaluate(NEXT_STOP)
        if stop is None:
            break
        if not stop:
            continue
        seen += 1
        assert await focus_shows(person), f"nothing shows that the focus is on {stop}"
    assert seen > 3


async def focus_shows(person: Person) -> bool:
    """Whether the page looks different without the focus; the focus ends up where it was."""
    # A busy machine may hand out the picture of an earlier frame: that is asked for again.
    for _ in range(PICTURES):
        focused = await person.page.screenshot(animations="disabled")
        element = await person.page.evaluate_handle(
            "() => { const element = document.activeElement; element.blur(); return element; }"
        )
        blurred = await person.page.screenshot(animations="disabled")
        await element.evaluate("element => element.focus()")
        if focused != blurred:
            return True
    return False
