"""Changing what one has written: in place, for everybody, with what it said before kept."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, expect

from tests.e2e import watch
from tests.e2e.acting import action, begins_to_edit, edits, reads, sees_it_deleted, sees_it_edited
from tests.e2e.line import one_message_on_a_line, together_on_a_line
from tests.e2e.person import NewDevice, NewPerson, Tab, together
from tests.e2e.scrolling import reads_back_to
from tests.e2e.test_channel import LONGEST

SOME = 130

SAID = """(seq) => {
  // What the message says from one moment to the next; null while it is a field.
  const said = [];
  const note = () => {
    const row = document.querySelector(`[data-testid=message][data-seq="${seq}"]`);
    const text = row?.querySelector("[data-testid=message-text]")?.textContent ?? null;
    if (said.at(-1) !== text || !said.length) said.push(text);
  };
  note();
  new MutationObserver(note).observe(document, {
    subtree: true, childList: true, characterData: true,
  });
  return said;
}"""


def field(tab: Tab) -> Locator:
    """Where a message is edited."""
    return tab.part("edit-input")


def sign(tab: Tab, seq: int) -> Locator:
    """The word that says that a message was edited."""
    return tab.at(seq).get_by_test_id("message-edited")


def version(tab: Tab) -> Locator:
    """What a message said before its edits, newest first."""
    return tab.part("message-version")


async def test_i_edit_my_message_in_its_place_and_every_tab_follows(
    person: NewPerson, device: NewDevice
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    phone = await device(ana)
    await phone.opens(trip)
    await ana.account.writes_all(trip, ["Meet at nine", "At the station", "Bring water"])
    tabs = [ana, phone, bo]
    for tab in tabs:
        await tab.has_seen(3)
        await expect(tab.at(1)).to_have_attribute("data-edited", "false")
        await expect(sign(tab, 1)).to_have_count(0)
        await tab.watches(watch.ROWS)

    await begins_to_edit(ana, 1)
    await expect(field(ana)).to_have_value("Meet at nine")
    await expect(ana.at(1).get_by_test_id("message-text")).to_have_count(0)
    await field(ana).fill("Meet at ten")
    await ana.part("edit-save").click()
    for tab in tabs:
        await sees_it_edited(tab, 1, "Meet at ten")
        await reads(tab, 2, "At the station")
    await expect(field(ana)).to_have_count(0)
    await expect(ana.composer).to_be_focused()

    for tab in tabs:
        for row in (await tab.page.evaluate("window.rows")).values():
            assert row["counts"] == [1]
            assert len(row["elements"]) == 1, "the row was replaced: it may have flickered"
    later = await bo.another_tab()
    await later.opens(trip)
    await sees_it_edited(later, 1, "Meet at ten")
    for name in ("edited", "seq", "state", "starts-group"):
        assert await later.attributes(name) == await bo.attributes(name)


async def test_an_edited_message_tells_when_that_was(person: NewPerson) -> None:
    ana = await person("Ana", timezone_id="Europe/Lisbon")
    bo = await person("Bo", timezone_id="Asia/Kolkata")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Meet at nine")
    for who in (ana, bo):
        await who.opens(trip)
    await edits(ana, 1, "Meet at ten")
    for who, zone in ((ana, "Europe/Lisbon"), (bo, "Asia/Kolkata")):
        await sees_it_edited(who, 1, "Meet at ten")
        [stored] = await ana.account.reads(trip)
        there = datetime.fromisoformat(stored["edited_at"]).astimezone(ZoneInfo(zone))
        title = await sign(who, 1).get_attribute("title") or ""
        assert title.startswith("Edited ")
        for part in (f"{there:%A}", f"{there.day} {there:%B %Y}", f"{there:%H:%M}"):
            assert part in title
        # When it was sent is told as before.
        await expect(who.at(1).get_by_test_id("message-time")).to_have_attribute(
            "datetime", stored["sent_at"]
        )


async def test_the_keys_of_the_field(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("Milk")
    await bo.sees("Milk")

    await begins_to_edit(ana, 1)
    await field(ana).press("End")
    await field(ana).press("Shift+Enter")
    await field(ana).press_sequentially("Bread")
    await expect(field(ana)).to_have_value("Milk\nBread")
    await field(ana).press("Escape")
    await expect(field(ana)).to_have_count(0)
    await reads(ana, 1, "Milk")
    await expect(ana.composer).to_be_focused()

    await begins_to_edit(ana, 1)
    await expect(field(ana)).to_have_value("Milk")
    await field(ana).press_sequentially(" and honey")
    await ana.part("edit-cancel").click()
    await expect(field(ana)).to_have_count(0)
    await expect(ana.composer).to_be_focused()

    await begins_to_edit(ana, 1)
    await field(ana).press_sequentially("!")
    await field(ana).press("Shift+Enter")
    await field(ana).press_sequentially("Bread!")
    await field(ana).press("Enter")
    for who in (ana, bo):
        await sees_it_edited(who, 1, "Milk!\nBread!")
        text = who.at(1).get_by_test_id("message-text")
        assert await text.inner_text() == "Milk!\nBread!", "the break has to be seen"
    [stored] = await bo.account.reads(trip)
    assert stored["text"] == "Milk!\nBread!"


async def test_saving_the_same_words_changes_nothing(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("As it was")
    await bo.sees("As it was")
    await begins_to_edit(ana, 1)
    await field(ana).press("Enter")
    await ana.sends("And on")
    await bo.sees("And on")
    for who in (ana, bo):
        await expect(who.at(1)).to_have_attribute("data-edited", "false")
    assert "edited_at" not in (await bo.account.reads(trip))[0]


async def test_arrow_up_in_the_empty_composer_edits_what_i_said_last(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.account.writes_all(trip, ["First", "Second"])
    await bo.account.writes(trip, "Not mine")
    await ana.has_seen(3)
    await ana.composer.press_sequentially("Half")
    await ana.composer.press("ArrowUp")
    await expect(field(ana)).to_have_count(0)
    await ana.writes("")
    await ana.composer.press("ArrowUp")
    await expect(ana.at(2).get_by_test_id("edit-input")).to_be_focused()
    await expect(field(ana)).to_have_value("Second")
    await field(ana).press_sequentially(" thoughts")
    await field(ana).press("Enter")
    await sees_it_edited(bo, 2, "Second thoughts")
    # One hand stays on the keys: again, and back out.
    await ana.composer.press("ArrowUp")
    await expect(field(ana)).to_have_value("Second thoughts")
    await field(ana).press("Escape")
    await expect(ana.composer).to_be_focused()
    await ana.sends("Third")
    await ana.sees("Third")
    await ana.composer.press("ArrowUp")
    await expect(ana.at(4).get_by_test_id("edit-input")).to_have_value("Third")


async def test_nobody_edits_what_another_wrote(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("By the organiser")
    await bo.sees("By the organiser")
    await bo.sends("By a member")
    for who, mine, others in ((ana, 1, 2), (bo, 2, 1)):
        await who.has_seen(2)
        await expect(action(who, mine, "edit")).to_have_count(1)
        await expect(action(who, others, "reply")).to_have_count(1)
        await expect(action(who, others, "edit")).to_have_count(0)


async def test_a_tab_that_reads_far_back_follows(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon", bo.account, cleo.account)
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, SOME + 1)))
    await ana.opens(trip, at=20)
    await bo.opens(trip)
    await bo.has_seen(SOME)
    await reads_back_to(bo, 20)
    await cleo.opens(trip)
    await cleo.has_seen(SOME)
    await edits(ana, 20, "Message *twenty*")
    await sees_it_edited(bo, 20, "Message twenty")
    await sees_it_edited(ana, 20, "Message twenty")
    # Who comes to it later reads it as it is by then.
    await reads_back_to(cleo, 20)
    await sees_it_edited(cleo, 20, "Message twenty")


async def test_every_member_can_read_what_it_said_before(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("Meet at **nine**")
    await ana.sends("Never edited")
    await bo.has_seen(2)
    await edits(ana, 1, "Meet at ten")
    await edits(ana, 1, "Meet at eleven")
    moments = []
    for who in (ana, bo):
        await sees_it_edited(who, 1, "Meet at eleven")
        await sign(who, 1).click()
        dialog = who.page.get_by_role("dialog", name="Earlier versions")
        await expect(dialog).to_be_visible()
        await expect(version(who)).to_have_count(2)
        bodies = version(who).get_by_test_id("message-text")
        await expect(bodies).to_have_text(["Meet at ten", "Meet at nine"])
        await expect(bodies.nth(1).locator("strong")).to_have_text("nine")
        times = version(who).locator("time")
        moments.append(await times.evaluate_all("all => all.map(each => each.dateTime)"))
        await who.page.keyboard.press("Escape")
        await expect(dialog).not_to_be_visible()
    [newer, older], others = moments
    assert others == [newer, older]
    stored = (await bo.account.reads(trip))[0]
    assert datetime.fromisoformat(older) == datetime.fromisoformat(stored["sent_at"])
    assert older <= newer <= stored["edited_at"]


async def test_the_versions_are_those_of_the_message_i_ask_about(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    for seq, words in enumerate(("first", "second"), 1):
        await ana.account.writes(trip, f"The {words} as it was")
        await ana.account.edits(trip, seq, f"The {words} as it is")
    for seq, words in ((1, "first"), (2, "second"), (1, "first")):
        await sign(bo, seq).click()
        await expect(version(bo).get_by_test_id("message-text")).to_have_text(
            [f"The {words} as it was"]
        )
        await bo.page.keyboard.press("Escape")


async def test_while_an_edit_is_on_its_way_its_words_are_there(person: NewPerson) -> None:
    _, ana, bo, line = await one_message_on_a_line(person, "Meet at nine")
    said = await bo.page.evaluate_handle(SAID, 1)
    line.hold()
    await edits(bo, 1, "Meet at ten")
    await reads(bo, 1, "Meet at ten")
    await expect(bo.at(1)).to_have_attribute("data-changing", "true")
    await reads(ana, 1, "Meet at nine")
    line.release()
    for who in (ana, bo):
        await sees_it_edited(who, 1, "Meet at ten")
    assert await said.json_value() == ["Meet at nine", None, "Meet at ten"]


async def test_what_is_edited_again_begins_with_what_i_wrote_last(person: NewPerson) -> None:
    trip, ana, bo, line = await one_message_on_a_line(person, "Meet at nine")
    line.hold()
    await edits(bo, 1, "Meet at ten")
    await begins_to_edit(bo, 1)
    await expect(field(bo)).to_have_value("Meet at ten")
    await field(bo).fill("Meet at nine")  # as the server still has it
    await field(bo).press("Enter")
    await reads(bo, 1, "Meet at nine")
    line.release()
    for who in (ana, bo):
        await sees_it_edited(who, 1, "Meet at nine")
    assert [message["text"] for message in await bo.account.reads(trip)] == ["Meet at nine"]


async def test_an_edit_of_what_an_organiser_deleted_meanwhile_says_why(person: NewPerson) -> None:
    trip, ana, bo, line = await one_message_on_a_line(person, "Meet at nine")
    line.hold()
    await edits(bo, 1, "Meet at ten")
    await reads(bo, 1, "Meet at ten")
    await ana.account.deletes(trip, 1)
    await sees_it_deleted(bo, 1)
    line.release()
    await expect(bo.part("toast")).to_have_attribute("data-kind", "error")
    await expect(bo.part("toast")).to_contain_text("deleted")
    for who in (ana, bo):
        await sees_it_deleted(who, 1)
        await expect(who.at(1)).to_have_attribute("data-changing", "false")
    await bo.sends("Oh")
    await ana.sees("Oh")


async def test_a_message_that_is_deleted_while_i_edit_it_closes_its_field(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Meet at nine")
    await begins_to_edit(bo, 1)
    await field(bo).press_sequentially(" or ten")
    await ana.account.deletes(trip, 1)
    await sees_it_deleted(bo, 1)
    await expect(field(bo)).to_have_count(0)
    await bo.sends("Oh")
    await ana.sees("Oh")


async def test_a_refused_edit_shows_what_is_true(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Meet at nine")
    for who in (ana, bo):
        await who.sees("Meet at nine")
    await edits(bo, 1, "\u200b\u2060")  # the field lets it pass, the server sees nothing in it
    await expect(bo.part("toast")).to_have_attribute("data-kind", "error")
    await expect(bo.part("toast")).to_contain_text("empty")
    for who in (ana, bo):
        await reads(who, 1, "Meet at nine")
        await expect(who.at(1)).to_have_attribute("data-edited", "false")
        await expect(who.at(1)).to_have_attribute("data-changing", "false")
    assert [message["text"] for message in await bo.account.reads(trip)] == ["Meet at nine"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Write something"), (" \n", "Write something"), ("x" * (LONGEST + 1), "too long")],
    ids=["empty", "blank", "too-long"],
)
async def test_what_cannot_be_saved_says_so_in_its_place(
    person: NewPerson, text: str, words: str
) -> None:
    trip, (ana,) = await together(person, "Ana")
    await ana.sends("Meet at nine")
    await ana.sees("Meet at nine")
    await begins_to_edit(ana, 1)
    await field(ana).fill(text)
    await expect(ana.at(1).get_by_role("alert")).to_contain_text(words)
    await expect(ana.part("edit-save")).to_be_disabled()
    await field(ana).press("Enter")
    await expect(field(ana)).to_have_value(text)
    await field(ana).press("Escape")
    await reads(ana, 1, "Meet at nine")
    [stored] = await ana.account.reads(trip)
    assert stored["text"] == "Meet at nine"
    assert "edited_at" not in stored


async def test_an_edit_without_a_connection_is_stored_when_it_is_back(person: NewPerson) -> None:
    trip, ana, bo, line = await one_message_on_a_line(person, "Meet at nine")
    await line.cut()
    await bo.is_cut_off()
    await edits(bo, 1, "Meet at ten")
    await edits(bo, 1, "Meet at eleven")
    await reads(bo, 1, "Meet at eleven")
    await expect(bo.at(1)).to_have_attribute("data-changing", "true")
    await reads(ana, 1, "Meet at nine")
    line.mend()
    for who in (ana, bo):
        await sees_it_edited(who, 1, "Meet at eleven")
    versions = await ana.account.http.get(f"/api/trips/{trip}/messages/1/versions")
    assert [each["body"]["text"] for each in versions.json()] == ["Meet at nine"]


async def test_an_edit_whose_answer_was_lost_is_made_once(person: NewPerson) -> None:
    trip, ana, bo, line = await one_message_on_a_line(person, "Meet at nine")
    line.silence()
    await edits(bo, 1, "Meet at ten")
    await sees_it_edited(ana, 1, "Meet at ten")
    await expect(bo.at(1)).to_have_attribute("data-changing", "true")
    await line.cut()
    line.mend()
    await sees_it_edited(bo, 1, "Meet at ten")
    versions = await ana.account.http.get(f"/api/trips/{trip}/messages/1/versions")
    assert [each["body"]["text"] for each in versions.json()] == ["Meet at nine"]


async def test_an_edit_i_missed_is_there_when_i_am_back(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await ana.account.writes_all(trip, (f"Message {number}" for number in range(1, SOME + 1)))
    await bo.has_seen(SOME)
    await reads_back_to(bo, 1)
    await line.cut()
    await bo.is_cut_off()
    await ana.account.edits(trip, SOME, "The newest, changed")
    await ana.account.edits(trip, 2, "An old one, changed")
    await reads(bo, 2, "Message 2")
    line.mend()
    await bo.is_live()
    await sees_it_edited(bo, 2, "An old one, changed")
    await sees_it_edited(bo, SOME, "The newest, changed")


async def test_my_list_of_trips_tells_the_last_message_as_it_is_by_now(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, ["Before", "Meet at nine"])
    await ana.opens(trip)
    await bo.visits("/")
    await expect(bo.card(trip)).to_contain_text("Meet at nine")
    await edits(ana, 2, "Meet at ten")
    await edits(ana, 1, "Long before")
    for who in (ana, bo):
        await expect(who.card(trip)).to_contain_text("Meet at ten")
        await expect(who.card(trip)).not_to_contain_text(re.compile("nine|before"))
    # An edit is not a new message.
    await expect(bo.card(trip)).to_have_attribute("data-unread", "2")
    await bo.reloads()
    await expect(bo.card(trip)).to_contain_text("Meet at ten")
