"""Reacting with an emoji: at once for me, the same for everybody in the end."""

import asyncio

from playwright.async_api import Locator, expect

from tests.e2e.line import Line
from tests.e2e.person import NewDevice, NewPerson, Person, Tab, together
from tests.e2e.scrolling import reads_back_to
from tests.e2e.watch import Watched

THUMB, HEART, ROCKET = "👍", "❤️", "🚀"

TWENTY = list("🍎🍐🍊🍋🍌🍉🍇🍓🫐🍈🍒🍑🥭🍍🥥🥝🍅🍆🥑🥦")
"""As many different ones as a message has at most."""


def option(tab: Tab, emoji: str) -> Locator:
    """An emoji in the picker."""
    return tab.page.locator(f'[data-testid=emoji-option][data-emoji="{emoji}"]')


def recent(tab: Tab) -> Locator:
    """The emoji in the picker that were used last."""
    return tab.part("emoji-recent")


async def opens_the_picker(tab: Tab, seq: int) -> None:
    """Press the button beside a message."""
    await tab.at(seq).hover()
    await tab.at(seq).get_by_test_id("message-react").click()
    await expect(tab.part("emoji-option").first).to_be_visible()


async def reacts(tab: Tab, seq: int, emoji: str) -> None:
    """Pick an emoji for a message."""
    await opens_the_picker(tab, seq)
    await option(tab, emoji).click()


async def toggles(tab: Tab, seq: int, emoji: str) -> None:
    """Click on an emoji under a message."""
    await tab.reaction(seq, emoji).click()


async def sees_reaction(tab: Tab, seq: int, emoji: str, who: str, *, mine: bool) -> None:
    """An emoji stands under a message, with as many as are named, in this order."""
    count = len(who.split(" and "))
    reaction = tab.reaction(seq, emoji)
    await expect(reaction).to_have_attribute("data-count", str(count))
    await expect(reaction).to_have_attribute("data-mine", str(mine).lower())
    await expect(reaction).to_have_attribute("title", who)
    await expect(reaction).to_contain_text(str(count))


async def sees_no_reaction(tab: Tab, seq: int) -> None:
    """Nothing stands under a message."""
    await expect(tab.reactions(seq)).to_have_count(0)


async def stored(person: Person, trip: str, seq: int) -> list[tuple[str, int]]:
    """Each emoji of a message and its count, as the server has them."""
    [message] = await person.account.reads(trip, after=seq - 1, before=seq + 1)
    return [(each["emoji"], each["count"]) for each in message.get("reactions", [])]


async def have_a_message(person: NewPerson, *names: str) -> tuple[str, list[Person]]:
    """People in a trip with one message, which all of them see."""
    trip, people = await together(person, *names)
    await people[0].account.writes(trip, "Who has the tickets?")
    for each in people:
        await each.has_seen(1)
    return trip, people


async def test_what_i_pick_stands_under_the_message_for_everybody(
    person: NewPerson, device: NewDevice
) -> None:
    trip, (ana, bo) = await have_a_message(person, "Ana", "Bo")
    phone = await device(ana)
    await phone.opens(trip)
    await reacts(ana, 1, ROCKET)
    for mine in (ana, phone):
        await sees_reaction(mine, 1, ROCKET, "You", mine=True)
    await sees_reaction(bo, 1, ROCKET, "Ana", mine=False)
    await reacts(bo, 1, THUMB)
    await expect(ana.reactions(1)).to_have_count(2)
    late = await bo.another_tab()
    await late.opens(trip)
    for tab in (ana, phone, bo, late):
        emojis = await tab.reactions(1).evaluate_all("all => all.map(e => e.dataset.emoji)")
        assert emojis == [ROCKET, THUMB]
    await sees_reaction(late, 1, ROCKET, "Ana", mine=False)
    await sees_reaction(late, 1, THUMB, "You", mine=True)


async def test_a_click_adds_mine_and_another_takes_it_away(
    person: NewPerson, device: NewDevice
) -> None:
    trip, (ana, bo) = await have_a_message(person, "Ana", "Bo")
    phone = await device(bo)
    await phone.opens(trip)
    await reacts(ana, 1, HEART)
    await sees_reaction(bo, 1, HEART, "Ana", mine=False)
    await toggles(bo, 1, HEART)
    await sees_reaction(ana, 1, HEART, "You and Bo", mine=True)
    for mine in (bo, phone):
        await sees_reaction(mine, 1, HEART, "Ana and You", mine=True)
    await toggles(phone, 1, HEART)
    for tab in (bo, phone):
        await sees_reaction(tab, 1, HEART, "Ana", mine=False)
    await sees_reaction(ana, 1, HEART, "You", mine=True)
    await toggles(ana, 1, HEART)
    for tab in (ana, bo, phone):
        await sees_no_reaction(tab, 1)
    assert await stored(ana, trip, 1) == []


