"""Photos and files are given to a message by hand, and everybody in the trip has them."""

import asyncio
import filecmp
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Route, expect

from tests.e2e.acting import action
from tests.e2e.attaching import (
    UPLOADS,
    are,
    attached,
    chooses,
    drops,
    holds,
    in_tray,
    is_shown,
    never_arrive,
    pastes,
)
from tests.e2e.person import NewPerson, Person, together
from tests.e2e.signing import CALL_REFUSED
from tests.e2e.test_accessibility import Look, keeps_the_rules
from tests.e2e.test_accessibility import look as look  # a fixture
from tests.e2e.test_phone import PHONE, fits
from tests.kit.picking import TURNED_RIGHT, Picked, file, photo, photos
from tests.kit.proxy import Proxy
from tests.kit.server import Server

REFUSES = '{"title": "Refused value", "detail": "This is no photo.", "status": 422}'
SLOW = 60_000
"""Bytes in a second."""
MB = 1024 * 1024

HOLD_BACK_READING = """() => {
  const { arrayBuffer } = Blob.prototype;
  const held = new Promise((resolve) => (window.goOn = resolve));
  Blob.prototype.arrayBuffer = async function () {
    await held;
    return arrayBuffer.call(this);
  };
}"""

COLOUR = """(image, y) => {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const [red, , blue] = context.getImageData(canvas.width / 2, y * canvas.height, 1, 1).data;
  return red > 200 && blue < 60 ? "red" : blue > 200 && red < 60 ? "blue" : `${red}, ${blue}`;
}"""


async def in_one_trip(person: NewPerson) -> tuple[str, Person, Person]:
    """Ana and Bo, each with the channel of their trip open."""
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    return trip, ana, bo


async def is_there_for(*people: Person, seq: int, files: int) -> None:
    """All of them see a stored message with so many photos and files."""
    for who in people:
        await who.has_seen(seq)
        await are(attached(who.at(seq)), *["ready"] * files)


@pytest.mark.parametrize("way", ["button", "paste", "drop"])
async def test_what_one_attaches_two_people_see(person: NewPerson, way: str) -> None:
    trip, ana, bo = await in_one_trip(person)
    given = (photo("beach.jpg"), file("plan.pdf", 3000))
    if way == "button":
        await chooses(ana, *given)
    elif way == "paste":
        await pastes(ana, *given)
    else:
        await drops(ana, ana.timeline, *given)
    await are(in_tray(ana), "ready", "ready")
    await is_shown(in_tray(ana).nth(0).locator("img"))
    await expect(in_tray(ana).nth(1)).to_contain_text("plan.pdf")
    await expect(in_tray(ana).nth(1)).to_contain_text("PDF · 3 KB")
    await expect(ana.composer).to_be_focused()
    await ana.sends("Look")
    await expect(in_tray(ana)).to_have_count(0)
    await is_there_for(ana, bo, seq=1, files=2)
    for who in (ana, bo):
        await who.sees("Look")
        shown = attached(who.at(1))
        await expect(shown.nth(0)).to_have_attribute("data-type", "image/jpeg")
        await is_shown(shown.nth(0).locator("img"))
        await expect(shown.nth(1)).to_have_attribute("data-type", "application/pdf")
        await expect(shown.nth(1)).to_contain_text("plan.pdf")
    [message] = await ana.account.reads(trip)
    ids = [each["attachment_id"] for each in message["attachments"]]
    assert (
        await attached(bo.at(1)).evaluate_all("all => all.map(each => each.dataset.attachmentId)")
        == ids
    )


async def test_a_file_is_downloaded_as_it_was(person: NewPerson, tmp_path: Path) -> None:
    _, ana, bo = await in_one_trip(person)
    plan = file("plan.pdf", 200_000)
    (tmp_path / "given.pdf").write_bytes(plan.content)
    await chooses(ana, plan)
    await ana.part("composer-send").click()
    await is_there_for(bo, seq=1, files=1)
    async with bo.page.expect_download() as loading:
        await attached(bo.at(1)).click()
    download = await loading.value
    assert download.suggested_filename == "plan.pdf"
    await download.save_as(tmp_path / "plan.pdf")
    assert filecmp.cmp(tmp_path / "plan.pdf", tmp_path / "given.pdf", shallow=False)


