"""Signing up, in and out, as a person does it."""

from playwright.async_api import expect

from tests.e2e.person import NewPerson, NewVisitor
from tests.e2e.signing import (
    CALL_REFUSED,
    is_on_the_landing_page,
    is_signed_in,
    new_email,
    signs_in,
    signs_up,
)
from tests.kit.people import PASSWORD, Account
from tests.kit.server import Server


async def test_i_sign_up_sign_out_and_sign_in_again(visitor: NewVisitor) -> None:
    ana = await visitor()
    email = new_email()
    await ana.visits("/")
    await is_on_the_landing_page(ana)
    await signs_up(ana, "Ana Lima", email)
    await is_signed_in(ana)
    await expect(ana.app).to_contain_text("Ana Lima")
    user_id = await ana.app.get_attribute("data-user-id")

    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)
    await signs_in(ana, email.upper())
    await is_signed_in(ana)
    await expect(ana.app).to_have_attribute("data-user-id", user_id or "")


async def test_the_session_is_kept_where_scripts_cannot_read_it(visitor: NewVisitor) -> None:
    ana = await visitor()
    await ana.visits("/")
    await signs_up(ana, "Ana", new_email())
    await is_signed_in(ana)
    assert await ana.page.evaluate("document.cookie") == ""
    [cookie] = await ana.context.cookies()
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Lax"


async def test_a_wrong_password_is_said_so_and_nothing_typed_is_lost(
    visitor: NewVisitor, server: Server
) -> None:
    account = await Account.sign_up(server.url, "Ana")
    ana = await visitor()
    ana.may_hear(CALL_REFUSED)
    await ana.visits("/")
    await signs_in(ana, account.email, "wrong password")
    await ana.is_told("wrong")
    await expect(ana.part("sign-in-email")).to_have_value(account.email)
    await expect(ana.part("sign-in-password")).to_have_value("wrong password")

    await ana.fills(sign_in_password=PASSWORD)
    await ana.part("sign-in-submit").click()
    await is_signed_in(ana)
    await account.close()


async def test_an_email_that_is_in_use_is_said_so_and_nothing_typed_is_lost(
    visitor: NewVisitor, server: Server
) -> None:
    account = await Account.sign_up(server.url, "Ana")
    other = await visitor()
    other.may_hear(CALL_REFUSED)
    await other.visits("/")
    await signs_up(other, "Another Ana", account.email)
    await other.is_told("already in use")
    await expect(other.part("sign-up-name")).to_have_value("Another Ana")
    await expect(other.part("sign-up-email")).to_have_value(account.email)
    await expect(other.part("sign-up-password")).to_have_value(PASSWORD)
    await expect(other.part("sign-up-email")).to_be_focused()
    await account.close()


async def test_without_a_network_the_form_says_so_and_keeps_what_was_typed(
    visitor: NewVisitor, server: Server
) -> None:
    account = await Account.sign_up(server.url, "Ana")
    ana = await visitor("Ana")
    ana.may_hear("ERR_INTERNET_DISCONNECTED")
    await ana.visits("/")
    await ana.context.set_offline(True)
    await signs_in(ana, account.email)
    await ana.is_told("can't be reached")
    await expect(ana.part("sign-in-email")).to_have_value(account.email)
    await expect(ana.part("sign-in-password")).to_have_value(PASSWORD)
    await ana.context.set_offline(False)
    await ana.part("sign-in-submit").click()
    await is_signed_in(ana)
    await account.close()


async def test_what_a_form_refuses_is_said_beside_it(visitor: NewVisitor) -> None:
    ana = await visitor()
    ana.may_hear(CALL_REFUSED)
    await ana.visits("/")
    for name, email, password, words in (
        ("", new_email(), PASSWORD, "name"),
        ("Ana", "nobody", PASSWORD, "email"),
        ("Ana", new_email(), "short", "password"),
    ):
        await signs_up(ana, name, email, password)
        await ana.is_told(words)
    await expect(ana.app).to_have_attribute("data-user-id", "")


async def test_signing_out_closes_the_other_tab_as_well(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, "Nobody else reads this")
    other_tab = await ana.another_tab()
    await other_tab.opens(trip)
    await other_tab.sees("Nobody else reads this")

    await ana.visits("/")
    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)
    await expect(other_tab.room).to_have_count(0)
    await expect(other_tab.app).not_to_contain_text("Nobody else reads this")

    await other_tab.page.goto(other_tab.url)
    await other_tab.is_live()
    await is_on_the_landing_page(other_tab)


async def test_signing_out_empties_a_list_of_trips_in_another_tab(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip("Secret island")
    other_tab = await ana.another_tab()
    await other_tab.visits("/")
    await expect(other_tab.card(trip)).to_be_visible()
    await ana.visits("/")
    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)
    await expect(other_tab.part("trip-card")).to_have_count(0)
    await expect(other_tab.app).not_to_contain_text("Secret island")


async def test_signing_out_leaves_my_other_device_signed_in(
    person: NewPerson, visitor: NewVisitor, server: Server
) -> None:
    ana = await person("Ana")
    phone = await visitor("Ana's phone")
    await phone.visits("/")
    await signs_in(phone, ana.account.email)
    await is_signed_in(phone)
    await ana.visits("/")
    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)
    await phone.reloads()
    await is_signed_in(phone)


async def test_a_stranger_cannot_open_a_trip(person: NewPerson, visitor: NewVisitor) -> None:
    ana, eve, nobody = await person("Ana"), await person("Eve"), await visitor("nobody")
    trip = await ana.account.makes_trip("Secret island")
    await ana.account.writes(trip, "The treasure is under the tree")
    for stranger in (eve, nobody):
        await stranger.visits(f"/trip/{trip}")
        await expect(stranger.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(stranger.room).to_have_count(0)
        content = await stranger.page.content()
        assert "treasure" not in content
        assert "Secret island" not in content
    await expect(eve.app).to_contain_text("not in this trip")
    await expect(nobody.part("sign-in-submit")).to_be_visible()


async def test_an_address_without_a_trip_says_so(person: NewPerson) -> None:
    ana = await person("Ana")
    ana.may_hear(CALL_REFUSED)
    for path in ("/trip/nothing-here", "/trip/👻", "/trip/%ff", "/trip/..%2f..%2fetc"):
        await ana.visits(path)
        await expect(ana.app).to_contain_text("no such trip")
    for path in ("/nothing-here", "/trip/a/b"):
        await ana.visits(path)
        await expect(ana.app).to_contain_text("no page at this address")


async def test_whoever_signs_in_on_a_trips_page_lands_in_the_trip(
    visitor: NewVisitor, server: Server
) -> None:
    account = await Account.sign_up(server.url, "Ana")
    trip = await account.makes_trip()
    ana = await visitor("Ana")
    await ana.visits(f"/trip/{trip}")
    await signs_in(ana, account.email)
    await ana.is_in(trip)
    await account.close()
