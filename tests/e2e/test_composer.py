"""Writing: answering somebody, what the keys do, how the field grows."""

from playwright.async_api import ConsoleMessage, expect

from tests.e2e.person import NewPerson, Person, Tab
from tests.e2e.test_channel import together
from tests.e2e.test_phone import PHONE

TYPING = "[tripchat] Typing indicator instantly broadcasted to all connected clients: true"


async def replies_to(tab: Tab, seq: int) -> None:
    """Begin an answer to the message with this number."""
    await tab.at(seq).hover()
    await tab.at(seq).get_by_test_id("message-reply").click()
    await expect(tab.part("reply-bar")).to_be_visible()


async def edits(person: Person, trip: str, seq: int, text: str) -> None:
    """Change, as a program, what a message says."""
    path = f"/api/trips/{trip}/messages/{seq}"
    (await person.account.http.put(path, json={"text": text})).raise_for_status()


async def deletes(person: Person, trip: str, seq: int) -> None:
    """Delete, as a program, a message."""
    path = f"/api/trips/{trip}/messages/{seq}"
    (await person.account.http.delete(path)).raise_for_status()


async def test_an_answer_says_what_it_answers_before_and_after_it_is_sent(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo Smith")
    await bo.sends("Where do\nwe **meet**?")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await expect(ana.part("reply-bar")).to_have_text("Replying to Bo Smith: Where do we meet?")
    await expect(ana.composer).to_be_focused()
    await expect(ana.composer).to_have_accessible_description(
        "Replying to Bo Smith: Where do we meet?"
    )
    await ana.sends("At the station")
    await expect(ana.part("reply-bar")).to_have_count(0)
    for who in (ana, bo):
        await who.sees("At the station")
        quote = who.at(2).get_by_test_id("reply-quote")
        await expect(quote).to_have_attribute("data-reply-to-seq", "1")
    # The next one answers nothing.
    await ana.sends("Or not")
    await bo.has_seen(3)
    assert [message.get("reply_to_seq") for message in await ana.account.reads(trip)] == [
        None,
        1,
        None,
    ]


async def test_escape_and_the_button_take_an_answer_back_and_leave_the_text(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Where?")
    await ana.has_seen(1)
    await ana.writes("There")
    await replies_to(ana, 1)
    await ana.composer.press("Escape")
    await expect(ana.part("reply-bar")).to_have_count(0)
    await replies_to(ana, 1)
    await ana.part("reply-cancel").click()
    await expect(ana.part("reply-bar")).to_have_count(0)
    await replies_to(ana, 1)
    await ana.part("reply-cancel").press("Escape")
    await expect(ana.part("reply-bar")).to_have_count(0)
    await expect(ana.composer).to_be_focused()
    await expect(ana.composer).to_have_value("There")
    await ana.composer.press("Enter")
    await bo.has_seen(2)
    assert "reply_to_seq" not in (await ana.account.reads(trip))[1]


async def test_an_answer_can_turn_to_another_message_and_to_my_own(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("First")
    await ana.has_seen(1)
    await ana.sends("Second")
    await bo.has_seen(2)
    await replies_to(ana, 1)
    await replies_to(ana, 2)
    await expect(ana.part("reply-bar")).to_have_count(1)
    await expect(ana.part("reply-bar")).to_have_text("Replying to yourself: Second")
    await ana.sends("Third")
    await bo.has_seen(3)
    assert (await ana.account.reads(trip))[2]["reply_to_seq"] == 2


async def test_what_is_answered_is_told_as_it_is_by_now(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("At eight")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await edits(bo, trip, 1, "At *nine*")
    await expect(ana.part("reply-bar")).to_have_text("Replying to Bo: At nine")


async def test_an_answer_to_what_was_deleted_meanwhile_says_so_and_is_sent_without_it(
    person: NewPerson,
) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("Never mind")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await deletes(bo, trip, 1)
    await expect(ana.part("reply-bar")).to_contain_text("deleted")
    await expect(ana.part("reply-bar")).not_to_contain_text("Never")
    await ana.sends("I do mind")
    await bo.sees("I do mind")
    await expect(ana.part("reply-bar")).to_have_count(0)
    assert "reply_to_seq" not in (await ana.account.reads(trip))[1]


async def test_arrow_up_in_an_empty_field_edits_my_last_message(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("Mine")
    await bo.has_seen(1)
    await bo.sends("Not mine")
    await ana.has_seen(2)
    await ana.writes("Not empty")
    await ana.composer.press("ArrowUp")
    await expect(ana.composer).to_be_focused()
    await expect(ana.part("edit-input")).to_have_count(0)
    await ana.writes("")
    await ana.composer.press("ArrowUp")
    await expect(ana.at(1).get_by_test_id("edit-input")).to_be_focused()


async def test_the_keys_belong_to_an_input_method_while_it_composes(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await bo.sends("こんにちは")
    await ana.has_seen(1)
    await replies_to(ana, 1)
    await ana.writes("は")
    for key in ("Enter", "Escape"):
        await ana.composer.evaluate(
            """(field, key) => field.dispatchEvent(
              new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true })
            )""",
            key,
        )
    await expect(ana.composer).to_have_value("は")
    await expect(ana.part("reply-bar")).to_be_visible()
    await ana.composer.press("Enter")
    await bo.has_seen(2)
    assert [message["text"] for message in await ana.account.reads(trip)] == ["こんにちは", "は"]


def tells_of_typing(line: ConsoleMessage) -> bool:
    return TYPING in line.text


async def test_only_writing_is_told_as_typing(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    async with ana.page.expect_console_message(tells_of_typing):
        await ana.writes("A draft")
    await bo.account.writes(trip, "Hello")
    ana.console.clear()
    await ana.reloads()
    await ana.has_seen(1)
    await expect(ana.composer).to_have_value("A draft")
    await replies_to(ana, 1)
    await ana.composer.press("Home")
    await ana.writes("")
    await ana.composer.press("Enter")
    await expect(ana.room.get_by_test_id("form-error")).to_contain_text("Write something")
    assert not [line for line in ana.console if TYPING in line]

    async with ana.page.expect_console_message(tells_of_typing):
        await ana.composer.press("H")
    await expect(bo.part("typing")).to_have_attribute("data-user-ids", ana.account.user_id)
    assert len([line for line in ana.console if TYPING in line]) == 1
    await ana.composer.press("Enter")
    await expect(bo.part("typing")).to_have_attribute("data-user-ids", "")


async def test_the_field_grows_with_the_text_as_far_as_there_is_room(person: NewPerson) -> None:
    ana = await person("Ana", **PHONE)
    await ana.opens(await ana.account.makes_trip())
    one = await height(ana)
    await ana.writes("one\ntwo\nthree")
    assert one < await height(ana) < 4 * one
    for screen in (844, 430):
        await ana.page.set_viewport_size({"width": 390, "height": screen})
        await ana.writes("and then\n" * 100)
        assert 3 * one < await height(ana) <= 0.41 * screen
        assert await ana.composer.evaluate("field => field.scrollHeight > field.clientHeight")
        await expect(ana.part("composer-send")).to_be_in_viewport(ratio=1)
    await ana.part("composer-send").tap()
    await ana.has_seen(1)
    assert await height(ana) == one


async def height(person: Person) -> float:
    """How high the field is."""
    box = await person.composer.bounding_box()
    assert box is not None
    return box["height"]


async def test_an_opened_trip_is_ready_to_be_written_in_where_there_is_a_keyboard(
    person: NewPerson,
) -> None:
    ana, bo = await person("Ana"), await person("Bo", **PHONE)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    for who in (ana, bo):
        await who.opens(trip)
    await expect(ana.composer).to_be_focused()
    await expect(bo.composer).not_to_be_focused()
