"""Other names for people and trips: on every open page at once, without loading it anew."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.acting import quote
from tests.e2e.person import NewPerson, Tab, together
from tests.e2e.signing import CALL_REFUSED

NAME_CHARS = 60
TITLE_CHARS = 100


async def stays(tab: Tab) -> None:
    """Leave something in the page that a reload would take away."""
    await tab.page.evaluate("window.stayed = true")


async def has_stayed(tab: Tab) -> None:
    """The page has not been loaded anew."""
    assert await tab.page.evaluate("window.stayed === true")


async def is_renamed(tab: Tab, name: str) -> None:
    """Give oneself another name in the page."""
    await tab.part("rename").click()
    await tab.fills(rename_name=name)
    await tab.part("rename-save").click()


async def opens_the_trip_form(tab: Tab) -> None:
    """Have what describes the trip in a form."""
    await tab.page.get_by_role("button", name="More about this trip").click()
    await tab.part("trip-edit").click()
    await expect(tab.part("edit-trip-title")).to_be_visible()


async def test_my_new_name_is_everywhere_at_once(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana Lopez"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon", bo.account, cleo.account)
    other = await ana.account.makes_trip("Porto", cleo.account)
    await ana.account.writes_all(trip, ["First", "Second"])
    await bo.account.writes(trip, "An answer", reply_to_seq=1)
    await ana.account.writes(trip, "Last")
    await ana.account.writes(other, "Elsewhere")
    at_home = await ana.another_tab()
    await at_home.visits("/")
    await cleo.visits("/")
    await bo.opens(trip)
    await ana.page.bring_to_front()
    await ana.opens(trip)
    await expect(cleo.card(trip)).to_contain_text("Ana Lopez: Last")
    tabs = [ana, at_home, bo, cleo]
    for tab in tabs:
        await stays(tab)

    await ana.part("rename").click()
    await expect(ana.part("rename-name")).to_have_value("Ana Lopez")
    await ana.fills(rename_name="  Anabel <b>Reis</b> ")
    await ana.part("rename-name").press("Enter")
    new = "Anabel <b>Reis</b>"
    for tab in (ana, bo):
        for seq in (1, 4):
            await expect(tab.at(seq).get_by_test_id("message-author")).to_have_text(new)
        await expect(tab.member(ana.account.user_id)).to_contain_text(new)
        await expect(quote(tab, 3).locator("span").first).to_have_text(new)
    for trip_id, line in ((trip, "Last"), (other, "Elsewhere")):
        await expect(cleo.card(trip_id)).to_contain_text(f"{new}: {line}")
    await expect(bo.card(trip)).to_contain_text(f"{new}: Last")
    for mine in (ana, at_home):
        await expect(mine.app).to_contain_text(new)
    await expect(ana.part("rename-name")).not_to_be_visible()
    for tab in tabs:
        await expect(tab.app).not_to_contain_text("Lopez")
        await has_stayed(tab)

    await ana.sends("Under my new name")
    await bo.sees("Under my new name")
    await expect(bo.at(5).get_by_test_id("message-author")).to_have_text(new)
    # The form begins with the name that is true now, in every tab.
    for mine in (ana, at_home):
        await mine.page.bring_to_front()
        await mine.part("rename").click()
        await expect(mine.part("rename-name")).to_have_value(new)
    await bo.reloads()
    await expect(bo.at(1).get_by_test_id("message-author")).to_have_text(new)


async def test_somebody_who_left_is_known_by_their_new_name(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo Berg")
    await bo.sends("Farewell")
    await ana.sees("Farewell")
    await bo.account.leaves(trip)
    await bo.account.is_called("Bo Stein")
    await expect(ana.at(1).get_by_test_id("message-author")).to_have_text("Bo Stein")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("\u200b", "missing"),
        ("x" * (NAME_CHARS + 1), "too long"),
    ],
    ids=["empty", "blank", "invisible", "too-long"],
)
async def test_a_name_that_is_none_is_refused_in_the_form(
    person: NewPerson, name: str, words: str
) -> None:
    _, (ana, bo) = await together(person, "Ana Lopez", "Bo")
    ana.may_hear(CALL_REFUSED)
    await ana.sends("Hello")
    await is_renamed(ana, name)
    dialog = ana.page.get_by_role("dialog", name="Your name")
    await expect(dialog.get_by_test_id("form-error")).to_contain_text(words)
    await expect(ana.part("rename-name")).to_have_attribute("aria-invalid", "true")
    await expect(ana.part("rename-name")).to_be_focused()
    assert (await ana.account.http.get("/api/me")).json()["name"] == "Ana Lopez"
    await expect(bo.member(ana.account.user_id)).to_contain_text("Ana Lopez")
    # One that is right is taken in the same form.
    longest = "y" * NAME_CHARS
    await ana.fills(rename_name=longest)
    await ana.part("rename-save").click()
    await expect(dialog).not_to_be_visible()
    await expect(bo.member(ana.account.user_id)).to_contain_text(longest)


async def shows_the_title(tab: Tab, trip: str, title: str) -> None:
    """A channel's heading, its line in the list and the page's title all say this."""
    await expect(tab.room.get_by_role("heading", level=1)).to_have_text(title)
    await expect(tab.card(trip)).to_contain_text(title)
    await expect(tab.page).to_have_title(re.compile(re.escape(title)))


async def test_the_trips_new_title_is_everywhere_at_once(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    everybody = (bo.account, cleo.account)
    trip = await ana.account.makes_trip("Lisbon in May", *everybody)
    other = await ana.account.makes_trip("Porto", *everybody)
    elsewhere = await bo.another_tab()
    await elsewhere.opens(other)
    await bo.page.bring_to_front()
    await bo.opens(trip)
    await cleo.visits("/")
    await ana.opens(trip)
    tabs = [ana, bo, elsewhere, cleo]
    for tab in tabs:
        await expect(tab.card(trip)).to_contain_text("Lisbon in May")
        await stays(tab)

    await opens_the_trip_form(ana)
    await expect(ana.part("edit-trip-title")).to_have_value("Lisbon in May")
    await ana.fills(edit_trip_title="Sintra & <b>Lisbon</b>")
    await ana.page.get_by_label("Where to?").last.fill("Portugal")
    await ana.part("trip-save").click()
    for closed in ("edit-trip-title", "leave"):
        await expect(ana.part(closed)).not_to_be_visible()
    for tab in (ana, bo):
        await shows_the_title(tab, trip, "Sintra & <b>Lisbon</b>")
        await expect(tab.room.get_by_text("Portugal", exact=True)).to_be_visible()
    for tab in (elsewhere, cleo):
        await expect(tab.card(trip)).to_contain_text("Sintra & <b>Lisbon</b>")
        await expect(tab.card(other)).to_contain_text("Porto")
    await expect(cleo.card(trip)).to_contain_text("Portugal")
    for tab in tabs:
        await expect(tab.app).not_to_contain_text("Lisbon in May")
        await has_stayed(tab)
    for tab in (bo, cleo):
        await tab.reloads()
        await expect(tab.card(trip)).to_contain_text("Sintra & <b>Lisbon</b>")


async def test_only_organisers_are_offered_to_change_a_trip(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    for who, offered in ((ana, 1), (bo, 0)):
        await who.page.get_by_role("button", name="More about this trip").click()
        await expect(who.part("leave")).to_be_visible()
        await expect(who.part("trip-edit")).to_have_count(offered)


async def test_what_i_do_not_change_about_a_trip_stays(person: NewPerson) -> None:
    ana = await person("Ana")
    facts = {
        "destination": "Lisbon, Portugal",
        "starts_on": "2030-05-01",
        "ends_on": "2030-05-08",
        "time_zone": "Asia/Kolkata",
    }
    trip = (await ana.account.posts("/api/trips", {"title": "Lisbon", **facts}))["trip_id"]
    await ana.opens(trip)
    await opens_the_trip_form(ana)
    await ana.fills(edit_trip_title="Lisbon again")
    await ana.part("edit-trip-title").press("Enter")
    await shows_the_title(ana, trip, "Lisbon again")
    [stored] = (await ana.account.http.get("/api/trips")).json()
    assert stored["title"] == "Lisbon again"
    assert {name: stored[name] for name in facts} == facts


@pytest.mark.parametrize(
    ("title", "words"),
    [("", "missing"), ("  ", "missing"), ("x" * (TITLE_CHARS + 1), "too long")],
    ids=["empty", "blank", "too-long"],
)
async def test_a_title_that_is_none_is_refused_in_the_form(
    person: NewPerson, title: str, words: str
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    ana.may_hear(CALL_REFUSED)
    await opens_the_trip_form(ana)
    await ana.fills(edit_trip_title=title)
    await ana.part("trip-save").click()
    dialog = ana.page.get_by_role("dialog", name="The trip")
    await expect(dialog.get_by_test_id("form-error")).to_contain_text(words)
    await expect(ana.part("edit-trip-title")).to_have_attribute("aria-invalid", "true")
    await shows_the_title(bo, trip, "Lisbon")
    await ana.fills(edit_trip_title="y" * TITLE_CHARS)
    await ana.part("trip-save").click()
    await expect(dialog).not_to_be_visible()
    for who in (ana, bo):
        await shows_the_title(who, trip, "y" * TITLE_CHARS)


async def test_a_form_that_is_open_is_not_upset_by_what_others_write(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await opens_the_trip_form(ana)
    await ana.fills(edit_trip_title="Half a tit")
    await bo.sends("Are you there?")
    await ana.sees("Are you there?")
    await expect(ana.part("edit-trip-title")).to_be_focused()
    await ana.part("edit-trip-title").press_sequentially("le")
    await expect(ana.part("edit-trip-title")).to_have_value("Half a title")
    await ana.part("edit-trip-title").press("Enter")
    await shows_the_title(bo, trip, "Half a title")
