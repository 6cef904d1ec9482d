"""What became of a message of mine: when it was stored and broadcast, and whom it reached."""

import re
import sqlite3
from contextlib import closing

from playwright.async_api import expect

from tests.e2e.acting import action
from tests.e2e.person import NewDevice, NewPerson, Tab, together
from tests.kit.server import Server

MOMENT = re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$")


async def shows_details(tab: Tab, seq: int) -> None:
    """Open the details of a message, with the keyboard alone."""
    await action(tab, seq, "menu").focus()
    await tab.page.keyboard.press("Enter")
    await action(tab, seq, "details").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("dialog", name="Message details")).to_be_visible()


async def test_the_sender_sees_when_it_went_out_and_whom_it_reached(person: NewPerson) -> None:
    _, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    await cleo.visits("/")
    await expect(ana.member(cleo.account.user_id)).to_have_attribute("data-online", "false")
    await ana.sends("Hello")
    await bo.sees("Hello")
    await shows_details(ana, 1)
    await expect(ana.part("details-stored")).to_have_text(MOMENT)
    await expect(ana.part("details-broadcast")).to_have_text(MOMENT)
    told = [await ana.part(f"details-{name}").inner_text() for name in ("stored", "broadcast")]
    assert told == sorted(told)
    await expect(ana.part("details-reached")).to_have_text("1 of 2 members")
    await expect(ana.part("details-read")).to_have_text("Bo")
    await cleo.opens(await ana.room.get_attribute("data-trip-id") or "")
    await expect(ana.part("details-read")).to_have_text(re.compile("(Bo and Cleo|Cleo and Bo)"))
    await ana.page.keyboard.press("Escape")
    await expect(ana.part("details-stored")).not_to_be_visible()


async def test_all_of_it_is_there_after_a_reload_and_on_another_device(
    person: NewPerson, device: NewDevice
) -> None:
    trip, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    await cleo.visits("/")
    await expect(ana.member(cleo.account.user_id)).to_have_attribute("data-online", "false")
    await ana.account.writes(trip, "From elsewhere")
    await bo.sees("From elsewhere")
    await shows_details(ana, 1)
    await expect(ana.part("details-reached")).to_have_text("1 of 2 members")
    shown = await facts(ana)
    await cleo.opens(trip)
    await ana.reloads()
    await shows_details(ana, 1)
    await expect(ana.part("details-reached")).to_have_text("1 of 2 members")
    assert await facts(ana) == shown
    phone = await device(ana)
    await phone.opens(trip)
    await shows_details(phone, 1)
    await expect(phone.part("details-reached")).to_have_text("1 of 2 members")
    assert await facts(phone) == shown


async def test_who_has_read_it_before_that_was_stored_is_told_with_the_details(
    person: NewPerson, own_server: Server
) -> None:
    ana, bo = await person("Ana", at=own_server), await person("Bo", at=own_server)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    for text in ("Hello", "Again"):
        await ana.account.writes(trip, text)
    await own_server.stop()
    with closing(sqlite3.connect(own_server.database, isolation_level=None)) as database:
        moments = database.execute("SELECT broadcast_at, id FROM message").fetchall()
        database.execute("UPDATE message SET broadcast_at = NULL")
        await own_server.start()
        await ana.opens(trip)
        await shows_details(ana, 1)
        await expect(ana.part("details-reached")).to_have_text("0 of 1 member")
        await expect(ana.part("details-broadcast")).to_have_count(0)
        await ana.page.keyboard.press("Escape")
        database.executemany("UPDATE message SET broadcast_at = ? WHERE id = ?", moments)
    for seq in (1, 2):
        await shows_details(ana, seq)
        await expect(ana.part("details-broadcast")).to_have_text(MOMENT)
        await ana.page.keyboard.press("Escape")
    await ana.context.set_offline(True)
    await ana.is_cut_off()
    await shows_details(ana, 1)
    await expect(ana.part("details-broadcast")).to_have_text(MOMENT)


async def facts(tab: Tab) -> list[str]:
    """When the message was stored and broadcast, and whom it reached."""
    names = ("stored", "broadcast", "reached")
    return [await tab.part(f"details-{name}").inner_text() for name in names]


async def test_while_offline_there_is_what_is_known(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("Hello")
    await ana.sees("Hello")
    await bo.sees("Hello")
    await ana.context.set_offline(True)
    await ana.is_cut_off()
    await shows_details(ana, 1)
    await expect(ana.part("details-stored")).to_have_text(MOMENT)
    await expect(ana.part("details-broadcast")).to_have_text(MOMENT)
    await expect(ana.part("details-reached")).to_have_count(0)
    await ana.context.set_offline(False)
    await expect(ana.part("details-reached")).to_have_text("1 of 1 member", timeout=20_000)


async def test_they_are_for_the_author_alone(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("Hello")
    await bo.sees("Hello")
    await expect(action(bo, 1, "menu")).to_have_count(1)
    await expect(action(bo, 1, "details")).to_have_count(0)
