"""Another password, and a new one for who has forgotten theirs."""

import pytest
from playwright.async_api import Request, expect

from tests.e2e.person import NewDevice, NewPerson, NewVisitor, Tab
from tests.e2e.signing import CALL_REFUSED, is_signed_in, signs_in
from tests.kit.mailbox import mails_to, reset_links
from tests.kit.people import PASSWORD
from tests.kit.server import Server

NEW = "seven green umbrellas"


async def changes_password(tab: Tab, current: str, new: str) -> None:
    """Fill the form on the account's page and send it."""
    await tab.fills(current_password=current, new_password=new)
    await tab.part("password-save").click()


async def asks_for_a_link(tab: Tab, email: str) -> None:
    """Follow the link under the sign-in form, and say whose password is forgotten."""
    await tab.visits("/")
    await tab.part("forgot-password").click()
    await tab.is_live()
    await tab.fills(reset_email=email)
    await tab.part("reset-submit").click()
    await expect(tab.part("reset-sent")).to_be_visible()
    await expect(tab.part("reset-submit")).to_have_count(0)


async def opens_the_link(tab: Tab, link: str) -> None:
    """Go where a mail's link leads, by the way that this person has to the site."""
    _, _, token = link.rpartition("/")
    await tab.visits(f"/reset/{token}")


async def test_i_change_my_password_and_am_signed_in_here_alone(
    person: NewPerson, device: NewDevice
) -> None:
    ana = await person("Ana")
    phone = await device(ana)
    trip = await ana.account.makes_trip("Lisbon")
    other_tab = await ana.another_tab()
    await other_tab.opens(trip)
    await phone.opens(trip)
    await ana.page.bring_to_front()
    await ana.visits("/account")
    await expect(ana.part("device")).to_have_count(2)
    await changes_password(ana, PASSWORD, NEW)
    await expect(ana.part("password-changed")).to_be_visible()
    await expect(phone.app).to_have_attribute("data-user-id", "")
    await expect(phone.room).to_have_count(0)
    # Here all goes on: on this page, and in the other tab, by another session.
    await expect(ana.part("device")).to_have_count(1)
    await expect(ana.part("device")).to_have_attribute("data-current", "true")
    await expect(ana.part("password-changed")).to_be_visible()
    # What is typed just while its connection is made anew is not lost.
    await other_tab.page.bring_to_front()
    await other_tab.is_live()
    await other_tab.sends("Still here")
    await other_tab.sees("Still here")
    await ana.reloads()
    await is_signed_in(ana)

    phone.may_hear(CALL_REFUSED)
    await phone.visits("/")
    await signs_in(phone, ana.account.email)
    await phone.is_told("wrong")
    await signs_in(phone, ana.account.email, NEW)
    await is_signed_in(phone)


async def test_my_own_page_does_not_blink_when_i_change_my_password(person: NewPerson) -> None:
    ana = await person("Ana")
    await ana.visits("/account")
    await expect(ana.part("device")).to_have_count(1)
    await ana.page.evaluate("""() => {
      window.blinked = [];
      const note = () => {
        const { userId, connectionState } = document.querySelector("[data-testid=app]").dataset;
        if (!userId || connectionState !== "connected") window.blinked.push(connectionState);
      };
      new MutationObserver(note).observe(document, {
        subtree: true, childList: true, attributes: true,
      });
    }""")
    [before] = await ana.context.cookies()
    user_id = await ana.app.get_attribute("data-user-id")
    socket = ana.page.expect_websocket()
    async with socket:
        await changes_password(ana, PASSWORD, NEW)
    await expect(ana.part("password-changed")).to_be_visible()
    await ana.is_live()
    [after] = await ana.context.cookies()
    assert after.get("value") != before.get("value")
    await expect(ana.app).to_have_attribute("data-user-id", user_id or "")
    assert await ana.page.evaluate("window.blinked") == []


