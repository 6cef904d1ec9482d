"""The emoji picker, opened to react to a message."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect

from tests.e2e.person import NewPerson, Person
from tests.e2e.test_accessibility import focus_shows, keeps_the_rules
from tests.e2e.test_phone import PHONE, fits

CHUNK = re.compile(r"/assets/data-.*\.js")
LOAD_FAILED = "Failed to load resource"


class Picker:
    """The picker on somebody's page."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page
        self.all = person.part("emoji-option")
        self.recent = person.part("emoji-recent")
        self.search = person.part("emoji-search")
        self.element = person.part("emoji-picker")

    def option(self, emoji: str) -> Locator:
        """The one option for this emoji."""
        return self.page.locator(f'[data-testid=emoji-option][data-emoji="{emoji}"]')

    def button(self, seq: int = 1) -> Locator:
        """What opens the picker for a message."""
        return self.person.at(seq).get_by_test_id("message-react")

    async def opens(self, seq: int = 1) -> None:
        """React to a message."""
        await self.person.at(seq).hover()
        await self.button(seq).click()
        await expect(self.all.first).to_be_visible()

    async def is_closed(self) -> None:
        await expect(self.element).not_to_be_visible()

    async def shows(self, *emojis: str) -> None:
        """These are the first ones."""
        for place, emoji in enumerate(emojis):
            await expect(self.all.nth(place)).to_have_attribute("data-emoji", emoji)


async def reacts(person: NewPerson, **options: Any) -> tuple[Person, Picker]:
    """Somebody in a trip with a message that nobody has reacted to."""
    ana = await person("Ana", **options)
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, "Who has the tickets?")
    await ana.opens(trip)
    await ana.has_seen(1)
    return ana, Picker(ana)


