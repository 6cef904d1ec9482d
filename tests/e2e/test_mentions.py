"""Naming somebody: the list that opens at an `@`."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.person import NewPerson, Person, Tab
from tests.e2e.test_accessibility import keeps_the_rules
from tests.e2e.test_channel import together
from tests.e2e.test_composer import replies_to
from tests.e2e.test_phone import PHONE
from tests.kit.people import Account
from tests.kit.server import Server


def options(tab: Tab) -> Locator:
    """Those whom the list offers."""
    return tab.part("mention-option")


def active(tab: Tab) -> Locator:
    """The one whom Enter would choose."""
    return tab.page.locator('[data-testid=mention-option][aria-selected="true"]')


async def types(tab: Tab, text: str) -> None:
    """Press the keys one after the other."""
    await tab.composer.press_sequentially(text)


async def offers(tab: Tab, *names: str) -> None:
    """The list offers these people, in this order."""
    await expect(options(tab).locator(".mention-name")).to_have_text(names)
    await expect(tab.composer).to_have_attribute("aria-expanded", "true" if names else "false")


async def named_in(person: Person, trip: str) -> list[list[str]]:
    """Whom each message of a trip names."""
    return [message["body"].get("mentions", []) for message in await person.account.reads(trip)]


async def test_an_at_sign_offers_the_members_without_me(person: NewPerson, server: Server) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo Smith")
    cleo, dan = [await Account.sign_up(server.url, name) for name in ("Cleo", "Dan")]
    code = await ana.account.invites_to(trip)
    for account in (cleo, dan):
        await account.joins(code)
    await cleo.leaves(trip)
    await expect(ana.room).to_have_attribute("data-member-count", "3")
    await expect(ana.composer).to_have_attribute("aria-expanded", "false")
    await types(ana, "Hi @")
    await offers(ana, "Bo Smith", "Dan")
    ids = await options(ana).evaluate_all("all => all.map(one => one.dataset.userId)")
    assert ids == [bo.account.user_id, dan.user_id]
    # Whoever leaves while the list is open leaves it.
    await dan.leaves(trip)
    await offers(ana, "Bo Smith")
    await dan.close()
    await cleo.close()


async def test_the_list_is_told_to_screen_readers(person: NewPerson) -> None:
    _, (ana, _, _) = await together(person, "Ana", "Bo", "Cleo")
    await expect(ana.composer).to_have_role("combobox")
    await types(ana, "@")
    for key, name in (("", "Bo"), ("ArrowDown", "Cleo"), ("ArrowDown", "Bo"), ("ArrowUp", "Cleo")):
        if key:
            await ana.composer.press(key)
        await expect(active(ana)).to_have_text(f"{name[0]}{name}")
        # What the field points at are the list and the option in it.
        controlled = await ana.composer.get_attribute("aria-controls")
        pointed = await ana.composer.get_attribute("aria-activedescendant")
        assert await active(ana).get_attribute("id") == pointed
        assert await active(ana).locator("..").get_attribute("id") == controlled
        await expect(active(ana).locator("..")).to_have_role("listbox")
        await expect(active(ana)).to_have_role("option")
    await expect(active(ana)).to_have_accessible_name("Cleo")


@pytest.mark.parametrize("key", ["Enter", "Tab"])
async def test_a_name_is_completed_with_the_keyboard(person: NewPerson, key: str) -> None:
    trip, (ana, bo, _) = await together(person, "Ana", "Bo Smith", "Bob")
    await types(ana, "Hi @b")
    await offers(ana, "Bo Smith", "Bob")
    await ana.composer.press("ArrowDown")
    await ana.composer.press("ArrowUp")
    await ana.composer.press(key)
    await expect(ana.composer).to_have_value("Hi @Bo Smith ")
    await offers(ana)
    await expect(ana.composer).to_be_focused()
    await expect(ana.messages).to_have_count(0)
    await types(ana, "how are you?")
    await offers(ana)
    await ana.composer.press("Enter")
    await bo.sees("how are you?")
    assert await named_in(ana, trip) == [[bo.account.user_id]]


@pytest.mark.parametrize("device", [{}, PHONE], ids=["mouse", "touch"])
async def test_a_name_is_completed_by_hand(person: NewPerson, device: dict[str, Any]) -> None:
    ana, bo = await person("Ana", **device), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    await types(ana, "See  you")
    for _ in range(4):
        await ana.composer.press("ArrowLeft")
    await types(ana, "@")
    option = options(ana).first
    await expect(option).to_be_in_viewport(ratio=1)
    await (option.tap() if device else option.click())
    await expect(ana.composer).to_be_focused()
    await types(ana, "and ")
    await expect(ana.composer).to_have_value("See @Bo and you")
    await ana.part("composer-send").click()
    await ana.has_seen(1)
    assert await named_in(ana, trip) == [[bo.account.user_id]]


async def test_escape_closes_the_list_first_and_the_answer_then(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo Smith")
    await bo.sends("Where?")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await types(ana, "@b")
    await offers(ana, "Bo Smith")
    await ana.composer.press("Escape")
    await offers(ana)
    await expect(ana.part("reply-bar")).to_be_visible()
    await types(ana, "o")
    await offers(ana)  # it stays closed for this name
    await ana.composer.press("Escape")
    await expect(ana.part("reply-bar")).to_have_count(0)
    await expect(ana.composer).to_have_value("@bo")
    await types(ana, " and @")
    await offers(ana, "Bo Smith")
    await ana.composer.press("Escape")
    await ana.composer.press("Enter")
    await bo.has_seen(2)
    assert (await ana.account.reads(trip))[1]["text"] == "@bo and @"


async def test_names_are_found_by_any_word_without_case_and_accents(
    person: NewPerson, server: Server
) -> None:
    ana = await person("Ana")
    names = ("Joana Silva", "Zoë van den Berg", "Łukasz Núñez", "Bo Anders", "Susana")
    accounts = await asyncio.gather(*(Account.sign_up(server.url, name) for name in names))
    trip = await ana.account.makes_trip("Lisbon", *accounts)
    await ana.opens(trip)
    for query, found in (
        ("zoe", ["Zoë van den Berg"]),
        ("ZOË V", ["Zoë van den Berg"]),
        ("den b", ["Zoë van den Berg"]),
        ("nun", ["Łukasz Núñez"]),
        ("an", ["Bo Anders", "Joana Silva", "Susana", "Zoë van den Berg"]),
        ("x", []),
    ):
        await ana.writes("")
        await types(ana, f"Hello @{query}")
        await offers(ana, *found)
    await ana.writes("")
    await types(ana, "@den b")
    await ana.composer.press("Enter")
    await expect(ana.composer).to_have_value("@Zoë van den Berg ")
    for account in accounts:
        await account.close()


async def test_there_is_no_list_where_nobody_is_named(person: NewPerson) -> None:
    _, (ana, _) = await together(person, "Ana", "Bo")
    for text in ("me@b", "a.b@b", "https://example.org/@b", "see you @ b", "@@b", "Bo"):
        await ana.writes("")
        await types(ana, text)
        await offers(ana)
    await ana.writes("")
    await types(ana, "(@b")
    await offers(ana, "Bo")


async def test_the_list_closes_when_i_turn_away_from_the_name(person: NewPerson) -> None:
    _, (ana, _) = await together(person, "Ana", "Bo")
    await types(ana, "Hi @b")
    await offers(ana, "Bo")
    await ana.composer.press("ArrowLeft")
    await offers(ana)
    await ana.composer.press("End")
    await types(ana, "o")
    await offers(ana, "Bo")
    await ana.part("invite").focus()
    await offers(ana)
    await ana.composer.focus()
    await ana.composer.press("Backspace")
    await offers(ana, "Bo")
    for _ in range(2):
        await ana.composer.press("Backspace")
    await offers(ana)


async def test_a_chosen_name_can_be_undone_and_chosen_anew(person: NewPerson) -> None:
    _, (ana, _) = await together(person, "Ana", "Bo Smith")
    await types(ana, "Hi @b")
    await ana.composer.press("Enter")
    await expect(ana.composer).to_have_value("Hi @Bo Smith ")
    await ana.composer.press("Control+z")
    await expect(ana.composer).to_have_value("Hi @b")
    await ana.composer.press("End")
    await types(ana, "o")
    await offers(ana, "Bo Smith")
    await ana.composer.press("Enter")
    await offers(ana)
    await ana.composer.press("Backspace")
    await offers(ana, "Bo Smith")


async def test_a_long_list_shows_eight_and_scrolls_with_the_keys(
    person: NewPerson, server: Server
) -> None:
    ana = await person("Ana", **PHONE)
    guests = [await Account.sign_up(server.url, f"Guest {number}") for number in range(10)]
    await ana.opens(await ana.account.makes_trip("Lisbon", *guests))
    await ana.page.set_viewport_size({"width": 390, "height": 430})  # a keyboard is open
    await types(ana, "@")
    await expect(options(ana)).to_have_count(8)
    for _ in range(8):
        await expect(active(ana)).to_be_in_viewport(ratio=1)
        await ana.composer.press("ArrowDown")
    await expect(active(ana)).to_have_attribute("data-user-id", guests[0].user_id)
    await expect(active(ana)).to_be_in_viewport(ratio=1)
    for guest in guests:
        await guest.close()


async def test_of_two_with_one_name_the_one_i_chose_is_named(person: NewPerson) -> None:
    trip, (bo, one, other) = await together(person, "Bo", "Ana", "Ana")
    for chosen in (one, other):
        await types(bo, "@ana")
        await (
            options(bo).and_(bo.page.locator(f'[data-user-id="{chosen.account.user_id}"]')).click()
        )
        await expect(bo.composer).to_have_value("@Ana ")
        await bo.composer.press("Enter")
        await expect(bo.composer).to_have_value("")
    await bo.has_seen(2)
    assert await named_in(bo, trip) == [[one.account.user_id], [other.account.user_id]]


async def test_only_names_that_are_still_there_are_named(person: NewPerson) -> None:
    trip, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    await types(ana, "@b")
    await ana.composer.press("Enter")
    await types(ana, "@c")
    await ana.composer.press("Enter")
    await expect(ana.composer).to_have_value("@Bo @Cleo ")
    await ana.writes("Bo is away, @Cleo")
    await ana.composer.press("Enter")
    await cleo.sees("Bo is away")
    await ana.sends("Dear @Bo")  # a whole name that comes in one piece needs no completion
    await cleo.has_seen(2)
    assert await named_in(ana, trip) == [[cleo.account.user_id], [bo.account.user_id]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_the_list_and_an_answer_are_accessible(
    person: NewPerson, scheme: str, width: int
) -> None:
    ana = await person(
        "Ana",
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    )
    bo = await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes(trip, "Where?")
    await ana.opens(trip)
    await replies_to(ana, 1)
    await types(ana, "@")
    await offers(ana, "Bo")
    await keeps_the_rules(ana)