@pytest.mark.parametrize(
    ("current", "new", "field", "words"),
    [
        ("wrong horse", NEW, "current-password", "not your current password"),
        (PASSWORD, "short", "new-password", "8 to 256 characters"),
        (PASSWORD, "password123", "new-password", "too easy to guess"),
        (PASSWORD, "Ana Lima", "new-password", "not a password"),
        ("", NEW, "current-password", "not your current password"),
    ],
    ids=["wrong", "short", "common", "name", "empty"],
)
async def test_what_is_refused_is_said_at_the_field(
    person: NewPerson, current: str, new: str, field: str, words: str
) -> None:
    ana = await person("Ana Lima")
    ana.may_hear(CALL_REFUSED)
    await ana.visits("/account")
    await changes_password(ana, current, new)
    await ana.is_told(words)
    await expect(ana.part(field)).to_be_focused()
    await expect(ana.part(field)).to_have_attribute("aria-invalid", "true")
    await expect(ana.part("new-password")).to_have_value(new)
    await changes_password(ana, PASSWORD, NEW)
    await expect(ana.part("password-changed")).to_be_visible()


async def test_i_get_a_link_set_a_new_password_and_sign_in(
    person: NewPerson, visitor: NewVisitor, server: Server
) -> None:
    ana = await person("Ana")
    await ana.visits("/account")
    laptop = await visitor("laptop")
    await asks_for_a_link(laptop, ana.account.email)
    [link] = await reset_links(server.data, ana.account.email)
    laptop.may_hear(CALL_REFUSED)
    await opens_the_link(laptop, link)
    await laptop.fills(reset_password="password123")
    await laptop.part("reset-save").click()
    await laptop.is_told("too easy to guess")
    await expect(laptop.part("reset-password")).to_be_focused()
    await laptop.fills(reset_password=NEW)
    await laptop.part("reset-save").click()
    await expect(laptop.part("reset-done")).to_be_visible()
    await expect(ana.app).to_have_attribute("data-user-id", "")

    await laptop.page.get_by_role("link", name="Sign in").click()
    await laptop.is_live()
    await signs_in(laptop, ana.account.email, NEW)
    await is_signed_in(laptop)

    await opens_the_link(laptop, link)
    await expect(laptop.app).to_contain_text("does not work any more")
    await laptop.page.get_by_role("link", name="Ask for a new link").click()
    await expect(laptop.part("reset-email")).to_be_visible()


async def test_nobody_learns_who_has_an_account(visitor: NewVisitor, person: NewPerson) -> None:
    ana, eve = await person("Ana"), await visitor("Eve")
    seen: list[str] = []
    for email in (ana.account.email, "nobody@example.org"):
        await asks_for_a_link(eve, email)
        seen.append(await eve.part("app").inner_text())
    assert seen[0] == seen[1]


async def test_an_address_that_is_none_is_said_at_the_field(visitor: NewVisitor) -> None:
    eve = await visitor("Eve")
    eve.may_hear(CALL_REFUSED)
    await eve.visits("/reset")
    await eve.fills(reset_email="nobody")
    await eve.part("reset-submit").click()
    await eve.is_told("not an email address")
    await expect(eve.part("reset-email")).to_be_focused()


async def test_the_link_is_told_to_nobody(
    person: NewPerson, visitor: NewVisitor, server: Server
) -> None:
    ana, laptop = await person("Ana"), await visitor("laptop")
    await asks_for_a_link(laptop, ana.account.email)
    [link] = await reset_links(server.data, ana.account.email)
    token = link.rpartition("/")[2]
    requests: list[Request] = []
    laptop.page.on("request", lambda request: requests.append(request))
    await opens_the_link(laptop, link)
    await laptop.fills(reset_password=NEW)
    await laptop.part("reset-save").click()
    await expect(laptop.part("reset-done")).to_be_visible()
    await laptop.page.get_by_role("link", name="Sign in").click()
    await laptop.is_live()
    assert len(requests) > 5
    for request in requests:
        assert request.url.startswith(laptop.url)
        assert token not in (await request.all_headers()).get("referer", "")
    assert token not in server.output()
    assert ana.account.email not in server.output()
    assert len(mails_to(server.data, ana.account.email)) == 1