async def test_an_emoji_is_found_by_its_name_and_offered_again(person: NewPerson) -> None:
    trip, (ana, bo) = await have_a_message(person, "Ana", "Bo")
    await ana.account.writes(trip, "And who drives?")
    await ana.has_seen(2)
    await opens_the_picker(ana, 1)
    await expect(recent(ana)).to_have_count(0)
    await ana.part("emoji-search").fill("rocket")
    await expect(ana.part("emoji-option").first).to_have_attribute("data-emoji", ROCKET)
    await ana.part("emoji-search").press("Enter")
    await sees_reaction(bo, 1, ROCKET, "Ana", mine=False)

    await ana.reloads()
    await opens_the_picker(ana, 2)
    await expect(recent(ana)).to_have_attribute("data-emoji", ROCKET)
    await recent(ana).click()
    await sees_reaction(bo, 2, ROCKET, "Ana", mine=False)
    await sees_reaction(ana, 2, ROCKET, "You", mine=True)


async def test_picking_what_is_there_as_mine_already_keeps_it(person: NewPerson) -> None:
    trip, (ana, bo) = await have_a_message(person, "Ana", "Bo")
    await reacts(ana, 1, THUMB)
    await sees_reaction(bo, 1, THUMB, "Ana", mine=False)
    await reacts(ana, 1, THUMB)
    await reacts(ana, 1, HEART)
    await sees_reaction(bo, 1, HEART, "Ana", mine=False)
    await sees_reaction(bo, 1, THUMB, "Ana", mine=False)
    assert await stored(ana, trip, 1) == [(THUMB, 1), (HEART, 1)]


