"""A message with files outlasts what happens to the connection, the page and the browser."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests import chromium
from tests.e2e.attaching import (
    UPLOADS,
    are,
    arrive_again,
    attached,
    chooses,
    in_tray,
    is_shown,
    never_arrive,
)
from tests.e2e.line import NOBODY_THERE, together_on_a_line
from tests.e2e.person import NewPerson, Person, Tab
from tests.e2e.signing import CALL_REFUSED, is_on_the_landing_page
from tests.e2e.test_outbox import keeps
from tests.kit.people import COOKIE, Account
from tests.kit.picking import file, photo
from tests.kit.server import Server

OFFLINE = r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK_CHANGED"
KEPT_FILES = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("tripchat", 1);
  request.onerror = () => reject(request.error);
  request.onupgradeneeded = () => request.transaction.abort();
  request.onsuccess = () => {
    const all = request.result.transaction("files").objectStore("files").getAllKeys();
    all.onsuccess = () => {
      request.result.close();
      resolve(all.result.length);
    };
  };
})"""
AS_IT_IS = "() => {}"
SLOW_STORAGE = """() => {
  const { getAll } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.getAll = function () {
    for (let turn = 0; turn < 5000; turn += 1) this.get("nothing");
    return getAll.call(this);
  };
}"""


async def keeps_files(tab: Tab, count: int) -> None:
    """The browser keeps the bytes of so many files."""
    await tab.until(f"(await ({KEPT_FILES})()) === {count}")


async def is_sending(tab: Tab, text: str) -> None:
    """A message is on its way."""
    await expect(tab.message(text)).to_have_attribute("data-state", "sending")


