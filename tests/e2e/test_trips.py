"""Making a trip, inviting, joining, leaving, and the list of mine."""

import re

from playwright.async_api import expect

from tests.e2e.person import NewPerson, NewVisitor, Person
from tests.e2e.signing import is_signed_in, new_email, signs_in, signs_up
from tests.kit.people import Account
from tests.kit.server import Server


async def makes_trip(person: Person, title: str) -> str:
    """Make a trip in the page; gives its id."""
    await person.part("new-trip").click()
    await person.fills(new_trip_title=title)
    await person.part("new-trip-submit").click()
    await expect(person.room).to_be_visible()
    await person.is_live()
    return await person.room.get_attribute("data-trip-id") or ""


async def invites(person: Person) -> str:
    """Ask for an invite in the page; gives the link."""
    await person.part("invite").click()
    await expect(person.part("invite-link")).to_have_text(re.compile(r"^http.*/join/\S+$"))
    link = await person.part("invite-link").inner_text()
    await person.page.keyboard.press("Escape")
    return link


async def test_two_people_meet_in_a_trip_and_talk_and_a_reload_keeps_everything(
    visitor: NewVisitor,
) -> None:
    ana, bo = await visitor("Ana"), await visitor("Bo")
    await ana.visits("/")
    await signs_up(ana, "Ana Lima", new_email())
    await is_signed_in(ana)
    trip = await makes_trip(ana, "Lisbon in May")
    await expect(ana.room).to_have_attribute("data-member-count", "1")
    link = await invites(ana)

    await bo.page.goto(link)
    await bo.is_live()
    await expect(bo.app).to_contain_text("Lisbon in May")
    await expect(bo.app).to_contain_text("Ana Lima")
    await signs_up(bo, "Bo Berg", new_email())
    await bo.is_in(trip)
    await expect(ana.room).to_have_attribute("data-member-count", "2")

    for number in range(3):
        await ana.sends(f"Ana's line {number}")
        await bo.sees(f"Ana's line {number}")
        await bo.sends(f"Bo's line {number}")
        await ana.sees(f"Bo's line {number}")
    before = await ana.attributes("message-id")
    assert len(set(before)) == 6
    for who in (ana, bo):
        await who.reloads()
        await who.has_seen(6)
        await expect(who.part("unread-divider")).to_have_count(0)
        assert await who.attributes("message-id") == before
        assert sorted(await who.attributes("mine")) == ["false"] * 3 + ["true"] * 3
        await expect(who.room).to_have_attribute("data-member-count", "2")


async def test_each_message_tells_who_wrote_it_and_when(person: NewPerson) -> None:
    ana, bo = await person("Ana Lima"), await person("Bo Berg")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    sent = await bo.account.writes(trip, "Hello")
    stored = (await ana.account.reads(trip))[0]
    await ana.opens(trip)
    message = ana.message("Hello")
    await expect(message).to_have_attribute("data-author-id", bo.account.user_id)
    await expect(message).to_have_attribute("data-mine", "false")
    await expect(message).to_have_attribute("data-message-id", sent["message_id"])
    await expect(message.get_by_test_id("message-author")).to_have_text("Bo Berg")
    await expect(message.get_by_test_id("message-time")).to_have_attribute(
        "datetime", stored["sent_at"]
    )


async def test_the_invite_works_for_somebody_who_has_an_account(
    person: NewPerson, visitor: NewVisitor, server: Server
) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    code = await ana.account.invites_to(trip)
    account = await Account.sign_up(server.url, "Bo")
    bo = await visitor("Bo")
    await bo.visits(f"/join/{code}")
    await signs_in(bo, account.email)
    await bo.is_in(trip)
    await account.close()