async def test_photos_need_no_words_and_lists_and_replies_name_them(person: NewPerson) -> None:
    trip, ana, bo = await in_one_trip(person)
    await chooses(ana, *photos(2))
    await ana.composer.press("Enter")
    await is_there_for(ana, bo, seq=1, files=2)
    await expect(bo.at(1).get_by_test_id("message-text")).to_have_count(0)
    await expect(bo.card(trip)).to_contain_text("2 photos")
    await action(bo, 1, "reply").click()
    await bo.sends("Where is that?")
    await expect(ana.at(2).get_by_test_id("reply-quote")).to_contain_text("2 photos")


async def test_many_photos_are_a_grid_that_says_how_many_more(person: NewPerson) -> None:
    _, ana, bo = await in_one_trip(person)
    await chooses(ana, *photos(6))
    await ana.part("composer-send").click()
    await is_there_for(bo, seq=1, files=6)
    shown = attached(bo.at(1)).filter(visible=True)
    await expect(shown).to_have_count(4)
    await expect(shown.nth(3)).to_contain_text("+2")


async def test_progress_over_a_slow_line(person: NewPerson, server: Server) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    async with Proxy(server.port) as proxy:
        ana.url = proxy.url
        await ana.opens(trip)
        proxy.throttle(SLOW)
        await chooses(ana, file("film.pdf", 8 * MB))
        upload = in_tray(ana)
        await expect(upload).to_have_attribute("data-state", "uploading")
        await expect(upload.get_by_role("progressbar")).to_have_accessible_name(re.compile("film"))
        await ana.until(
            "+document.querySelector('[data-testid=attachment]').dataset.progress >= 20"
        )
        await expect(upload).to_have_attribute("data-state", "uploading")
        # Sent before it is there: its progress is shown with the message.
        await ana.sends("A film")
        await expect(ana.message("A film")).to_have_attribute("data-state", "sending")
        sent = attached(ana.message("A film"))
        await expect(sent).to_have_attribute("data-progress", re.compile(r"^[2-9]\d$"))
        assert await ana.account.reads(trip) == []
        proxy.mend()
        await ana.sees("A film")
        await expect(sent).to_have_attribute("data-progress", "100")
        await ana.page.close()


async def test_an_upload_is_taken_back(person: NewPerson) -> None:
    trip, ana, _ = await in_one_trip(person)
    await chooses(ana, photo("there.jpg"))
    await are(in_tray(ana), "ready")
    await never_arrive(ana)
    await chooses(ana, photo("on-its-way.jpg"))
    await are(in_tray(ana), "ready", "uploading")
    there = await in_tray(ana).nth(0).get_attribute("data-attachment-id")
    await in_tray(ana).nth(1).get_by_test_id("attachment-cancel").click()
    await are(in_tray(ana), "ready")
    async with ana.page.expect_response(f"**/api/attachments/{there}") as dropped:
        await in_tray(ana).get_by_test_id("attachment-cancel").click()
    assert (await dropped.value).status == 204
    await expect(in_tray(ana)).to_have_count(0)
    await ana.sends("Nothing to see")
    await ana.sees("Nothing to see")
    assert "attachments" not in (await ana.account.reads(trip))[0]["body"]


async def test_what_the_server_refuses_says_why_and_can_be_tried_again(person: NewPerson) -> None:
    _, ana, bo = await in_one_trip(person)
    ana.may_hear(CALL_REFUSED)

    async def refuse(route: Route) -> None:
        await route.fulfill(status=422, content_type="application/problem+json", body=REFUSES)

    await ana.page.route(UPLOADS, refuse)
    await chooses(ana, photo())
    await are(in_tray(ana), "failed")
    await expect(in_tray(ana)).to_contain_text("This is no photo.")
    await ana.sends("Not yet")
    await ana.is_told("could not be uploaded")
    await expect(ana.composer).to_have_value("Not yet")
    await ana.page.unroute(UPLOADS)
    await in_tray(ana).get_by_test_id("attachment-retry").click()
    await are(in_tray(ana), "ready")
    await ana.composer.press("Enter")
    await is_there_for(ana, bo, seq=1, files=1)