async def test_a_reload_in_the_middle_of_an_upload_loses_nothing(person: NewPerson) -> None:
    trip, (bo, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    await chooses(ana, photo("there.jpg"))
    await are(in_tray(ana), "ready")
    await never_arrive(ana)
    await chooses(ana, photo("half.jpg"), file("plan.pdf"))
    await ana.sends("From the road")
    await is_sending(ana, "From the road")
    await keeps_files(ana, 3)
    await ana.page.reload()
    await is_sending(ana, "From the road")
    await expect(attached(ana.message("From the road"))).to_have_count(3)
    await is_shown(attached(ana.message("From the road")).nth(1).locator("img"))
    assert await ana.account.reads(trip) == []
    await arrive_again(ana)
    await ana.page.reload()
    for who in (ana, bo):
        await who.sees("From the road")
        await are(attached(who.at(1)), "ready", "ready", "ready")
    await keeps(ana, 0)
    await keeps_files(ana, 0)


async def test_what_is_sent_offline_goes_after_the_reconnect(person: NewPerson) -> None:
    _, (bo, ana), line = await together_on_a_line(person, "Bo", "Ana")
    ana.may_hear(OFFLINE)
    await line.cut()
    await ana.context.set_offline(True)
    await ana.is_cut_off()
    await chooses(ana, photo("tunnel.jpg"), file("plan.pdf"))
    await are(in_tray(ana), "uploading", "uploading")
    await is_shown(in_tray(ana).nth(0).locator("img"))
    await ana.sends("In the tunnel")
    await is_sending(ana, "In the tunnel")
    await ana.context.set_offline(False)
    line.mend()
    await ana.is_live()
    for who in (ana, bo):
        await who.sees("In the tunnel")
        await are(attached(who.at(1)), "ready", "ready")


async def test_files_survive_a_restart_of_the_browser(
    server: Server, browser: Browser, tmp_path: Path
) -> None:
    ana = await Account.sign_up(server.url, "Ana")
    trip = await ana.makes_trip("Lisbon")

    async def starts() -> Person:
        context = await browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        await context.add_cookies([{"name": COOKIE, "value": ana.token, "url": server.url}])
        return Person("Ana", context, await context.new_page(), server.url, ana)

    tab = await starts()
    await tab.opens(trip)
    await never_arrive(tab)
    plan = file("plan.pdf", 100_000)
    await chooses(tab, plan)
    await tab.sends("For tomorrow")
    await is_sending(tab, "For tomorrow")
    await keeps_files(tab, 1)
    await tab.context.close()

    tab = await starts()
    await tab.opens(trip)
    await tab.sees("For tomorrow")
    [message] = await ana.reads(trip)
    [given] = message["attachments"]
    stored = await ana.http.get(f"/api/attachments/{given['attachment_id']}")
    assert stored.content == plan.content
    await tab.context.close()
    await ana.close()


async def test_a_word_does_not_wait_for_a_film(person: NewPerson) -> None:
    _, (bo, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    held: list[Route] = []
    await ana.page.route(UPLOADS, lambda route: held.append(route))
    await chooses(ana, file("film.pdf"))
    await ana.sends("The film")
    await ana.sends("It takes a while")
    await bo.sees("It takes a while")
    await is_sending(ana, "The film")
    await held[0].continue_()
    for who in (ana, bo):
        await who.sees("The film")
        assert await who.messages.all_inner_texts()
        await expect(who.at(2)).to_contain_text("The film")


async def test_a_file_that_is_refused_fails_its_message(person: NewPerson) -> None:
    trip, (bo, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    ana.may_hear(CALL_REFUSED)
    held: list[Route] = []
    await ana.page.route(UPLOADS, lambda route: held.append(route))
    await chooses(ana, photo())
    await ana.sends("The beach")
    await is_sending(ana, "The beach")
    body = '{"detail": "There is no room for it.", "status": 413}'
    await held[0].fulfill(status=413, content_type="application/problem+json", body=body)
    message = ana.message("The beach")
    await expect(message).to_have_attribute("data-state", "failed")
    await expect(message).to_contain_text("There is no room for it.")
    await ana.page.unroute(UPLOADS)
    await message.get_by_test_id("message-retry").click()
    for who in (ana, bo):
        await who.sees("The beach")
        await are(attached(who.at(1)), "ready")
    assert len(await ana.account.reads(trip)) == 1


async def test_an_upload_that_the_server_has_dropped_is_made_again(person: NewPerson) -> None:
    _, (bo, ana), line = await together_on_a_line(person, "Bo", "Ana")
    await chooses(ana, photo())
    await are(in_tray(ana), "ready")
    old = await in_tray(ana).get_attribute("data-attachment-id")
    line.hold()
    await ana.sends("The beach")
    (await ana.account.http.delete(f"/api/attachments/{old}")).raise_for_status()
    line.release()
    message = ana.message("The beach")
    await expect(message).to_have_attribute("data-state", "failed")
    await message.get_by_test_id("message-retry").click()
    for who in (ana, bo):
        await who.sees("The beach")
        await are(attached(who.at(1)), "ready")
    assert await attached(bo.at(1)).get_attribute("data-attachment-id") != old


async def test_what_is_discarded_leaves_nothing(person: NewPerson) -> None:
    trip, (_, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    ana.may_hear(CALL_REFUSED)
    await chooses(ana, photo("there.jpg"))
    await are(in_tray(ana), "ready")
    there = await in_tray(ana).get_attribute("data-attachment-id")
    await ana.page.route(UPLOADS, lambda route: route.fulfill(status=422, body="{}"))
    held: list[Route] = []
    await ana.page.route(UPLOADS, lambda route: held.append(route))
    await chooses(ana, photo("not.jpg"))
    await ana.sends("Never mind")
    await is_sending(ana, "Never mind")
    await held[0].fulfill(status=422, body="{}")
    message = ana.message("Never mind")
    await expect(message).to_have_attribute("data-state", "failed")
    async with ana.page.expect_response(f"**/api/attachments/{there}") as dropped:
        await message.get_by_test_id("message-discard").click()
    assert (await dropped.value).status == 204
    await expect(message).to_have_count(0)
    await keeps(ana, 0)
    await keeps_files(ana, 0)
    assert await ana.account.reads(trip) == []


async def test_only_the_tab_that_wrote_it_uploads_and_another_takes_over(
    person: NewPerson,
) -> None:
    trip, (bo, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    other = await ana.another_tab()
    await other.opens(trip)
    posts: list[str] = []
    other.page.on("request", lambda request: posts.append(f"{request.method} {request.url}"))
    await never_arrive(ana)
    await chooses(ana, photo())
    await ana.sends("From two tabs")
    await is_sending(other, "From two tabs")
    await expect(attached(other.message("From two tabs"))).to_have_count(1)
    await keeps_files(other, 1)
    assert not [post for post in posts if post.startswith("POST") and "attachments" in post]
    await ana.page.close()
    for who in (other, bo):
        await who.sees("From two tabs")
        await are(attached(who.at(1)), "ready")


async def test_the_server_restarts_in_the_middle(person: NewPerson, own_server: Server) -> None:
    ana = await person("Ana", at=own_server)
    ana.may_hear(NOBODY_THERE)
    ana.may_hear(r"Failed to load resource: net::")
    trip = await ana.account.makes_trip()
    await ana.opens(trip)
    await own_server.stop()
    await ana.is_cut_off()
    await chooses(ana, photo())
    await ana.sends("Meanwhile")
    await is_sending(ana, "Meanwhile")
    await own_server.start()
    await ana.is_live()
    await ana.sees("Meanwhile")
    await are(attached(ana.at(1)), "ready")


@pytest.mark.parametrize("storage", [AS_IT_IS, SLOW_STORAGE], ids=["quick", "slow"])
async def test_whoever_signs_out_leaves_no_files(person: NewPerson, storage: str) -> None:
    _, (_, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    await never_arrive(ana)
    await chooses(ana, photo())
    await keeps_files(ana, 1)
    await ana.page.evaluate(storage)
    await ana.part("sign-out").click()
    await is_on_the_landing_page(ana)
    await keeps_files(ana, 0)


async def test_what_was_only_chosen_is_let_go_with_its_page(person: NewPerson) -> None:
    _, (_, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    await chooses(ana, photo())
    await keeps_files(ana, 1)
    await ana.reloads()
    await expect(in_tray(ana)).to_have_count(0)
    await keeps_files(ana, 0)


async def test_a_failed_file_is_named_where_the_trip_is_closed(person: NewPerson) -> None:
    trip, (bo, ana), _ = await together_on_a_line(person, "Bo", "Ana")
    ana.may_hear(CALL_REFUSED)
    await never_arrive(ana)
    await chooses(ana, photo())
    await ana.composer.press("Enter")
    await expect(ana.messages).to_have_count(1)
    await bo.account.removes(trip, ana.account)
    await expect(ana.part("unsent-text")).to_have_text("Photo")
