"""Who is typing: the others see it while it lasts, and nothing of it stays."""

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest
from playwright.async_api import WebSocket, expect

from tests.e2e.line import together_on_a_line
from tests.e2e.person import NewDevice, NewPerson, Person, Tab, together
from tests.e2e.watch import Watched
from tests.kit.server import Server

BY_ITSELF_MS = 4900
"""What is gone sooner than this after the first key did not end by itself."""

APART_SECONDS = 2.0
"""Between two signs of typing from one person."""


async def presses_a_key(tab: Tab) -> None:
    """Begin to write."""
    await tab.composer.press_sequentially("H")


async def sees_typing(tab: Tab, *people: Person) -> None:
    """Exactly these are shown as typing, in this order."""
    ids = " ".join(each.account.user_id for each in people)
    await expect(tab.typing).to_have_attribute("data-user-ids", ids)


async def watches_typing(tab: Tab) -> Watched:
    """Note who is shown as typing from now on."""
    return await Watched.on(tab.page, "[data-testid=typing]", "data-user-ids")


async def sees_it_cut_short(tab: Tab, seen: Watched) -> None:
    """Nobody is shown as typing any more, sooner than it ends by itself."""
    await sees_typing(tab)
    _, begun, ended = await seen.history()
    assert ended.at - begun.at < BY_ITSELF_MS


async def test_everybody_else_sees_by_name_who_types(person: NewPerson, device: NewDevice) -> None:
    trip, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    phone = await device(ana)
    await phone.opens(trip)
    on_anas_screens = [await watches_typing(tab) for tab in (ana, phone)]
    await expect(cleo.typing).to_be_empty()

    await presses_a_key(ana)
    for other in (bo, cleo):
        await sees_typing(other, ana)
        await expect(other.typing).to_have_text("Ana is typing")
    await presses_a_key(bo)
    await sees_typing(cleo, ana, bo)
    await expect(cleo.typing).to_have_text("Ana and Bo are typing")
    await expect(bo.typing).to_have_text("Ana is typing")
    for mine in (ana, phone):
        await expect(mine.typing).to_have_text("Bo is typing")
    for seen in on_anas_screens:
        assert await seen.values() == ["", bo.account.user_id]


async def test_several_who_type_are_counted(person: NewPerson) -> None:
    _, (ana, *others) = await together(person, "Ana", "Bo", "Cleo", "Dan", "Eve")
    for number, other in enumerate(others, 1):
        await presses_a_key(other)
        await sees_typing(ana, *others[:number])
    await expect(ana.typing).to_have_text("Bo, Cleo and 2 others are typing")


async def test_two_devices_of_one_person_count_once(person: NewPerson, device: NewDevice) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    phone = await device(ana)
    await phone.opens(trip)
    await bo.account.writes(trip, "Meet at nine?")
    await bo.account.reacts(trip, 1, "👍")
    seen = await watches_typing(bo)
    await presses_a_key(ana)
    await sees_typing(bo, ana)
    await presses_a_key(phone)
    # What the phone says after it is heard after it.
    await phone.reaction(1, "👍").click()
    await expect(bo.reaction(1, "👍")).to_have_attribute("data-count", "2")
    await ana.page.close()
    await bo.account.writes(trip, "A moment later")
    await bo.sees("A moment later")
    await sees_typing(bo, ana)
    await expect(bo.typing).to_have_text("Ana is typing")
    await phone.composer.press("Enter")
    await bo.sees("H")
    await sees_typing(bo)
    assert await seen.values() == ["", ana.account.user_id, ""]


async def test_the_sent_message_takes_the_place_of_typing(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    message = await Watched.on(bo.page, "[data-testid=message]", "data-seq")
    typing = await watches_typing(bo)
    await ana.composer.press_sequentially("Hello")
    await sees_typing(bo, ana)
    await ana.composer.press("Enter")
    await bo.sees("Hello")
    await sees_typing(bo)
    [_, (_, shown)], [_, _, (_, ended)] = await message.history(), await typing.history()
    assert abs(ended - shown) < 100, "they come with one frame"


async def test_it_ends_by_itself_after_the_last_key(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await presses_a_key(ana)
    await sees_typing(bo, ana)
    await sees_typing(bo)
    # What stands there unsent does not count: only keys do.
    await expect(ana.composer).to_have_value("H")


async def test_writing_at_length_is_one_stretch_of_few_events(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    seen = await watches_typing(bo)
    said: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: said.append(str(frame)))

    ana.page.on("websocket", listen)
    await ana.reloads()
    started = time.monotonic()
    await ana.composer.press_sequentially("It is a long way to Lisbon. ", delay=250)
    took = time.monotonic() - started
    await sees_typing(bo, ana)
    signs = [frame for frame in said if ".types" in frame]
    assert 2 <= len(signs) <= 1 + took / APART_SECONDS
    assert sum(map(len, said)) < 1000 * (1 + len(signs)), "nothing else goes out for each key"
    await sees_typing(bo)
    assert await seen.values() == ["", ana.account.user_id, ""]


async def test_it_ends_with_the_tab(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    seen = await watches_typing(bo)
    await presses_a_key(ana)
    await sees_typing(bo, ana)
    await ana.page.close()
    await sees_it_cut_short(bo, seen)


async def test_it_ends_with_the_connection(person: NewPerson) -> None:
    _, (bo, ana), line = await together_on_a_line(person, "Bo", "Ana")
    seen = await watches_typing(bo)
    await presses_a_key(ana)
    await sees_typing(bo, ana)
    await line.cut()
    await sees_it_cut_short(bo, seen)
    await ana.is_cut_off()
    line.mend()
    await ana.is_live()
    await ana.composer.press_sequentially("i")
    await sees_typing(bo, ana)


async def test_whoever_lost_the_connection_sees_nobody_type(person: NewPerson) -> None:
    _, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    seen = await watches_typing(bo)
    await presses_a_key(ana)
    await sees_typing(bo, ana)
    await line.cut()
    await sees_it_cut_short(bo, seen)
    line.mend()
    await bo.is_live()


async def test_it_ends_when_the_typist_goes_to_another_trip(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    await asyncio.gather(ana.opens(trip), bo.opens(trip))
    elsewhere = await bo.another_tab()
    await elsewhere.opens(porto)
    seen = await watches_typing(bo)
    await presses_a_key(ana)
    await sees_typing(bo, ana)
    await ana.goes_to(porto)
    await sees_it_cut_short(bo, seen)
    await sees_typing(elsewhere)
    await ana.composer.press_sequentially("i")
    await sees_typing(elsewhere, ana)
    await sees_typing(bo)


async def test_it_ends_when_the_typist_leaves_the_trip(person: NewPerson) -> None:
    trip, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    seen = await watches_typing(bo)
    await presses_a_key(cleo)
    await sees_typing(bo, cleo)
    await cleo.account.leaves(trip)
    await sees_it_cut_short(bo, seen)
    await expect(ana.room).to_have_attribute("data-member-count", "2")


@pytest.mark.only("sqlite")
async def test_nothing_of_it_is_stored(person: NewPerson, server: Server) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    with closing(sqlite3.connect(server.database)) as database:

        def commits() -> int:
            return database.execute("PRAGMA data_version").fetchone()[0]

        before = commits()
        await presses_a_key(ana)
        await sees_typing(bo, ana)
        await presses_a_key(bo)
        await sees_typing(ana, bo)
        await bo.page.close()
        await sees_typing(ana)
        assert commits() == before
        await ana.composer.press("Enter")
        await ana.sees("H")
        assert commits() != before
