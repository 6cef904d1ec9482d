"""Taking back what was said: only its place remains, everywhere."""

from playwright.async_api import expect

from tests.e2e.acting import action, quote, sees_it_deleted
from tests.e2e.line import one_message_on_a_line
from tests.e2e.person import NewDevice, NewPerson, together
from tests.e2e.scrolling import reads_back_to

SECRET = "The spare key is under the mat"
SOME = 130


async def test_what_i_delete_leaves_only_its_place_in_every_tab(
    person: NewPerson, device: NewDevice
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    phone = await device(ana)
    await phone.opens(trip)
    await ana.account.writes_all(trip, ["Before", SECRET, "After"])
    await ana.account.edits(trip, 2, f"{SECRET}!")
    for who, emoji in ((ana, "🔑"), (bo, "🔑"), (bo, "👍")):
        await who.account.reacts(trip, 2, emoji)
    tabs = [ana, phone, bo]
    for tab in tabs:
        await expect(tab.reactions(2)).to_have_count(2)

    await action(ana, 2, "delete").click()
    for tab in tabs:
        await sees_it_deleted(tab, 2)
        await expect(tab.app).not_to_contain_text(SECRET)
        assert SECRET not in await tab.page.content()
        await expect(tab.at(2).get_by_test_id("message-edited")).to_have_count(0)
        assert await tab.attributes("state") == ["sent", "deleted", "sent"]
    later = await bo.another_tab()
    await later.opens(trip)
    await sees_it_deleted(later, 2)
    for name in ("seq", "state", "edited", "starts-group", "author-id"):
        assert await later.attributes(name) == await bo.attributes(name)
    versions = await bo.account.http.get(f"/api/trips/{trip}/messages/2/versions")
    assert versions.json() == []
    await ana.sends("We talk on")
    await bo.sees("We talk on")


async def test_an_organiser_deletes_anything_and_everybody_else_their_own(
    person: NewPerson,
) -> None:
    trip, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    for who in (ana, bo, cleo):
        await who.account.writes(trip, f"By {who.name}")
    for who, own, others in ((ana, (1, 2, 3), ()), (bo, (2,), (1, 3)), (cleo, (3,), (1, 2))):
        await who.has_seen(3)
        for seq in own:
            await expect(action(who, seq, "delete")).to_have_count(1)
        for seq in others:
            await expect(action(who, seq, "reply")).to_have_count(1)
            await expect(action(who, seq, "delete")).to_have_count(0)
    await action(ana, 2, "delete").click()
    await action(cleo, 3, "delete").click()
    for who in (ana, bo, cleo):
        await sees_it_deleted(who, 2)
        await sees_it_deleted(who, 3)
        await who.sees("By Ana")


async def test_replies_show_that_what_they_answer_was_deleted(person: NewPerson) -> None:
    ana, bo = await person("Ana Lima"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, [SECRET, *(f"Message {n}" for n in range(2, SOME))])
    await bo.account.writes(trip, "Thanks", reply_to_seq=1)
    await ana.opens(trip, at=1)
    await bo.opens(trip)
    await expect(quote(bo, SOME)).to_contain_text(SECRET)
    await expect(bo.at(1)).to_have_count(0)
    await action(ana, 1, "delete").click()
    await ana.part("jump-latest").click()
    later = await bo.another_tab()
    await later.opens(trip)
    for tab in (ana, bo, later):
        await expect(quote(tab, SOME)).to_have_attribute("data-deleted", "true")
        await expect(quote(tab, SOME)).to_contain_text("Message deleted")
        await expect(quote(tab, SOME)).to_have_attribute("data-reply-to-seq", "1")
        await expect(tab.app).not_to_contain_text(SECRET)
    await quote(bo, SOME).click()
    await expect(bo.at(1)).to_be_in_viewport(ratio=0.99)
    await sees_it_deleted(bo, 1)


async def test_a_tab_that_reads_far_back_follows(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, (f"Message {number}." for number in range(1, SOME + 1)))
    await bo.account.reacts(trip, 20, "👍")
    await bo.opens(trip)
    await bo.has_seen(SOME)
    await reads_back_to(bo, 20)
    await expect(bo.reactions(20)).to_have_count(1)
    await ana.opens(trip, at=20)
    await action(ana, 20, "delete").click()
    for who in (ana, bo):
        await sees_it_deleted(who, 20)
        await expect(who.app).not_to_contain_text("Message 20.")


async def test_my_list_of_trips_says_that_the_last_message_was_deleted(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, ["Hello", SECRET])
    await ana.opens(trip)
    await bo.visits("/")
    await expect(bo.card(trip)).to_contain_text(SECRET)
    await action(ana, 2, "delete").click()
    for who in (ana, bo):
        await expect(who.card(trip)).to_contain_text("Message deleted")
        await expect(who.card(trip)).not_to_contain_text(SECRET)
    await bo.reloads()
    await expect(bo.card(trip)).to_contain_text("Message deleted")
    await bo.card(trip).click()
    await bo.is_in(trip)
    await sees_it_deleted(bo, 2)
    await expect(bo.card(trip)).to_contain_text("Message deleted")
    await ana.sends("Here again")
    for who in (ana, bo):
        await expect(who.card(trip)).to_contain_text("Here again")


async def test_what_i_delete_without_a_connection_is_deleted_when_it_is_back(
    person: NewPerson,
) -> None:
    _, ana, bo, line = await one_message_on_a_line(person, SECRET)
    await line.cut()
    await bo.is_cut_off()
    await action(bo, 1, "delete").click()
    await expect(bo.at(1)).to_have_attribute("data-changing", "true")
    await ana.sees(SECRET)
    line.mend()
    for who in (ana, bo):
        await sees_it_deleted(who, 1)


async def test_two_who_delete_the_same_both_see_it_gone(person: NewPerson) -> None:
    _, ana, bo, line = await one_message_on_a_line(person, SECRET)
    line.hold()
    await action(bo, 1, "delete").click()
    await action(ana, 1, "delete").click()
    for who in (ana, bo):
        await sees_it_deleted(who, 1)
    line.release()
    await bo.sends("Gone?")
    await ana.sees("Gone?")
    await expect(bo.part("toast")).to_have_count(0)
    await expect(bo.at(1)).to_have_attribute("data-changing", "false")
