"""My account: who I am, where I am signed in, and signing out there."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.person import NewPerson, NewVisitor, Person, Tab
from tests.e2e.signing import is_on_the_landing_page, is_signed_in, signs_in

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def device(tab: Tab, name: str) -> Locator:
    """A device in the list of mine."""
    return tab.part("device").filter(has_text=name)


async def signs_in_anew(visitor: NewVisitor, name: str, owner: Person, **options: object) -> Person:
    """Another browser of somebody, where they sign in by the form."""
    other = await visitor(name, **options)
    await other.visits("/")
    await signs_in(other, owner.account.email)
    await is_signed_in(other)
    return other


async def is_signed_out(tab: Tab) -> None:
    """The page knows nobody any more, now and after a reload."""
    await expect(tab.app).to_have_attribute("data-user-id", "")
    await tab.reloads()
    await is_on_the_landing_page(tab)


async def test_i_know_my_devices_and_sign_out_on_one(
    person: NewPerson, visitor: NewVisitor
) -> None:
    ana = await person("Ana Lima")
    laptop = await signs_in_anew(visitor, "laptop", ana)
    phone = await signs_in_anew(visitor, "phone", ana, user_agent=IPHONE)
    await laptop.visits("/account")
    await expect(laptop.page).to_have_title("Account · TripChat")
    await expect(laptop.part("account-name")).to_have_text("Ana Lima")
    await expect(laptop.part("account-email")).to_have_text(ana.account.email)
    await expect(laptop.part("device")).to_have_count(3)
    mine = device(laptop, "Chrome on Linux")
    await expect(mine).to_have_attribute("data-current", "true")
    await expect(mine.get_by_test_id("device-sign-out")).to_have_count(0)
    there = device(laptop, "Safari on iPhone")
    await expect(there).to_have_attribute("data-current", "false")
    await expect(there).to_contain_text(re.compile("Signed in .*20.*Last seen .*20"))

    await there.get_by_test_id("device-sign-out").click()
    await expect(laptop.part("device")).to_have_count(2)
    await expect(there).to_have_count(0)
    await is_signed_out(phone)
    await laptop.reloads()
    await is_signed_in(laptop)
    await expect(laptop.part("device")).to_have_count(2)


async def test_i_sign_out_everywhere_else(person: NewPerson, visitor: NewVisitor) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip("Lisbon")
    laptop = await signs_in_anew(visitor, "laptop", ana)
    phone = await signs_in_anew(visitor, "phone", ana, user_agent=IPHONE)
    await phone.opens(trip)
    await laptop.visits("/account")
    await expect(laptop.part("device")).to_have_count(3)
    await laptop.part("sign-out-elsewhere").click()
    await expect(laptop.part("device")).to_have_count(1)
    await expect(laptop.part("sign-out-elsewhere")).to_have_count(0)
    await expect(phone.room).to_have_count(0)
    await expect(phone.app).to_have_attribute("data-user-id", "")
    await laptop.opens(trip)


async def test_my_account_is_one_click_away(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip("Lisbon")
    await ana.visits("/")
    await ana.part("account-link").click()
    await expect(ana.part("account")).to_be_visible()
    await expect(ana.part("device")).to_have_count(1)
    await ana.opens(trip)
    await ana.part("account-link").click()
    await expect(ana.part("account")).to_be_visible()
    await expect(ana.part("device")).to_have_count(1)
    await ana.is_live()
    await ana.part("rename").click()
    await ana.fills(rename_name="Ana Reis")
    await ana.part("rename-save").click()
    await expect(ana.part("account-name")).to_have_text("Ana Reis")
    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)


async def test_whoever_signs_in_on_the_accounts_page_sees_it(
    person: NewPerson, visitor: NewVisitor
) -> None:
    ana = await person("Ana")
    laptop = await visitor("laptop")
    await laptop.visits("/account")
    await expect(laptop.part("account")).to_have_count(0)
    await signs_in(laptop, ana.account.email)
    await expect(laptop.part("account-email")).to_have_text(ana.account.email)
    await expect(laptop.part("device")).to_have_count(2)


@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_is_cut_off(person: NewPerson, width: int) -> None:
    ana = await person("Ana Maximiliana " + "Lima" * 10, viewport={"width": width, "height": 800})
    trip = await ana.account.makes_trip("Lisbon")
    for path in ("/", "/account", f"/trip/{trip}"):
        await ana.visits(path)
        await expect(ana.part("sign-out")).to_have_count(1)
        wide = await ana.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