async def test_too_large_and_too_many_is_said_at_once(person: NewPerson) -> None:
    _, ana, _ = await in_one_trip(person)
    sent: list[str] = []
    ana.page.on("request", lambda request: sent.append(request.method + request.url))
    await chooses(ana, Picked("film.mov", "video/quicktime", bytes(25 * MB + 1)))
    await ana.is_told("“film.mov” is too large")
    await expect(in_tray(ana)).to_have_count(0)
    assert not [url for url in sent if url.startswith("POST") and url.endswith("/attachments")]
    await chooses(ana, *photos(11))
    await ana.is_told("at most 10 files")
    await are(in_tray(ana), *["ready"] * 10)
    await pastes(ana, photo("one-more.jpg"))
    await ana.is_told("at most 10 files")
    await expect(in_tray(ana)).to_have_count(10)
    await in_tray(ana).nth(9).get_by_test_id("attachment-cancel").click()
    await expect(ana.refusal).to_have_count(0)


async def test_what_cannot_be_read_is_refused_and_not_tried_for_ever(
    person: NewPerson, tmp_path: Path
) -> None:
    _, ana, _ = await in_one_trip(person)
    moved = tmp_path / "moved.pdf"
    moved.write_bytes(file().content)
    await ana.page.evaluate(HOLD_BACK_READING)
    async with ana.page.expect_file_chooser() as opening:
        await ana.part("composer-attach").click()
    await (await opening.value).set_files(moved)
    moved.unlink()
    await ana.page.evaluate("window.goOn()")
    await are(in_tray(ana), "failed")
    await expect(in_tray(ana)).to_contain_text("cannot be read")


async def test_the_zone_shows_where_files_can_be_dropped(person: NewPerson) -> None:
    _, ana, _ = await in_one_trip(person)
    await holds(ana, ana.timeline, photo())
    await expect(ana.part("drop-zone")).to_be_visible()
    await holds(ana, ana.page.get_by_role("navigation"), photo())
    await expect(ana.part("drop-zone")).to_have_count(0)
    await holds(ana, ana.composer, photo())
    await expect(ana.part("drop-zone")).to_be_visible()
    # Beside the channel it is not taken, and does not take the page away either.
    await drops(ana, ana.page.get_by_role("navigation"), photo())
    await expect(ana.part("drop-zone")).to_have_count(0)
    await expect(in_tray(ana)).to_have_count(0)


async def test_a_copied_table_is_pasted_as_its_text(person: NewPerson) -> None:
    _, ana, _ = await in_one_trip(person)
    prevented = await ana.composer.evaluate("""field => {
      const transfer = new DataTransfer();
      transfer.setData("text/plain", "a\\tb");
      transfer.setData("text/html", "<table><tr><td>a<td>b</table>");
      transfer.items.add(new File(["x"], "picture.png", { type: "image/png" }));
      const paste = new ClipboardEvent(
        "paste", { clipboardData: transfer, bubbles: true, cancelable: true },
      );
      return !field.dispatchEvent(paste);
    }""")
    assert not prevented
    await expect(in_tray(ana)).to_have_count(0)


async def test_each_trip_has_a_tray_of_its_own(person: NewPerson) -> None:
    ana = await person("Ana")
    lisbon = await ana.account.makes_trip("Lisbon")
    porto = await ana.account.makes_trip("Porto")
    await ana.opens(lisbon)
    await chooses(ana, photo())
    await are(in_tray(ana), "ready")
    await ana.goes_to(porto)
    await expect(in_tray(ana)).to_have_count(0)
    await ana.goes_to(lisbon)
    await are(in_tray(ana), "ready")
    await ana.composer.press("Enter")
    await is_there_for(ana, seq=1, files=1)


async def colours(image: Locator) -> tuple[str, str]:
    """Which of red and blue an image shows in its upper and in its lower half."""
    await is_shown(image)
    return await image.evaluate(COLOUR, 0.25), await image.evaluate(COLOUR, 0.75)


async def test_a_photo_stands_upright_as_it_was_taken(person: NewPerson) -> None:
    _, ana, bo = await in_one_trip(person)
    await chooses(ana, photo("turned.jpg", 200, 100, TURNED_RIGHT))
    await ana.part("composer-send").click()
    await is_there_for(ana, bo, seq=1, files=1)
    for who in (ana, bo):
        # Its left half is above when it is turned to the right.
        assert await colours(attached(who.at(1)).locator("img")) == ("red", "blue")
        box = await attached(who.at(1)).bounding_box()
        assert box is not None
        assert box["height"] > box["width"]


