"""Answering a message: the answer shows what it answers, and leads there."""

from playwright.async_api import expect

from tests.e2e.acting import (
    action,
    begins_to_reply,
    edits,
    is_taken_to,
    quote,
    replies,
    sees_it_deleted,
)
from tests.e2e.line import Line, together_on_a_line
from tests.e2e.person import NewPerson, Person, Tab, together
from tests.e2e.scrolling import shows_no_gap

FAR = 200


async def sees_the_quote(tab: Tab, seq: int, original: int, author: str, line: str) -> None:
    """A reply shows who wrote what it answers, and what that says in a line."""
    await expect(quote(tab, seq)).to_have_count(1)
    await expect(quote(tab, seq)).to_have_attribute("data-reply-to-seq", str(original))
    await expect(quote(tab, seq)).to_have_attribute("data-deleted", "false")
    await expect(quote(tab, seq).locator("span")).to_have_text([author, line])


async def answers_from_afar(person: NewPerson) -> tuple[str, Person, Person]:
    """A trip whose newest message answers its third, some pages back."""
    ana, bo = await person("Ana Lima"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Message {number}." for number in range(1, FAR + 3)))
    await bo.account.writes(trip, "About that", reply_to_seq=3)
    return trip, ana, bo


async def test_a_reply_shows_what_it_answers_to_everybody(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana Lima", "Bo Berg")
    await ana.sends("Train at **nine**,\nplatform `seven`?")
    await bo.has_seen(1)
    await begins_to_reply(bo, 1)
    await expect(bo.part("reply-bar")).to_contain_text("Ana Lima")
    await expect(bo.part("reply-bar")).to_contain_text("Train at nine, platform seven?")
    await expect(bo.composer).to_be_focused()
    await bo.sends("Ten is better")
    await expect(bo.part("reply-bar")).to_have_count(0)
    later = await ana.another_tab()
    await later.opens(trip)
    for tab in (ana, bo, later):
        await tab.sees("Ten is better")
        await sees_the_quote(tab, 2, 1, "Ana Lima", "Train at nine, platform seven?")
        await expect(quote(tab, 1)).to_have_count(0)
    # An answer can be answered, and one's own message as well.
    await replies(ana, 2, "Fine")
    await replies(ana, 3, "Or eleven")
    for tab in (ana, bo, later):
        await sees_the_quote(tab, 3, 2, "Bo Berg", "Ten is better")
        await sees_the_quote(tab, 4, 3, "Ana Lima", "Fine")
    assert [m.get("reply_to_seq") for m in await bo.account.reads(trip)] == [None, 1, 2, 3]


async def test_a_click_on_the_quote_leads_to_the_message(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Message {number}." for number in range(1, 51)))
    await bo.account.writes(trip, "About that", reply_to_seq=5)
    await bo.opens(trip)
    await bo.has_seen(51)
    await expect(bo.at(5)).not_to_be_in_viewport()
    for _ in range(2):  # and once more
        await quote(bo, 51).click()
        await is_taken_to(bo, 5)
        await expect(bo.timeline).to_have_attribute("data-at-end", "false")
        await bo.part("jump-latest").click()
        await expect(bo.at(51)).to_be_in_viewport(ratio=0.99)
    await quote(bo, 51).focus()
    await bo.page.keyboard.press("Enter")
    await is_taken_to(bo, 5)


async def test_a_message_200_back_is_loaded_and_shown(person: NewPerson) -> None:
    trip, ana, bo = await answers_from_afar(person)
    await bo.opens(trip)
    await bo.has_seen(FAR + 3)
    await expect(bo.at(3)).to_have_count(0)
    await sees_the_quote(bo, FAR + 3, 3, "Ana Lima", "Message 3.")
    await quote(bo, FAR + 3).click()
    await is_taken_to(bo, 3)
    await shows_no_gap(bo)
    await expect(bo.part("jump-latest")).to_be_visible()
    await ana.account.writes(trip, "News")
    await expect(bo.part("jump-latest")).to_have_attribute("data-new", "1")
    await expect(bo.at(3)).to_be_in_viewport(ratio=0.99)
    await bo.part("jump-latest").click()
    await bo.sees("News")
    await expect(bo.message("News")).to_be_in_viewport(ratio=0.99)
    await shows_no_gap(bo)


async def test_the_quote_follows_an_edit_of_the_message(person: NewPerson) -> None:
    trip, ana, bo = await answers_from_afar(person)
    await bo.opens(trip)
    await bo.has_seen(FAR + 3)
    await replies(bo, FAR + 3, "And about this")
    await ana.opens(trip, at=3)
    await edits(ana, 3, "Message *three*,\nanew")
    # Here it has never been loaded.
    await expect(bo.at(3)).to_have_count(0)
    await sees_the_quote(bo, FAR + 3, 3, "Ana Lima", "Message three, anew")
    await edits(bo, FAR + 3, "About those")
    later = await bo.another_tab()
    await later.opens(trip)
    await ana.part("jump-latest").click()
    for tab in (ana, bo, later):
        await sees_the_quote(tab, FAR + 3, 3, "Ana Lima", "Message three, anew")
        await sees_the_quote(tab, FAR + 4, FAR + 3, "Bo", "About those")


async def test_what_i_begin_to_answer_may_change_and_vanish(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.account.writes_all(trip, ["Meet at nine", "Meet at the station"])
    await bo.has_seen(2)
    await begins_to_reply(bo, 1)
    await ana.account.edits(trip, 1, "Meet at ten")
    await expect(bo.part("reply-bar")).to_contain_text("Meet at ten")
    await ana.account.deletes(trip, 1)
    await expect(bo.part("reply-bar")).to_contain_text("deleted")
    await expect(bo.part("reply-bar")).not_to_contain_text("Meet at")
    await bo.sends("Why not?")
    for who in (ana, bo):
        await who.sees("Why not?")
        await expect(quote(who, 3)).to_have_count(0)
    assert "reply_to_seq" not in (await bo.account.reads(trip))[2]


async def test_a_reply_that_crosses_a_deletion_fails_and_says_why(person: NewPerson) -> None:
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await ana.sends("Meet at nine")
    await bo.sees("Meet at nine")
    line.hold()
    await replies(bo, 1, "Why not ten?")
    await expect(bo.message("Why not ten?")).to_have_attribute("data-state", "sending")
    await ana.account.deletes(trip, 1)
    await sees_it_deleted(bo, 1)
    line.release()
    mine = bo.message("Why not ten?")
    await expect(mine).to_have_attribute("data-state", "failed")
    await expect(mine).to_contain_text("The message to reply to was deleted")
    await expect(mine.get_by_test_id("reply-quote")).to_contain_text("Message deleted")
    await expect(ana.messages).to_have_count(1)
    # What was written is not lost: it goes out without what it answered.
    await mine.get_by_test_id("message-retry").click()
    for who in (ana, bo):
        await who.sees("Why not ten?")
        await expect(quote(who, 2)).to_have_count(0)


async def test_a_reply_without_a_connection_is_sent_with_its_quote(person: NewPerson) -> None:
    _, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await ana.sends("Meet at nine")
    await bo.sees("Meet at nine")
    await line.cut()
    await bo.is_cut_off()
    await replies(bo, 1, "Why not ten?")
    mine = bo.message("Why not ten?")
    await expect(mine).to_have_attribute("data-state", "sending")
    await expect(mine.get_by_test_id("reply-quote")).to_contain_text("Meet at nine")
    line.mend()
    for who in (ana, bo):
        await who.sees("Why not ten?")
        await sees_the_quote(who, 2, 1, "Ana", "Meet at nine")


async def test_a_reply_is_not_offered_for_what_is_not_stored(person: NewPerson) -> None:
    ana = await person("Ana")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip()
    await ana.opens(trip)
    line.hold()
    await ana.sends("On its way")
    await expect(ana.message("On its way")).to_have_attribute("data-state", "sending")
    for name in ("menu", "react", "reply", "edit", "delete"):
        await expect(ana.part(f"message-{name}")).to_have_count(0)
    line.release()
    await ana.sees("On its way")
    await expect(action(ana, 1, "reply")).to_have_count(1)
