"""What can be done with a message, without a mouse: by keyboard and by hand."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.acting import action, quote, sees_it_deleted, sees_it_edited
from tests.e2e.person import NewPerson, Person, Tab, together
from tests.e2e.test_phone import PHONE, fits

NAMES = {"react": "React", "reply": "Reply", "edit": "Edit", "delete": "Delete"}


def menu(tab: Tab, seq: int) -> Locator:
    """The button that holds a message's actions open."""
    return action(tab, seq, "menu")


async def is_open(tab: Tab, seq: int) -> None:
    """A message's menu is open, and no other one."""
    await expect(menu(tab, seq)).to_have_attribute("aria-expanded", "true")
    await expect(tab.messages.locator('[aria-expanded="true"]')).to_have_count(1)


async def is_closed(tab: Tab, seq: int) -> None:
    """A message's menu is closed."""
    await expect(menu(tab, seq)).to_have_attribute("aria-expanded", "false")


async def stops(tab: Tab) -> list[str]:
    """The messages whose menu the Tab key stops at."""
    return await tab.messages.locator('[data-testid=message-menu][tabindex="0"]').evaluate_all(
        "all => all.map((menu) => menu.closest('[data-testid=message]').dataset.seq)"
    )


async def in_a_conversation(person: NewPerson) -> tuple[str, Person, Person]:
    """Ana, who organises, and Bo with three messages each; both have the trip open."""
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    for number in (1, 2, 3):
        await ana.account.writes(trip, f"Ana's {number}")
        await bo.account.writes(trip, f"Bo's {number}")
    for who in (ana, bo):
        await who.has_seen(6)
    return trip, ana, bo


async def test_the_keyboard_reaches_every_message_and_what_can_be_done_with_it(
    person: NewPerson,
) -> None:
    _, ana, bo = await in_a_conversation(person)
    keys = bo.page.keyboard
    await bo.composer.focus()
    await keys.press("Shift+Tab")
    await expect(menu(bo, 6)).to_be_focused()
    for key, seq in (("ArrowUp", 5), ("ArrowUp", 4), ("ArrowDown", 5), ("ArrowUp", 4)):
        await keys.press(key)
        await expect(menu(bo, seq)).to_be_focused()
    assert await stops(bo) == ["4"]
    await is_closed(bo, 4)
    await keys.press("Enter")
    await is_open(bo, 4)
    await expect(menu(bo, 4)).to_be_focused()
    for name in ("react", "reply", "edit", "delete"):
        await keys.press("Tab")
        await expect(action(bo, 4, name)).to_be_focused()
        await expect(action(bo, 4, name)).to_have_accessible_name(NAMES[name])
        await expect(action(bo, 4, name)).to_be_visible()
    await keys.press("Shift+Tab")
    await keys.press("Enter")
    await expect(bo.part("edit-input")).to_be_focused()
    await keys.type("!")
    await keys.press("Enter")
    for who in (ana, bo):
        await sees_it_edited(who, 4, "Bo's 2!")
    await expect(bo.composer).to_be_focused()


async def test_i_answer_and_delete_by_keyboard(person: NewPerson) -> None:
    _, ana, bo = await in_a_conversation(person)
    keys = bo.page.keyboard
    await bo.composer.focus()
    await keys.press("Shift+Tab")
    await keys.press("ArrowUp")
    await expect(menu(bo, 5)).to_be_focused()
    await keys.press("Enter")
    await keys.press("Tab")
    await keys.press("Tab")
    await expect(action(bo, 5, "reply")).to_be_focused()
    await expect(action(bo, 5, "delete")).to_have_count(0)
    await keys.press("Enter")
    await expect(bo.composer).to_be_focused()
    await is_closed(bo, 5)
    await keys.type("An answer")
    await keys.press("Enter")
    for who in (ana, bo):
        await expect(quote(who, 7)).to_have_attribute("data-reply-to-seq", "5")

    await keys.press("Shift+Tab")
    await expect(menu(bo, 7)).to_be_focused()
    await keys.press("Space")
    for _ in range(4):
        await keys.press("Tab")
    await expect(action(bo, 7, "delete")).to_be_focused()
    await keys.press("Enter")
    for who in (ana, bo):
        await sees_it_deleted(who, 7)
    # The next message is where the Tab key stops now.
    await bo.composer.focus()
    await keys.press("Shift+Tab")
    if await quote(bo, 7).evaluate("quote => quote === document.activeElement"):
        await keys.press("Shift+Tab")
    await expect(menu(bo, 6)).to_be_focused()