async def test_the_invite_works_for_somebody_who_is_signed_in(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon in May")
    await ana.account.writes(trip, "Welcome")
    await bo.visits(f"/join/{await ana.account.invites_to(trip)}")
    await expect(bo.app).to_contain_text("Lisbon in May")
    await expect(bo.app).not_to_contain_text("Welcome")
    await bo.part("join-accept").click()
    await bo.is_in(trip)
    await bo.sees("Welcome")


async def test_an_invite_that_no_longer_works_says_why(person: NewPerson) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon in May")
    revoked = await ana.account.invites_to(trip)
    await ana.account.revokes(revoked)
    used_up = await ana.account.invites_to(trip, max_uses=1)
    await bo.account.joins(used_up)
    for code, words in ((revoked, "revoked"), (used_up, "used"), ("nothing", "no such invite")):
        await cleo.visits(f"/join/{code}")
        await expect(cleo.part("join-accept")).to_have_count(0)
        await expect(cleo.app).to_contain_text(re.compile(words, re.IGNORECASE))


async def test_an_invite_revoked_while_i_look_at_it_says_so_when_i_accept(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip()
    code = await ana.account.invites_to(trip)
    await bo.visits(f"/join/{code}")
    await expect(bo.part("join-accept")).to_be_visible()
    await ana.account.revokes(code)
    await bo.part("join-accept").click()
    await expect(bo.app).to_contain_text("revoked")
    await expect(bo.part("join-accept")).to_have_count(0)


async def test_a_link_for_one_person_lets_in_one_and_can_be_taken_back(
    person: NewPerson,
) -> None:
    ana, bo, cleo = await person("Ana"), await person("Bo"), await person("Cleo")
    trip = await ana.account.makes_trip("Lisbon")
    await ana.opens(trip)
    first = await invites(ana)
    await ana.part("invite").click()
    await ana.page.get_by_label("Lets in").select_option("1 person")
    await ana.part("invite-new").click()
    await expect(ana.part("invite-link")).not_to_have_text(first)
    second = await ana.part("invite-link").inner_text()
    await expect(ana.part("invite-other")).to_contain_text(first)

    await bo.page.goto(second)
    await bo.part("join-accept").click()
    await bo.is_in(trip)
    await cleo.page.goto(second)
    await cleo.is_live()
    await expect(cleo.app).to_contain_text("used")
    await expect(cleo.part("join-accept")).to_have_count(0)

    await ana.part("invite-other").get_by_test_id("invite-revoke").click()
    await expect(ana.part("invite-other")).to_have_count(0)
    await cleo.page.goto(first)
    await cleo.is_live()
    await expect(cleo.app).to_contain_text("revoked")
    await expect(cleo.part("join-accept")).to_have_count(0)


async def test_i_leave_a_trip_and_my_words_stay(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo Berg")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    other = await bo.account.makes_trip("Porto")
    await bo.account.writes(trip, "Farewell")
    await ana.opens(trip)
    await bo.opens(trip)
    await bo.page.get_by_role("button", name="More about this trip").click()
    await bo.part("leave").click()
    await bo.part("leave-confirm").click()
    await expect(bo.card(other)).to_be_visible()
    await expect(bo.card(trip)).to_have_count(0)
    await expect(ana.room).to_have_attribute("data-member-count", "1")
    await ana.sees("Farewell")
    await expect(ana.message("Farewell").get_by_test_id("message-author")).to_have_text("Bo Berg")
    await bo.visits(f"/trip/{trip}")
    await expect(bo.room).to_have_count(0)


async def test_whoever_is_taken_out_of_a_trip_sees_it_close(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes(trip, "Still among us")
    await bo.opens(trip)
    await bo.sees("Still among us")
    gone = await ana.account.http.delete(f"/api/trips/{trip}/members/{bo.account.user_id}")
    assert gone.status_code == 204
    await expect(bo.room).to_have_count(0)
    await ana.account.writes(trip, "Without him")
    await expect(bo.app).not_to_contain_text("Still among us")
    await bo.reloads()
    await expect(bo.room).to_have_count(0)


async def test_an_organiser_takes_somebody_out_after_being_asked(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    await bo.opens(trip)
    await expect(bo.part("member")).to_have_count(2)
    await expect(bo.part("member-remove")).to_have_count(0)
    await ana.part("member-remove").click()
    await expect(ana.page.get_by_role("dialog")).to_contain_text("Bo")
    await expect(ana.room).to_have_attribute("data-member-count", "2")
    await ana.part("member-remove-confirm").click()
    await expect(ana.room).to_have_attribute("data-member-count", "1")
    await expect(bo.room).to_have_count(0)
    await expect(bo.app).to_contain_text("not in this trip")


async def test_whoever_comes_back_finds_the_trip_open_again(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    # All within one page, which is never loaded anew.
    await bo.visits("/")
    await bo.card(trip).click()
    await bo.is_in(trip)
    await ana.account.removes(trip, bo.account)
    await expect(bo.app).to_contain_text("not in this trip")
    await bo.account.joins(await ana.account.invites_to(trip))
    await bo.page.go_back()
    await bo.card(trip).click()
    await bo.is_in(trip)
    await bo.sends("Here I am again")
    await bo.sees("Here I am again")


async def test_the_members_are_listed_with_who_is_here(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    bo_in_the_list = ana.page.locator(f'[data-testid=member][data-user-id="{bo.account.user_id}"]')
    await expect(ana.part("member")).to_have_count(2)
    await expect(bo_in_the_list).to_have_attribute("data-online", "false")
    await expect(bo_in_the_list).to_have_attribute("data-role", "member")
    await bo.opens(trip)
    await expect(bo_in_the_list).to_have_attribute("data-online", "true")
    await bo.page.close()
    await expect(bo_in_the_list).to_have_attribute("data-online", "false")


async def test_the_list_of_my_trips_follows_what_happens_in_them(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await bo.visits("/")
    cards = bo.part("trip-card")
    for trip, text in ((lisbon, "Train at nine"), (porto, "Port wine!"), (lisbon, "Or at ten?")):
        await ana.account.writes(trip, text)
        await expect(cards.first).to_have_attribute("data-trip-id", trip)
        await expect(cards.first).to_contain_text("Ana")
        await expect(cards.first).to_contain_text(text)
    await expect(cards).to_have_count(2)
    await expect(bo.card(lisbon)).to_have_attribute("data-unread", "2")
    await expect(bo.card(porto)).to_have_attribute("data-unread", "1")

    await bo.card(lisbon).click()
    await bo.is_in(lisbon)
    await bo.has_seen(2)
    await expect(bo.card(lisbon)).to_have_attribute("data-unread", "0")
    await expect(bo.card(porto)).to_have_attribute("data-unread", "1")
    await ana.account.writes(porto, "Or two bottles?")
    await expect(bo.card(porto)).to_have_attribute("data-unread", "2")
    await ana.account.writes(lisbon, "Ten it is")
    await bo.sees("Ten it is")
    await expect(cards.first).to_have_attribute("data-trip-id", lisbon)
    await expect(bo.card(lisbon)).to_have_attribute("data-unread", "0")


async def test_what_i_have_read_is_read_in_my_other_tab_and_after_a_reload(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, ["One", "Two", "Three"])
    list_tab = await bo.another_tab()
    await list_tab.visits("/")
    await expect(list_tab.card(trip)).to_have_attribute("data-unread", "3")
    await bo.page.bring_to_front()
    await bo.opens(trip)
    await expect(list_tab.card(trip)).to_have_attribute("data-unread", "0")
    await list_tab.reloads()
    await expect(list_tab.card(trip)).to_have_attribute("data-unread", "0")


async def test_a_trip_i_join_elsewhere_appears_in_my_list(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    await bo.visits("/")
    await expect(bo.part("new-trip")).to_be_visible()
    await expect(bo.part("trip-card")).to_have_count(0)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await expect(bo.card(trip)).to_be_visible()
    await ana.account.writes(trip, "There you are")
    await expect(bo.card(trip)).to_have_attribute("data-unread", "1")
    await bo.account.leaves(trip)
    await expect(bo.card(trip)).to_have_count(0)


async def test_going_from_trip_to_trip_shows_each_its_own_messages(person: NewPerson) -> None:
    ana = await person("Ana")
    lisbon = await ana.account.makes_trip("Lisbon")
    porto = await ana.account.makes_trip("Porto")
    await ana.account.writes_all(lisbon, ["Tram", "Fado"])
    await ana.account.writes_all(porto, ["Bridge", "Cellar", "River"])
    await ana.opens(lisbon)
    for _ in range(2):
        await ana.card(porto).click()
        await ana.is_in(porto)
        await ana.has_seen(3)
        await expect(ana.messages).to_have_text(
            [re.compile(w) for w in ("Bridge", "Cellar", "River")]
        )
        await ana.card(lisbon).click()
        await ana.is_in(lisbon)
        await ana.has_seen(2)
        await expect(ana.messages).to_have_text([re.compile(w) for w in ("Tram", "Fado")])
    await ana.sends("In Lisbon")
    await ana.sees("In Lisbon")
    assert [m["text"] for m in await ana.account.reads(lisbon)] == ["Tram", "Fado", "In Lisbon"]


async def test_back_and_forward_go_between_my_trips_and_one_of_them(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip("Lisbon")
    await ana.account.writes(trip, "First")
    await ana.visits("/")
    await ana.card(trip).click()
    await ana.is_in(trip)
    await ana.sends("Second")
    await ana.sees("Second")
    await ana.page.go_back()
    await expect(ana.room).to_have_count(0)
    await expect(ana.card(trip)).to_contain_text("Second")
    await ana.account.writes(trip, "Third")
    await expect(ana.card(trip)).to_contain_text("Third")
    await ana.page.go_forward()
    await ana.is_in(trip)
    await ana.has_seen(3)
    await ana.is_live()
    await ana.sends("Fourth")
    await ana.sees("Fourth")
    await ana.has_seen(4)