async def test_the_reader_keeps_their_place_while_photos_come(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    for number in range(6):
        taken = photo(f"{number}.jpg", 300, 400)
        given = await ana.account.uploads(trip, taken.name, taken.content)
        await ana.account.writes(trip, f"Photo {number}", attachment_ids=[given["attachment_id"]])
    arrive = asyncio.Event()

    async def wait(route: Route) -> None:
        await arrive.wait()
        await route.continue_()

    await ana.page.route("**/api/attachments/*", wait)
    await ana.opens(trip)
    await ana.has_seen(6)
    before = await ana.timeline.evaluate("list => list.scrollHeight")
    await expect(attached(ana.at(6)).locator("img")).to_have_js_property("complete", False)
    arrive.set()
    await is_shown(attached(ana.at(6)).locator("img"))
    assert await ana.timeline.evaluate("list => list.scrollHeight") == before
    await expect(ana.timeline).to_have_attribute("data-at-end", "true")


async def test_a_deleted_message_takes_its_photos_away(person: NewPerson) -> None:
    trip, ana, bo = await in_one_trip(person)
    await chooses(ana, photo())
    await ana.sends("Oh no")
    await is_there_for(bo, seq=1, files=1)
    await ana.account.deletes(trip, 1)
    for who in (ana, bo):
        await expect(who.at(1)).to_have_attribute("data-state", "deleted")
        await expect(attached(who.at(1))).to_have_count(0)


async def test_a_photo_that_cannot_be_loaded_leaves_a_quiet_sign(person: NewPerson) -> None:
    _, ana, bo = await in_one_trip(person)
    bo.may_hear(CALL_REFUSED)
    await bo.page.route("**/api/attachments/*", lambda route: route.fulfill(status=403))
    await chooses(ana, photo())
    await ana.part("composer-send").click()
    await is_there_for(bo, seq=1, files=1)
    await expect(attached(bo.at(1)).get_by_role("img", name="cannot be shown")).to_be_visible()


async def test_editing_changes_the_words_and_leaves_the_photos(person: NewPerson) -> None:
    _, ana, bo = await in_one_trip(person)
    await chooses(ana, photo())
    await ana.sends("The beech")
    await is_there_for(ana, bo, seq=1, files=1)
    await action(ana, 1, "edit").click()
    await expect(attached(ana.at(1))).to_have_count(1)
    await ana.part("edit-input").fill("The beach")
    await ana.part("edit-save").click()
    for who in (ana, bo):
        await expect(who.at(1).get_by_test_id("message-text")).to_have_text("The beach")
        await are(attached(who.at(1)), "ready")
    await action(ana, 1, "edit").click()
    await ana.part("edit-input").fill("")
    await ana.part("edit-save").click()
    for who in (ana, bo):
        await expect(who.at(1).get_by_test_id("message-text")).to_have_count(0)
        await are(attached(who.at(1)), "ready")


async def test_on_a_phone_all_of_it_fits(person: NewPerson) -> None:
    phone: dict[str, Any] = PHONE
    ana = await person("Ana", **phone)
    trip = await ana.account.makes_trip()
    await ana.opens(trip)
    await chooses(ana, *photos(5), file("a-very-long-name-" * 8 + ".pdf"))
    await are(in_tray(ana), *["ready"] * 6)
    await fits(ana)
    await expect(ana.part("composer-send")).to_be_in_viewport(ratio=1)
    await ana.part("composer-send").tap()
    await is_there_for(ana, seq=1, files=6)
    await fits(ana)


async def test_files_are_accessible(person: NewPerson, look: Look) -> None:
    ana = await person("Ana", **look)
    trip = await ana.account.makes_trip()
    ana.may_hear(CALL_REFUSED)
    await ana.opens(trip)
    await chooses(ana, *photos(5), file())
    await are(in_tray(ana), *["ready"] * 6)
    await ana.sends("Look")
    await is_there_for(ana, seq=1, files=6)
    await keeps_the_rules(ana)
    await chooses(ana, photo(), Picked("no.jpg", "image/jpeg", b"\xff\xd8\xff\xe0 nothing"))
    await are(in_tray(ana), "ready", "failed")
    await keeps_the_rules(ana)
    await in_tray(ana).nth(1).get_by_test_id("attachment-cancel").click()
    await holds(ana, ana.timeline, photo())
    await expect(ana.part("drop-zone")).to_be_visible()
    await keeps_the_rules(ana)
