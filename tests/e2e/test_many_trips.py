"""Several trips in one tab: what was seen before is there at once, and the others keep telling."""

import asyncio

from playwright.async_api import expect

from tests.e2e import acting, watch
from tests.e2e.line import Line
from tests.e2e.person import NewPerson, Person, Tab
from tests.e2e.scrolling import reads_back_to, shows_no_gap


async def two_trips(ana: Person, bo: Person) -> tuple[str, str]:
    """Two trips that both are in, each with some messages."""
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await bo.account.writes_all(lisbon, (f"Lisbon {number}." for number in range(1, 11)))
    await bo.account.writes_all(porto, (f"Porto {number}." for number in range(1, 6)))
    return lisbon, porto


async def has_unread(tab: Tab, trip_id: str, count: int, mentions: int = 0) -> None:
    """A trip in the list has so many unread messages."""
    await expect(tab.card(trip_id)).to_have_attribute("data-unread", str(count))
    await expect(tab.card(trip_id)).to_have_attribute("data-mentions", str(mentions))


async def shows(tab: Tab, name: str, count: int) -> None:
    """These messages of one trip are on the page and none of another."""
    await expect(tab.messages).to_have_count(count)
    texts = await tab.part("message-text").all_inner_texts()
    assert texts == [f"{name} {number}." for number in range(1, count + 1)]