async def test_two_who_react_at_once_both_count(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    lines = [await Line.of(each) for each in (ana, bo)]
    trip = await ana.account.makes_trip("Lisbon", bo.account, cleo.account)
    await ana.account.writes(trip, "Who has the tickets?")
    await asyncio.gather(*(each.opens(trip) for each in (ana, bo, cleo)))
    for line in lines:
        line.hold()
    for each in (ana, bo):
        await reacts(each, 1, THUMB)
        await sees_reaction(each, 1, THUMB, "You", mine=True)
    for line in lines:
        line.release()
    for each in (ana, bo, cleo):
        await expect(each.reaction(1, THUMB)).to_have_attribute("data-count", "2")
    await asyncio.gather(*(toggles(each, 1, THUMB) for each in (ana, bo, cleo)))
    for each in (ana, bo, cleo):
        await expect(each.reaction(1, THUMB)).to_have_attribute("data-count", "1")
    await sees_reaction(ana, 1, THUMB, "Cleo", mine=False)
    await sees_reaction(cleo, 1, THUMB, "You", mine=True)
    assert await stored(ana, trip, 1) == [(THUMB, 1)]


async def test_mine_is_there_before_the_server_answers_and_stays(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Who has the tickets?")
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    selector = f'[data-testid=reaction][data-emoji="{THUMB}"]'
    counts = await Watched.on(ana.page, selector, "data-count")
    mine = await Watched.on(ana.page, selector, "data-mine")
    line.hold()
    await reacts(ana, 1, THUMB)
    await sees_reaction(ana, 1, THUMB, "You", mine=True)
    assert await stored(bo, trip, 1) == []
    # Meanwhile the server tells of another's.
    await bo.account.reacts(trip, 1, THUMB)
    await sees_reaction(ana, 1, THUMB, "Bo and You", mine=True)
    line.release()
    await sees_reaction(bo, 1, THUMB, "You and Ana", mine=True)
    await bo.sends("Done")
    await ana.sees("Done")
    await sees_reaction(ana, 1, THUMB, "Bo and You", mine=True)
    assert await counts.values() == [None, "1", "2"]
    assert await mine.values() == [None, "true"]


async def test_who_changes_their_mind_before_the_server_answers_gets_the_last_word(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Who has the tickets?")
    await ana.account.reacts(trip, 1, HEART)
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    await sees_reaction(ana, 1, HEART, "You", mine=True)
    line.hold()
    await reacts(ana, 1, THUMB)
    await toggles(ana, 1, THUMB)
    await expect(ana.reaction(1, THUMB)).to_have_count(0)
    await toggles(ana, 1, HEART)
    await sees_no_reaction(ana, 1)
    await reacts(ana, 1, ROCKET)
    line.release()
    for tab in (ana, bo):
        await expect(tab.reactions(1)).to_have_count(1)
        await expect(tab.reaction(1, ROCKET)).to_have_attribute("data-count", "1")
    assert await stored(ana, trip, 1) == [(ROCKET, 1)]


async def test_one_too_many_is_taken_back_and_it_says_why(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Who has the tickets?")
    for emoji in TWENTY:
        await bo.account.reacts(trip, 1, emoji)
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    seen_by_bo = await Watched.on(bo.page, f'[data-emoji="{THUMB}"]', "data-count")
    await expect(ana.reactions(1)).to_have_count(20)
    line.hold()
    await reacts(ana, 1, THUMB)
    await sees_reaction(ana, 1, THUMB, "You", mine=True)
    line.release()
    await expect(ana.part("toast")).to_have_attribute("data-kind", "error")
    await expect(ana.part("toast")).to_contain_text("at most 20")
    await expect(ana.reaction(1, THUMB)).to_have_count(0)
    await expect(ana.reactions(1)).to_have_count(20)
    # One of those that are there can still be joined.
    await toggles(ana, 1, TWENTY[0])
    await sees_reaction(bo, 1, TWENTY[0], "You and Ana", mine=True)
    assert await seen_by_bo.values() == [None]
    assert len(await stored(ana, trip, 1)) == 20


async def test_a_reaction_to_what_was_deleted_meanwhile_is_taken_back(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.account.writes(trip, "Forget it")
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    line.hold()
    await reacts(ana, 1, THUMB)
    await sees_reaction(ana, 1, THUMB, "You", mine=True)
    await bo.account.deletes(trip, 1)
    await expect(ana.at(1)).to_have_attribute("data-state", "deleted")
    await sees_no_reaction(ana, 1)
    line.release()
    await expect(ana.part("toast")).to_contain_text("deleted")
    await sees_no_reaction(ana, 1)
    await ana.sends("Never mind")
    await bo.sees("Never mind")
    await sees_no_reaction(bo, 1)


async def test_a_reaction_in_a_dead_spot_is_made_afterwards(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Who has the tickets?")
    await bo.account.reacts(trip, 1, HEART)
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    await line.cut()
    await ana.is_cut_off()
    await reacts(ana, 1, THUMB)
    await toggles(ana, 1, HEART)
    await sees_reaction(ana, 1, THUMB, "You", mine=True)
    await bo.account.reacts(trip, 1, ROCKET)
    await bo.account.unreacts(trip, 1, HEART)
    await expect(bo.reaction(1, HEART)).to_have_count(0)
    line.mend()
    await ana.is_live()
    for tab, name, other in ((ana, "You", "Bo"), (bo, "Ana", "You")):
        await sees_reaction(tab, 1, THUMB, name, mine=tab is ana)
        await sees_reaction(tab, 1, HEART, name, mine=tab is ana)
        await sees_reaction(tab, 1, ROCKET, other, mine=tab is bo)


async def test_what_happens_far_above_the_newest_messages_is_followed(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Message {number}." for number in range(1, 151)))
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    await reads_back_to(ana, 10)
    await bo.account.reacts(trip, 10, THUMB)
    await sees_reaction(ana, 10, THUMB, "Bo", mine=False)
    await toggles(ana, 10, THUMB)
    await sees_reaction(ana, 10, THUMB, "Bo and You", mine=True)
    await reacts(ana, 11, HEART)
    # Bo, who was at the end all the time, comes to see it.
    await expect(bo.timeline).to_have_attribute("data-at-end", "true")
    await reads_back_to(bo, 10)
    await sees_reaction(bo, 10, THUMB, "You and Ana", mine=True)
    await sees_reaction(bo, 11, HEART, "Ana", mine=False)
    await toggles(bo, 10, THUMB)
    await sees_reaction(ana, 10, THUMB, "You", mine=True)


async def test_reactions_do_not_move_who_is_at_the_end_or_reads_further_up(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Message {number}." for number in range(1, 101)))
    await asyncio.gather(ana.opens(trip), bo.opens(trip, at=60))
    await expect(bo.at(60)).to_be_in_viewport(ratio=0.99)
    stood = await bo.at(60).evaluate("row => row.getBoundingClientRect().top")
    for seq in (42, 45, 48, 99, 100):
        await ana.account.reacts(trip, seq, THUMB)
        await expect(bo.reaction(seq, THUMB)).to_have_count(1)
        await expect(ana.reaction(seq, THUMB)).to_have_count(1)
    await expect(ana.timeline).to_have_attribute("data-at-end", "true")
    await expect(ana.reaction(100, THUMB)).to_be_in_viewport()
    assert abs(await bo.at(60).evaluate("row => row.getBoundingClientRect().top") - stood) <= 2
