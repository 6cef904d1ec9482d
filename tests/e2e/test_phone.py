"""TripChat on a phone: everything within the screen, the trips in a drawer."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.person import NewPerson, NewVisitor, Person

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
LONG_WORDS = "Donaudampfschifffahrtsgesellschaftskapitän " * 2


async def fits(person: Person) -> None:
    """Nothing makes the page wider than the screen."""
    widths = await person.page.evaluate(
        "[document.scrollingElement.scrollWidth, window.innerWidth, screen.width]"
    )
    assert max(widths) <= PHONE["viewport"]["width"], widths


async def test_every_page_fits_the_screen(person: NewPerson, visitor: NewVisitor) -> None:
    ana, nobody = await person(LONG_WORDS[:60].strip(), **PHONE), await visitor(**PHONE)
    trip = await ana.account.makes_trip(LONG_WORDS.strip())
    await ana.account.writes(trip, LONG_WORDS * 3)
    code = await ana.account.invites_to(trip)
    for path in ("/", f"/join/{code}", f"/trip/{trip}", "/trip/nothing"):
        for who in (ana, nobody):
            await who.visits(path)
            await expect(who.page.get_by_role("heading", level=1).first).to_be_visible()
            await fits(who)


async def test_the_composer_is_at_hand_under_the_newest_message(person: NewPerson) -> None:
    ana = await person("Ana", **PHONE)
    trip = await ana.account.makes_trip()
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(30)))
    await ana.opens(trip)
    await expect(ana.at(30)).to_be_in_viewport(ratio=1)
    await expect(ana.composer).to_be_in_viewport(ratio=1)
    await expect(ana.part("composer-send")).to_be_in_viewport(ratio=1)
    await ana.composer.tap()
    # An opened keyboard leaves half of the screen.
    await ana.page.set_viewport_size({"width": 390, "height": 430})
    await expect(ana.composer).to_be_in_viewport(ratio=1)
    await expect(ana.at(30)).to_be_in_viewport(ratio=0.99)
    await ana.writes("From the train")
    await ana.part("composer-send").tap()
    await ana.sees("From the train")
    await expect(ana.message("From the train")).to_be_in_viewport(ratio=0.99)
    await fits(ana)


async def test_a_long_draft_scrolls_and_leaves_room_to_read(person: NewPerson) -> None:
    ana = await person("Ana", **PHONE)
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, "What did you do today?")
    await ana.opens(trip)
    await ana.writes("and then\n" * 100)
    await expect(ana.part("composer-send")).to_be_in_viewport(ratio=1)
    await expect(ana.part("invite")).to_be_in_viewport()
    box = await ana.timeline.bounding_box()
    assert box is not None
    assert box["height"] >= 200, "the draft leaves no room for the messages"


async def test_my_trips_are_in_a_drawer(person: NewPerson) -> None:
    ana = await person("Ana", **PHONE)
    lisbon = await ana.account.makes_trip("Lisbon")
    porto = await ana.account.makes_trip("Porto")
    await ana.opens(lisbon)
    await expect(ana.card(porto)).not_to_be_visible()
    opener = ana.page.get_by_role("button", name="My trips")
    await opener.tap()
    await expect(ana.card(porto)).to_be_in_viewport(ratio=1)
    await fits(ana)
    await ana.page.keyboard.press("Escape")
    await expect(ana.card(porto)).not_to_be_visible()

    await opener.tap()
    await ana.page.get_by_role("button", name="Close my trips").tap()
    await expect(ana.card(porto)).not_to_be_visible()

    await opener.tap()
    await ana.card(porto).tap()
    await ana.is_in(porto)
    await expect(ana.card(lisbon)).not_to_be_visible()
    await expect(ana.composer).to_be_in_viewport(ratio=1)


async def test_the_drawer_button_tells_of_news_in_another_trip(person: NewPerson) -> None:
    ana, bo = await person("Ana", **PHONE), await person("Bo")
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await ana.opens(lisbon)
    await bo.account.writes(porto, "Anybody in Porto?")
    button = ana.page.get_by_role("button", name="My trips, with unread messages")
    await expect(button).to_be_visible()
    await button.tap()
    await expect(ana.card(porto)).to_have_attribute("data-unread", "1")
    await ana.card(porto).tap()
    await ana.sees("Anybody in Porto?")
    await expect(ana.card(porto)).to_have_attribute("data-unread", "0")
    await expect(button).to_have_count(0)


@pytest.mark.parametrize("opener", ["invite", "new-trip", "leave", "members"])
async def test_dialogs_fit_the_screen(person: NewPerson, opener: str) -> None:
    ana = await person("Ana", **PHONE)
    trip = await ana.account.makes_trip()
    await ana.opens(trip)
    if opener == "leave":
        await ana.page.get_by_role("button", name="More about this trip").tap()
    if opener == "members":
        await ana.page.get_by_role("button", name="members").tap()
        shown = ana.part("member")
    else:
        if opener == "new-trip":
            await ana.page.get_by_role("button", name="My trips").tap()
        await ana.part(opener).tap()
        shown = ana.page.get_by_role("dialog")
    await expect(shown).to_be_in_viewport(ratio=0.99)
    await fits(ana)
