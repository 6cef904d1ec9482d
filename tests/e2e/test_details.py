"""What became of a message of mine: when it was stored and broadcast, and whom it reached."""

import re

from playwright.async_api import expect

from tests.e2e.acting import action
from tests.e2e.person import NewPerson, Tab, together

MOMENT = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$")


async def shows_details(tab: Tab, seq: int) -> None:
    """Open the details of a message, with the keyboard alone."""
    await action(tab, seq, "menu").focus()
    await tab.page.keyboard.press("Enter")
    await action(tab, seq, "details").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("dialog", name="Message details")).to_be_visible()


async def test_the_sender_sees_when_it_went_out_and_whom_it_reached(person: NewPerson) -> None:
    _, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    await cleo.visits("/")
    await expect(ana.member(cleo.account.user_id)).to_have_attribute("data-online", "false")
    await ana.sends("Hello")
    await bo.sees("Hello")
    await shows_details(ana, 1)
    await expect(ana.part("details-stored")).to_have_text(MOMENT)
    await expect(ana.part("details-broadcast")).to_have_text(MOMENT)
    told = [await ana.part(f"details-{name}").inner_text() for name in ("stored", "broadcast")]
    assert told == sorted(told)
    await expect(ana.part("details-reached")).to_have_text("1 of 2 members")
    await expect(ana.part("details-read")).to_have_text("Bo")
    await cleo.opens(await ana.room.get_attribute("data-trip-id") or "")
    await expect(ana.part("details-read")).to_have_text(re.compile("(Bo and Cleo|Cleo and Bo)"))
    await ana.page.keyboard.press("Escape")
    await expect(ana.part("details-stored")).not_to_be_visible()


async def test_what_is_not_known_is_left_out(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.account.writes(trip, "From elsewhere")
    await ana.sees("From elsewhere")
    await shows_details(ana, 1)
    await expect(ana.part("details-stored")).to_have_text(MOMENT)
    await expect(ana.part("details-reached")).to_have_count(0)
    await bo.sees("From elsewhere")
    await expect(action(bo, 1, "menu")).to_have_count(1)
    await expect(action(bo, 1, "details")).to_have_count(0)
