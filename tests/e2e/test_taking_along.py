"""Taking a trip along, and erasing it or oneself; what organisers did."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.e2e.person import NewPerson, NewVisitor, Tab
from tests.e2e.signing import CALL_REFUSED, signs_in
from tests.kit.people import PASSWORD


async def chooses(tab: Tab, test_id: str) -> None:
    """Choose something in the trip's menu."""
    await tab.page.get_by_role("button", name="More about this trip").click()
    await tab.part(test_id).click()


async def test_a_member_takes_the_trip_along(
    person: NewPerson, browser: Browser, tmp_path: Path
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon in May", bo.account)
    await ana.account.writes(trip, "Meet me at **Rossio**")
    await bo.opens(trip)
    await bo.page.get_by_role("button", name="More about this trip").click()
    async with bo.page.expect_download() as download:
        await bo.part("trip-export").click()
    file = await download.value
    assert file.suggested_filename == "Lisbon in May.zip"
    await file.save_as(tmp_path / "trip.zip")
    with zipfile.ZipFile(tmp_path / "trip.zip") as archive:
        archive.extractall(tmp_path / "trip")
    async with await browser.new_context() as context:
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text))
        await page.goto((tmp_path / "trip" / "index.html").as_uri())
        await expect(page.locator("h1")).to_have_text("Lisbon in May")
        await expect(page.locator("strong")).to_have_text("Rossio")
        assert said == []
    await bo.is_in(trip)


async def test_an_organiser_erases_the_trip(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    await ana.opens(trip)
    ana.may_hear(CALL_REFUSED)
    await chooses(ana, "erase-trip")
    await expect(ana.part("erase-trip-title")).to_be_focused()
    await ana.fills(erase_trip_title="Porto")
    await ana.part("erase-trip-confirm").click()
    await expect(ana.refusal).to_have_text("This is not the trip's title.")
    await ana.fills(erase_trip_title="Lisbon")
    await ana.part("erase-trip-confirm").click()
    await expect(ana.page).to_have_url(re.compile(r"/$"))
    await expect(ana.app).to_contain_text("No trips yet")
    await expect(bo.room).to_have_count(0)
    await expect(bo.app).to_contain_text(re.compile("no such trip|not in this trip"))


async def test_a_member_finds_no_way_to_erase_or_to_look_over_shoulders(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    await bo.opens(await ana.account.makes_trip("Lisbon", bo.account))
    await bo.page.get_by_role("button", name="More about this trip").click()
    await expect(bo.part("trip-export")).to_be_visible()
    for test_id in ("audit", "erase-trip", "trip-edit"):
        await expect(bo.part(test_id)).to_have_count(0)


async def test_who_erases_their_account_is_gone_everywhere(
    person: NewPerson, visitor: NewVisitor
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes(trip, "I was here")
    await ana.opens(trip)
    await expect(ana.at(1)).to_contain_text("I was here")
    elsewhere = await bo.another_tab()
    await elsewhere.opens(trip)
    await bo.visits("/account")
    bo.may_hear(CALL_REFUSED)
    await bo.fills(erase_password="not this one")
    await bo.part("erase-account-confirm").click()
    await expect(bo.refusal).to_have_text("This is not your password.")
    await bo.fills(erase_password=PASSWORD)
    await bo.part("erase-account-confirm").click()
    for tab in (bo, elsewhere):
        await expect(tab.part("sign-in-email")).to_be_visible()
    await expect(ana.at(1)).to_have_attribute("data-state", "deleted")
    await expect(ana.at(1).get_by_test_id("message-author")).to_have_text("Former member")
    await expect(ana.member(bo.account.user_id)).to_have_count(0)
    cleo = await visitor("Cleo")
    cleo.may_hear(CALL_REFUSED)
    await cleo.visits("/")
    await signs_in(cleo, bo.account.email, PASSWORD)
    await cleo.is_told("wrong")


async def test_organisers_see_what_organisers_did(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    await chooses(ana, "audit")
    await expect(ana.part("audit-empty")).to_be_visible()
    for _ in ("the dialog", "the menu"):
        await ana.page.keyboard.press("Escape")
    await bo.account.writes(trip, "never mind")
    await ana.account.deletes(trip, 1)
    for n in range(50):
        await ana.account.renames(trip, f"Porto {n}")
    await ana.account.removes(trip, bo.account)
    await chooses(ana, "audit")
    entries = ana.part("audit-entry")
    await expect(entries).to_have_count(50)
    await expect(entries.first).to_contain_text("Ana removed Bo")
    await expect(entries.first).to_have_attribute("data-deed", "member-removed")
    await ana.part("audit-earlier").click()
    await expect(entries).to_have_count(52)
    await expect(entries.last).to_contain_text("Ana deleted message 1, by Bo")
    await expect(entries.nth(1)).to_contain_text("Ana changed the title")
    await expect(ana.part("audit-earlier")).to_have_count(0)
