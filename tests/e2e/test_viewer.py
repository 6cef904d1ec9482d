"""Photos on the whole screen: by keyboard, by finger, and never longer than they are there."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.acting import action
from tests.e2e.attaching import attached
from tests.e2e.person import NewPerson, Person, all_in_one_trip
from tests.e2e.test_accessibility import Look, keeps_the_rules
from tests.e2e.test_accessibility import look as look  # a fixture
from tests.e2e.test_phone import PHONE, fits
from tests.kit.people import Account
from tests.kit.picking import photo

SWIPE = 180
STEPS = 6


async def sends_photos(sender: Account, trip: str, text: str, *names: str) -> None:
    """A message with photos of these names."""
    ids = [
        (await sender.uploads(trip, name, photo(name, 300, 200).content))["attachment_id"]
        for name in names
    ]
    await sender.writes(trip, text, attachment_ids=ids)


async def with_photos(person: NewPerson, **options: Any) -> tuple[str, Person]:
    """Ana in a trip with two messages: `a.jpg` and `b.jpg`, then `c.jpg`."""
    ana = await person("Ana", **options)
    trip = await ana.account.makes_trip()
    await sends_photos(ana.account, trip, "Two", "a.jpg", "b.jpg")
    await sends_photos(ana.account, trip, "One", "c.jpg")
    await ana.opens(trip)
    await ana.has_seen(2)
    return trip, ana


async def shows(person: Person, name: str, counter: str) -> None:
    """The viewer shows this photo, all of it."""
    await expect(person.part("viewer-name")).to_have_text(name)
    await expect(person.part("viewer-counter")).to_have_text(counter)
    await expect(person.part("viewer-photo")).to_have_attribute("alt", name)
    await expect(person.part("viewer-photo")).to_have_attribute("data-loaded", "true")


async def is_closed(person: Person) -> None:
    """There is no viewer."""
    await expect(person.part("viewer")).to_have_count(0)


async def test_with_the_keyboard_through_all_photos_and_back(person: NewPerson) -> None:
    _, ana = await with_photos(person)
    keys = ana.page.keyboard
    first = attached(ana.at(1)).nth(0)
    await action(ana, 2, "menu").focus()
    # From the one stop of the Tab key on with the arrows.
    for stop in (attached(ana.at(2)), action(ana, 1, "menu"), attached(ana.at(1)).nth(1), first):
        await keys.press("ArrowUp")
        await expect(stop).to_be_focused()
    await keys.press("Enter")
    await shows(ana, "a.jpg", "1 of 3")
    dialog = ana.page.get_by_role("dialog")
    await expect(dialog).to_have_accessible_name("Photos of this trip")
    for key, name, counter in (
        ("ArrowRight", "b.jpg", "2 of 3"),
        ("ArrowRight", "c.jpg", "3 of 3"),
        ("ArrowRight", "c.jpg", "3 of 3"),
        ("Home", "a.jpg", "1 of 3"),
        ("ArrowLeft", "a.jpg", "1 of 3"),
        ("End", "c.jpg", "3 of 3"),
        ("ArrowLeft", "b.jpg", "2 of 3"),
    ):
        await keys.press(key)
        await shows(ana, name, counter)
    # The focus stays inside: what is behind cannot be reached.
    for _ in range(8):
        await keys.press("Tab")
        assert await ana.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    await keys.press("Escape")
    await is_closed(ana)
    await expect(first).to_be_focused()


async def test_by_its_buttons_and_a_click_beside_the_photo(person: NewPerson) -> None:
    _, ana = await with_photos(person)
    before = await ana.timeline.evaluate("list => list.scrollTop")
    await attached(ana.at(2)).click()
    await shows(ana, "c.jpg", "3 of 3")
    await ana.part("viewer-previous").click()
    await shows(ana, "b.jpg", "2 of 3")
    await ana.part("viewer-next").click()
    await shows(ana, "c.jpg", "3 of 3")
    async with ana.page.expect_download() as loading:
        await ana.part("viewer-download").click()
    assert (await loading.value).suggested_filename == "c.jpg"
    await ana.part("viewer-close").click()
    await is_closed(ana)
    await attached(ana.at(2)).click()
    await shows(ana, "c.jpg", "3 of 3")
    await ana.part("viewer-stage").click(position={"x": 5, "y": 5})
    await is_closed(ana)
    assert await ana.timeline.evaluate("list => list.scrollTop") == before


async def test_the_neighbours_are_loaded_before_one_goes_there(person: NewPerson) -> None:
    _, ana = await with_photos(person)
    [_, second] = await attached(ana.at(1)).evaluate_all(
        "all => all.map(each => each.dataset.attachmentId)"
    )
    async with ana.page.expect_response(
        lambda response: response.url.endswith(f"/api/attachments/{second}")
    ):
        await attached(ana.at(1)).nth(0).click()
    await shows(ana, "a.jpg", "1 of 3")


async def swipes(person: Person, dx: int, dy: int = 0) -> None:
    """Draw one finger over the photo."""
    box = await person.part("viewer-stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = await person.context.new_cdp_session(person.page)

    async def at(kind: str, *points: tuple[float, float]) -> None:
        await touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    await at("touchStart", (x, y))
    for step in range(1, STEPS + 1):
        await at("touchMove", (x + dx * step / STEPS, y + dy * step / STEPS))
    await at("touchEnd")
    await touch.detach()


async def test_by_finger_on_a_phone(person: NewPerson) -> None:
    _, ana = await with_photos(person, **PHONE)
    await attached(ana.at(2)).tap()
    await shows(ana, "c.jpg", "3 of 3")
    await fits(ana)
    await swipes(ana, SWIPE)
    await shows(ana, "b.jpg", "2 of 3")
    await swipes(ana, -SWIPE)
    await shows(ana, "c.jpg", "3 of 3")
    # There is nothing behind the last one.
    await swipes(ana, -SWIPE)
    await shows(ana, "c.jpg", "3 of 3")
    await swipes(ana, 0, SWIPE)
    await is_closed(ana)


async def test_a_photo_that_is_deleted_goes_from_an_open_viewer(person: NewPerson) -> None:
    trip, ana = await with_photos(person)
    await attached(ana.at(1)).nth(1).click()
    await shows(ana, "b.jpg", "2 of 3")
    await ana.account.deletes(trip, 1)
    viewer = ana.part("viewer")
    await expect(viewer).to_have_attribute("data-state", "gone")
    await expect(viewer).to_contain_text("This photo was deleted.")
    await expect(viewer.locator("img")).to_have_count(0)
    await ana.page.keyboard.press("ArrowRight")
    await shows(ana, "c.jpg", "1 of 1")
    await ana.account.deletes(trip, 2)
    await expect(viewer).to_have_attribute("data-state", "gone")
    await ana.page.keyboard.press("Escape")
    await is_closed(ana)
    await expect(ana.composer).to_be_focused()


async def test_new_photos_join_those_one_looks_at(person: NewPerson) -> None:
    trip, ana = await with_photos(person)
    await attached(ana.at(2)).click()
    await shows(ana, "c.jpg", "3 of 3")
    await sends_photos(ana.account, trip, "More", "d.jpg")
    await shows(ana, "c.jpg", "3 of 4")
    await ana.page.keyboard.press("ArrowRight")
    await shows(ana, "d.jpg", "4 of 4")


async def test_who_is_removed_sees_no_photo_any_more(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await all_in_one_trip([ana, bo])
    await sends_photos(ana.account, trip, "Ours", "a.jpg")
    await attached(bo.at(1)).click()
    await shows(bo, "a.jpg", "1 of 1")
    await ana.account.removes(trip, bo.account)
    await is_closed(bo)
    await expect(bo.page.get_by_text("You are not in this trip")).to_be_visible()


@pytest.mark.parametrize("state", ["shown", "gone"])
async def test_the_viewer_is_accessible(person: NewPerson, look: Look, state: str) -> None:
    trip, ana = await with_photos(person, **look)
    await attached(ana.at(2)).click()
    await shows(ana, "c.jpg", "3 of 3")
    if state == "gone":
        await ana.account.deletes(trip, 2)
        await expect(ana.part("viewer")).to_have_attribute("data-state", "gone")
    await keeps_the_rules(ana)
