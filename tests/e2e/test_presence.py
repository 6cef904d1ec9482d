"""Who is here now: per person over all their tabs and devices, at once."""

import asyncio

from playwright.async_api import expect

from tests.e2e.line import together_on_a_line
from tests.e2e.person import NewDevice, NewPerson, Person, Tab, together
from tests.e2e.watch import Watched

VANISHED_PATIENCE_MS = 60_000
"""Nobody closes a connection that has vanished: it is noticed when it answers no more."""


async def sees_online(tab: Tab, person: Person) -> None:
    """Somebody is shown as being here."""
    await expect(tab.member(person.account.user_id)).to_have_attribute("data-online", "true")


async def sees_away(tab: Tab, person: Person, within_ms: float | None = None) -> None:
    """A member is shown as not being here."""
    member = tab.member(person.account.user_id)
    await expect(member).to_have_attribute("data-online", "false", timeout=within_ms)


async def watches_presence(tab: Tab, person: Person) -> Watched:
    """Note from now on whether somebody is shown as being here."""
    selector = f'[data-testid=member][data-user-id="{person.account.user_id}"]'
    return await Watched.on(tab.page, selector, "data-online")


async def sees_go(tab: Tab, person: Person) -> None:
    """Close a person's only tab and wait until that is seen.

    Whoever was left alone before that has been alone for longer than it takes to be shown as away.
    """
    await sees_online(tab, person)
    await person.page.close()
    await sees_away(tab, person)


async def test_i_am_here_when_i_open_the_trip_and_gone_when_i_close_it(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    await sees_online(ana, ana)
    await sees_away(ana, bo)
    seen = await watches_presence(ana, bo)
    await bo.opens(trip)
    await sees_online(ana, bo)
    await bo.page.close()
    await sees_away(ana, bo)
    assert await seen.values() == ["false", "true", "false"]


async def test_everybody_is_shown_to_whoever_comes_later(person: NewPerson) -> None:
    _, (ana, bo, cleo) = await together(person, "Ana", "Bo", "Cleo")
    for watcher in (ana, bo, cleo):
        for other in (ana, bo, cleo):
            await sees_online(watcher, other)
    await sees_go(ana, cleo)
    await bo.reloads()
    await sees_online(bo, ana)
    await sees_away(bo, cleo)


async def test_i_stay_here_while_another_tab_or_device_of_mine_is(
    person: NewPerson, device: NewDevice
) -> None:
    trip, (ana, bo, cleo, dan) = await together(person, "Ana", "Bo", "Cleo", "Dan")
    phone, second_tab = await device(bo), await bo.another_tab()
    await asyncio.gather(phone.opens(trip), second_tab.opens(trip))
    seen = await watches_presence(ana, bo)
    await bo.page.close()
    await sees_go(ana, cleo)
    await second_tab.page.close()
    await sees_go(ana, dan)
    assert await seen.values() == ["true"]
    await phone.page.close()
    await sees_away(ana, bo)
    assert await seen.values() == ["true", "false"]


async def test_a_lost_connection_is_seen_and_so_is_its_return(person: NewPerson) -> None:
    _, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await sees_online(ana, bo)
    seen = await watches_presence(ana, bo)
    await line.cut()
    await sees_away(ana, bo)
    line.mend()
    await sees_online(ana, bo)
    assert await seen.values() == ["true", "false", "true"]


async def test_a_vanished_tab_is_gone_by_itself(person: NewPerson) -> None:
    _, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await sees_online(ana, bo)
    seen = await watches_presence(ana, bo)
    line.hold()
    line.silence()
    await sees_away(ana, bo, within_ms=VANISHED_PATIENCE_MS)
    assert await seen.values() == ["true", "false"]


async def test_i_am_here_in_the_trip_that_i_look_at(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    lisbon = await ana.account.makes_trip("Lisbon", bo.account)
    porto = await ana.account.makes_trip("Porto", bo.account)
    in_porto = await ana.another_tab()
    await asyncio.gather(ana.opens(lisbon), in_porto.opens(porto), bo.opens(lisbon))
    await sees_online(ana, bo)
    await sees_away(in_porto, bo)
    await bo.goes_to(porto)
    await sees_away(ana, bo)
    await sees_online(in_porto, bo)
    await bo.page.go_back()
    await sees_online(ana, bo)
    await sees_away(in_porto, bo)
    await bo.visits("/")
    await sees_away(ana, bo)


async def test_whoever_leaves_the_trip_is_not_shown_at_all(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await sees_online(ana, bo)
    await bo.account.leaves(trip)
    await expect(ana.member(bo.account.user_id)).to_have_count(0)
    await expect(bo.room).to_have_count(0)
    # His page is still that trip's.
    await bo.account.joins(await ana.account.invites_to(trip))
    await sees_online(ana, bo)
    await sees_online(bo, ana)