async def test_the_tab_key_stops_at_one_message_of_a_long_conversation(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, 131)))
    await bo.has_seen(130)
    await expect(bo.at(130)).to_be_in_viewport(ratio=0.99)
    assert await stops(bo) == ["130"]
    keys = bo.page.keyboard
    await bo.composer.focus()
    await keys.press("Shift+Tab")
    for seq in range(129, 109, -1):
        await keys.press("ArrowUp")
        await expect(menu(bo, seq)).to_be_focused()
    await expect(bo.at(110)).to_be_in_viewport(ratio=0.99)
    # Whoever reads there stays there.
    await ana.account.writes(trip, "News")
    await expect(bo.part("jump-latest")).to_have_attribute("data-new", "1")
    await expect(menu(bo, 110)).to_be_focused()
    assert await stops(bo) == ["110"]
    await keys.press("Shift+Tab")
    await expect(bo.timeline).to_be_focused()
    # Coming in from below again, the newest is next.
    await bo.composer.focus()
    await bo.part("jump-latest").click()
    await bo.has_seen(131)
    await bo.sends("Mine")
    await bo.sees("Mine")
    assert await stops(bo) == ["132"]


async def test_the_arrows_go_on_where_older_messages_are_loaded(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, 131)))
    await bo.has_seen(130)
    await bo.composer.focus()
    await bo.page.keyboard.press("Shift+Tab")
    await expect(menu(bo, 130)).to_be_focused()
    for seq in range(129, 0, -1):
        await expect(bo.at(seq)).to_have_count(1)
        await bo.page.keyboard.press("ArrowUp")
        await expect(menu(bo, seq)).to_be_focused()
    await expect(bo.at(1)).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("how", ["Escape", "Enter", "click", "Escape within"])
async def test_an_open_menu_closes_again(person: NewPerson, how: str) -> None:
    _, _, bo = await in_a_conversation(person)
    await menu(bo, 4).click()
    await is_open(bo, 4)
    if how == "click":
        await menu(bo, 4).click()
    elif how == "Escape within":
        await bo.page.keyboard.press("Tab")
        await expect(action(bo, 4, "react")).to_be_focused()
        await bo.page.keyboard.press("Escape")
    else:
        await bo.page.keyboard.press(how)
    await is_closed(bo, 4)
    await expect(menu(bo, 4)).to_be_focused()


async def test_one_menu_is_open_at_a_time(person: NewPerson) -> None:
    _, _, bo = await in_a_conversation(person)
    for seq in (4, 5, 4):
        await menu(bo, seq).click()
        await is_open(bo, seq)
    await bo.page.keyboard.press("Escape")
    await is_closed(bo, 4)


async def test_an_open_menu_stays_while_others_write(person: NewPerson) -> None:
    _, ana, bo = await in_a_conversation(person)
    await menu(bo, 4).click()
    await bo.page.keyboard.press("Tab")
    await bo.page.keyboard.press("Tab")
    await ana.sends("Meanwhile")
    await bo.sees("Meanwhile")
    await is_open(bo, 4)
    await expect(action(bo, 4, "reply")).to_be_focused()


async def test_on_a_phone_a_tap_shows_what_can_be_done_by_name(person: NewPerson) -> None:
    ana, bo = await person("Ana", **PHONE), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Mine")
    await bo.account.writes(trip, "Bo's, which is long enough to need more than one line of it")
    await ana.opens(trip)
    await bo.opens(trip)
    await ana.has_seen(2)
    for seq, offered in ((1, [*NAMES]), (2, ["react", "reply", "delete"])):
        for name in NAMES:
            await expect(action(ana, seq, name)).not_to_be_visible()
        await menu(ana, seq).tap()
        await is_open(ana, seq)
        for name in offered:
            await expect(action(ana, seq, name).get_by_text(NAMES[name])).to_be_visible()
            await expect(action(ana, seq, name)).to_be_in_viewport(ratio=0.99)
            box = await action(ana, seq, name).bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24, "too small for a finger"
        await fits(ana)
        await menu(ana, seq).tap()
        await is_closed(ana, seq)


async def test_on_a_phone_i_answer_edit_and_delete(person: NewPerson) -> None:
    ana, bo = await person("Ana", **PHONE), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Meet at nine")
    await bo.account.writes(trip, "Or at ten?")
    await ana.opens(trip)
    await bo.opens(trip)
    await menu(ana, 2).tap()
    await action(ana, 2, "reply").tap()
    await is_closed(ana, 2)
    await ana.writes("Ten it is")
    await ana.part("composer-send").tap()
    await bo.sees("Ten it is")
    await expect(quote(bo, 3)).to_have_attribute("data-reply-to-seq", "2")

    await menu(ana, 1).tap()
    await action(ana, 1, "edit").tap()
    await ana.part("edit-input").fill("Meet at ten")
    await ana.part("edit-save").tap()
    for who in (ana, bo):
        await sees_it_edited(who, 1, "Meet at ten")
    await is_closed(ana, 1)

    await menu(ana, 3).tap()
    await action(ana, 3, "delete").tap()
    for who in (ana, bo):
        await sees_it_deleted(who, 3)
    await fits(ana)