async def test_a_trip_seen_before_is_there_before_the_server_answers(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    lisbon, porto = await two_trips(ana, bo)
    await ana.opens(lisbon)
    await shows(ana, "Lisbon", 10)
    await ana.goes_to(porto)
    await shows(ana, "Porto", 5)

    line.hold()
    await ana.watches(watch.ROWS)
    for trip, name, count in ((lisbon, "Lisbon", 10), (porto, "Porto", 5), (lisbon, "Lisbon", 10)):
        await ana.card(trip).click()
        await ana.is_in(trip)
        await shows(ana, name, count)
        await expect(ana.at(count)).to_be_in_viewport(ratio=0.99)
        await expect(ana.room.get_by_role("heading", level=1)).to_have_text(name)
        await expect(ana.member(bo.account.user_id)).to_have_count(1)
    await expect(ana.app).to_have_attribute("data-hydrated", "false")
    await bo.account.writes(lisbon, "Lisbon 11.")
    line.release()
    await ana.is_live()
    await ana.has_seen(11)
    await shows(ana, "Lisbon", 11)
    for row in (await ana.page.evaluate("rows")).values():
        assert max(row["counts"]) == 1
        assert row["states"] == ["sent"]


async def test_a_trip_not_seen_before_shows_nothing_of_another(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    lisbon, porto = await two_trips(ana, bo)
    await ana.opens(lisbon)
    await shows(ana, "Lisbon", 10)
    line.hold()
    await ana.card(porto).click()
    await expect(ana.page).to_have_url(f"{ana.url}/trip/{porto}")
    await expect(ana.messages).to_have_count(0)
    line.release()
    await ana.is_in(porto)
    await shows(ana, "Porto", 5)


async def test_what_i_write_before_the_server_answers_goes_to_the_right_trip(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    line = await Line.of(ana)
    lisbon, porto = await two_trips(ana, bo)
    await ana.opens(lisbon)
    await ana.goes_to(porto)
    line.hold()
    await ana.card(lisbon).click()
    await ana.is_in(lisbon)
    await ana.sends("To Lisbon, early")
    await expect(ana.message("To Lisbon, early")).to_have_attribute("data-state", "sending")
    await ana.card(porto).click()
    await ana.is_in(porto)
    await expect(ana.message("To Lisbon, early")).to_have_count(0)
    await ana.sends("To Porto, early")
    line.release()
    await ana.sees("To Porto, early")
    await ana.card(lisbon).click()
    await ana.sees("To Lisbon, early")
    for trip, count in ((lisbon, 11), (porto, 6)):
        stored = await bo.account.reads(trip)
        assert len(stored) == count
    await expect(ana.messages).to_have_count(11)


async def test_the_other_trips_tell_of_themselves_while_i_read_this_one(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana Lima"), await person("Bo")
    lisbon, porto = await two_trips(ana, bo)
    await ana.opens(porto)
    await ana.goes_to(lisbon)
    await shows(ana, "Lisbon", 10)
    await has_unread(ana, porto, 0)

    await bo.opens(porto)
    await bo.sends("Which platform?")
    await has_unread(ana, porto, 1)
    await expect(ana.card(porto)).to_contain_text("Which platform?")
    await bo.sends("Do you know, @Ana Lima?")
    await has_unread(ana, porto, 2, mentions=1)
    await bo.sends("The train leaves.")
    await has_unread(ana, porto, 3, mentions=1)
    await expect(ana.page).to_have_title("(3) Lisbon · TripChat")
    await has_unread(ana, lisbon, 0)
    await shows(ana, "Lisbon", 10)

    # What is taken back names nobody any more, and an edit may.
    await bo.account.deletes(porto, 7)
    await has_unread(ana, porto, 3)
    await bo.account.edits(porto, 6, "Which platform, @Ana Lima?")
    await has_unread(ana, porto, 3, mentions=1)

    await ana.goes_to(porto)
    await has_unread(ana, porto, 0)
    await expect(ana.page).to_have_title("Porto · TripChat")


async def test_what_changed_while_i_was_elsewhere_is_right_when_i_come_back(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await bo.account.writes_all(lisbon, (f"Lisbon {number}." for number in range(1, 151)))
    await ana.opens(lisbon)
    await reads_back_to(ana, 1)
    await ana.goes_to(porto)
    # In the newest messages, and in pages far above them.
    for seq in (2, 30, 120, 147):
        await bo.account.edits(lisbon, seq, f"Edited {seq}.")
        await bo.account.deletes(lisbon, seq + 1)
        await bo.account.reacts(lisbon, seq + 2, "👍")
    await bo.account.writes(lisbon, "Lisbon 151.", reply_to_seq=2)

    await ana.goes_to(lisbon)
    await ana.has_seen(151)
    for seq in (147, 120, 30, 2):
        await reads_back_to(ana, seq)
        await acting.sees_it_edited(ana, seq, f"Edited {seq}.")
        await acting.sees_it_deleted(ana, seq + 1)
    for seq in (149, 122, 32, 4):
        await expect(ana.reaction(seq, "👍")).to_have_attribute("data-count", "1")
    await expect(acting.quote(ana, 151)).to_contain_text("Edited 2.")
    await shows_no_gap(ana)


async def test_so_is_a_trip_in_which_very_much_has_changed(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await bo.account.writes_all(lisbon, (f"Lisbon {number}." for number in range(1, 301)))
    await ana.opens(lisbon)
    await reads_back_to(ana, 1)
    await ana.goes_to(porto)
    await asyncio.gather(
        *(bo.account.edits(lisbon, seq, f"Edited {seq}.") for seq in range(1, 301))
    )
    await ana.goes_to(lisbon)
    for seq in (300, 1):
        await reads_back_to(ana, seq)
        await acting.sees_it_edited(ana, seq, f"Edited {seq}.")
    await expect(ana.page.locator('[data-testid=message][data-edited="false"]')).to_have_count(0)
    assert await ana.part("message-text").all_inner_texts() == [
        f"Edited {seq}." for seq in range(1, 301)
    ]


async def test_coming_back_by_the_browsers_own_buttons_is_the_same(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon, porto = await two_trips(ana, bo)
    await ana.opens(lisbon)
    await ana.goes_to(porto)
    await bo.account.edits(lisbon, 10, "Lisbon, edited.")
    await ana.page.go_back()
    await ana.is_in(lisbon)
    await acting.sees_it_edited(ana, 10, "Lisbon, edited.")
    await ana.page.go_forward()
    await ana.is_in(porto)
    await shows(ana, "Porto", 5)
    await bo.account.writes(porto, "Porto 6.")
    await ana.has_seen(6)
    await shows(ana, "Porto", 6)


async def test_a_trip_that_i_lost_meanwhile_is_not_shown_again(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon, porto = await two_trips(ana, bo)
    await bo.opens(lisbon)
    await bo.goes_to(porto)
    await ana.account.removes(lisbon, bo.account)
    await expect(bo.card(lisbon)).to_have_count(0)
    await bo.page.go_back()
    await expect(bo.app).to_contain_text("not in this trip")
    await expect(bo.messages).to_have_count(0)
    await bo.page.go_forward()
    await bo.is_in(porto)
    await shows(bo, "Porto", 5)