async def test_a_pick_reacts_and_closes(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    await picker.option("🇿🇼").click()
    await picker.is_closed()
    reaction = ana.at(1).get_by_test_id("reaction")
    await expect(reaction).to_have_attribute("data-emoji", "🇿🇼")
    await expect(picker.button()).to_be_focused()


async def test_every_emoji_is_there_once(person: NewPerson) -> None:
    _, picker = await reacts(person)
    await picker.opens()
    offered = await picker.all.evaluate_all("all => all.map(each => each.dataset.emoji)")
    assert len(offered) == len(set(offered)) > 1800
    names = await picker.all.evaluate_all("all => all.map(each => each.ariaLabel)")
    assert all(names)
    assert len(names) == len(set(names))
    await expect(picker.option("👍")).to_have_accessible_name("thumbs up")


async def test_nothing_is_loaded_before_somebody_opens_it(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, "Hello")
    loaded: list[str] = []
    ana.page.on("request", lambda request: loaded.append(request.url))
    await ana.opens(trip)
    assert loaded
    assert not [url for url in loaded if CHUNK.search(url)]
    async with ana.page.expect_request(CHUNK):
        await Picker(ana).opens()


async def test_what_could_not_be_loaded_is_loaded_the_next_time(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    ana.may_hear(LOAD_FAILED)

    async def fails(route: Route) -> None:
        await route.abort()

    await ana.page.route(CHUNK, fails)
    await picker.button().click()
    await expect(picker.element.get_by_role("status")).to_contain_text("could not be loaded")
    await ana.page.keyboard.press("Escape")
    await ana.page.unroute(CHUNK, fails)
    await picker.opens()
    await expect(picker.element.get_by_role("status")).to_be_empty()


async def test_emoji_are_found_by_words(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    await expect(picker.search).to_be_focused()
    await ana.page.keyboard.type("thumbs")
    await expect(picker.all).to_have_count(2)
    await picker.shows("👍", "👎")
    await picker.search.fill("port flag")
    await picker.shows("🇵🇹")
    await picker.search.fill("nothing like that")
    await expect(picker.all).to_have_count(0)
    await expect(picker.element.get_by_role("status")).to_contain_text("Nothing found")
    await ana.page.keyboard.press("Enter")
    await picker.search.fill("tada")
    await expect(picker.all).to_have_count(1)
    await ana.page.keyboard.press("Enter")
    await picker.is_closed()
    await expect(ana.at(1).get_by_test_id("reaction")).to_have_attribute("data-emoji", "🎉")
    await picker.opens()
    await expect(picker.search).to_have_value("")


async def test_the_keyboard_does_it_all(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    keys = ana.page.keyboard
    await picker.button().focus()
    await keys.press("Enter")
    await expect(picker.search).to_be_focused()
    await expect(picker.all.first).to_be_visible()
    await keys.press("ArrowDown")
    await expect(picker.all.first).to_be_focused()
    assert await focus_shows(ana)
    await keys.press("ArrowUp")
    await expect(picker.search).to_be_focused()
    await keys.press("ArrowDown")
    await keys.press("ArrowRight")
    await expect(picker.all.nth(1)).to_be_focused()
    await keys.press("ArrowDown")
    await expect(picker.all.nth(9)).to_be_focused()
    await keys.press("Shift+Tab")
    await keys.press("Tab")
    await expect(picker.all.nth(9)).to_be_focused()
    await keys.press("End")
    await expect(picker.all.last).to_be_focused()
    await expect(picker.all.last).to_be_in_viewport()
    await keys.press("Home")
    await expect(picker.all.first).to_be_focused()
    await keys.type("rocket")
    await expect(picker.search).to_be_focused()
    await expect(picker.search).to_have_value("rocket")
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await picker.is_closed()
    await expect(ana.at(1).get_by_test_id("reaction")).to_have_attribute("data-emoji", "🚀")
    await expect(picker.button()).to_be_focused()


async def test_a_group_is_one_click_away(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    await picker.search.fill("heart")
    for group, emoji in (("Flags", "🏁"), ("Food & Drink", "🍇"), ("Smileys & Emotion", "😀")):
        button = picker.element.get_by_role("button", name=group)
        await button.click()
        await expect(picker.option(emoji)).to_be_in_viewport(ratio=1)
        await expect(button).to_have_attribute("aria-current", "true")
    await expect(picker.search).to_have_value("")
    await button.press("ArrowRight")
    await ana.page.keyboard.press("Enter")
    await expect(picker.option("👋")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("how", ["Escape", "click outside", "click on its button"])
async def test_it_closes_without_a_pick(person: NewPerson, how: str) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    if how == "Escape":
        await ana.page.keyboard.press("Escape")
    elif how == "click outside":
        await ana.page.get_by_role("heading", level=1).click()
    else:
        await picker.button().click()
    await picker.is_closed()
    await expect(picker.button()).to_be_focused()
    await picker.opens()


async def test_who_clicks_elsewhere_goes_on_there(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    await ana.composer.click()
    await picker.is_closed()
    await expect(ana.composer).to_be_focused()
    await ana.page.keyboard.type("On we go")
    await expect(ana.composer).to_have_value("On we go")


async def test_what_i_used_comes_first_next_time(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    await expect(picker.recent).to_have_count(0)
    for emoji in ("🎉", "👍", "👍"):
        await picker.option(emoji).click()
        await picker.is_closed()
        await picker.opens()
    await ana.reloads()
    await picker.opens()
    used = await picker.recent.evaluate_all("all => all.map(each => each.dataset.emoji)")
    assert used == ["👍", "🎉"]
    await expect(picker.option("👍")).to_have_count(1)
    await picker.recent.first.click()
    await picker.is_closed()


async def test_storage_that_is_forbidden_does_not_matter(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await ana.watches(
        "(() => { const { prototype } = Storage;"
        "prototype.getItem = prototype.setItem = () => { throw new Error('forbidden'); }; })()"
    )
    await picker.opens()
    await picker.option("🎉").click()
    await picker.is_closed()
    await picker.opens()
    await expect(picker.recent).to_have_attribute("data-emoji", "🎉")


async def test_my_tone_is_remembered(person: NewPerson) -> None:
    ana, picker = await reacts(person)
    await picker.opens()
    await ana.part("emoji-tone").select_option("🏽")
    await expect(picker.option("👍🏽")).to_have_count(1)
    await expect(picker.option("👍")).to_have_count(0)
    await expect(picker.option("✌🏽")).to_have_count(1)
    await expect(picker.option("😀")).to_have_count(1)
    await picker.search.fill("thumbs up")
    await ana.page.keyboard.press("Enter")
    await expect(ana.at(1).get_by_test_id("reaction")).to_have_attribute("data-emoji", "👍🏽")
    await ana.reloads()
    await picker.opens()
    await expect(picker.option("👍🏽")).to_have_count(1)
    await expect(picker.recent).to_have_attribute("data-emoji", "👍🏽")
    await ana.part("emoji-tone").select_option("")
    await expect(picker.option("👍")).to_have_count(1)
    await expect(picker.recent).to_have_attribute("data-emoji", "👍🏽")


async def test_on_a_phone_it_is_a_sheet_without_a_keyboard(person: NewPerson) -> None:
    ana, picker = await reacts(person, **PHONE, reduced_motion="reduce")
    await ana.at(1).get_by_test_id("message-menu").tap()
    await picker.button().tap()
    await expect(picker.all.first).to_be_visible()
    await expect(picker.search).not_to_be_focused()
    box = await picker.element.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE["viewport"]["width"])
    assert box["y"] + box["height"] == PHONE["viewport"]["height"]
    await fits(ana)
    await picker.option("🏖️").tap()
    await picker.is_closed()
    await expect(ana.at(1).get_by_test_id("reaction")).to_have_attribute("data-emoji", "🏖️")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desktop", "phone"])
async def test_it_is_accessible(person: NewPerson, scheme: str, size: tuple[int, int]) -> None:
    ana, picker = await reacts(
        person,
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
    )
    await picker.opens()
    await picker.option("👍").click()
    await picker.opens()
    await keeps_the_rules(ana)
    await picker.search.fill("heart")
    await expect(picker.option("❤️")).to_be_visible()
    await keeps_the_rules(ana)
    await picker.search.fill("nothing like that")
    await expect(picker.all).to_have_count(0)
    await keeps_the_rules(ana)


async def test_it_stands_within_the_page(person: NewPerson) -> None:
    ana = await person("Ana", viewport={"width": 900, "height": 560})
    trip = await ana.account.makes_trip()
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, 13)))
    await ana.opens(trip)
    await ana.has_seen(12)
    picker = Picker(ana)
    for seq in (12, 8):
        await picker.opens(seq)
        await expect(picker.element).to_be_in_viewport(ratio=1)
        await ana.page.keyboard.press("Escape")
        await picker.is_closed()
